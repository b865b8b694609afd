/** A builder whose feed has ended: what `verify` says of that, and that the successor counts for nothing unless the policy lists it (RULES R1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFound, judge, readPolicy } from "../../../protocol/index.ts";
import type { Vote } from "../../../protocol/index.ts";
import { ends } from "../../protocol/lifecycle/endings.ts";
import {
  digestOf,
  feedBundle,
  keyOf,
  member,
  MemoryFeed,
  NETWORK,
  policyText,
  SAME,
  stage,
  TOOL,
} from "../cli/stage.ts";
import type { Member } from "../cli/stage.ts";

const [one, old, heir] = [member(1), member(2), member(3)];
const NOW = Date.now();
const goesOn = new MemoryFeed(3).append(keyOf(heir).link(TOOL, SAME));
const agrees = new MemoryFeed(1).append(keyOf(one).link(TOOL, SAME));

interface Answer {
  readonly verdict: string;
  readonly next: string | null;
  readonly votes: readonly { readonly vote: string; readonly successor?: string; readonly reason: string }[];
}

/** The verdict where these are the policy's builders, and this is the feed of the old one. */
async function verdictOf(
  members: readonly Member[],
  feed: MemoryFeed,
  ...more: MemoryFeed[]
): Promise<Answer> {
  const { verify } = await stage(members);
  const feeds = [agrees, goesOn, feed, ...more].map((each) => ({ feed: each, time: NOW }));
  const { objects } = await verify([feedBundle(feeds)]);
  return objects[0] as unknown as Answer;
}

test("a vote that is missing says that its builder's feed has ended, and which one goes on; that one does not count", async () => {
  const ended = new MemoryFeed(2).append(
    ends(keyOf(old), new MemoryFeed(2).origin, { successor: goesOn.origin }),
  );
  const { verdict, next, votes } = await verdictOf([one, old], ended);
  assert.equal(verdict, "pending");
  assert.equal(votes[1]?.successor, goesOn.origin);
  assert.match(
    votes[1]?.reason ?? "",
    /its key says that its feed has ended: "moved", and names samebits\/test\/.* which the policy does not list/,
  );
  assert.match(
    next ?? "",
    /^ask b2, by another way than the mesh, whether samebits\/test\/.* is its new feed/,
  );
  assert.equal(votes[0]?.successor, undefined);
});

test("where the policy lists the successor's key, it counts, and nothing is hinted", async () => {
  const ended = new MemoryFeed(2).append(
    ends(keyOf(old), new MemoryFeed(2).origin, { successor: goesOn.origin }),
  );
  const moved = { ...old, builders: [...old.builders, ...heir.builders] };
  const { verdict, votes } = await verdictOf([one, moved], ended);
  assert.deepEqual([verdict, votes[1]?.vote, votes[1]?.successor], ["reproduced", "agrees", undefined]);
  const apart = await verdictOf([one, old, heir], ended);
  assert.deepEqual([apart.verdict, apart.votes[1]?.successor], ["reproduced", undefined]);
});

/** The same as the mesh hands it over: what does not hold is left out. */
async function votesOn(...feeds: readonly MemoryFeed[]): Promise<readonly Vote[]> {
  const policy = readPolicy(policyText([one, old], [], 2), "policy.toml");
  const entries = feeds.flatMap((feed) =>
    feed.entries.map((entry, index) => {
      const proof = { entry, index, path: feed.inclusion(index), checkpoint: feed.note() };
      return { ...proof, signer: keyOf(old).key.raw };
    }),
  );
  const raw = { entries, envelopes: [], heads: [], evidence: [] };
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  const asked = { local: 0, mirrors: 0, peers: 1, dht: 0 };
  const rest = { settled: "all", asked, memory: new Map() } as const;
  const artifact = { sha256: digestOf(SAME), name: TOOL.file, target: TOOL, inside: null };
  return judge(artifact, { ...collected, ...rest }, policy, NOW).votes;
}

test("what others say of the end of a feed, or list of it, is no hint, and one that has spoken needs none", async () => {
  const name = new MemoryFeed(2).origin;
  const statement = ends(keyOf(old), name, { successor: goesOn.origin });
  const successorOf = async (feed: MemoryFeed): Promise<string | undefined> =>
    (await votesOn(agrees, feed))[1]?.successor;
  assert.equal(await successorOf(new MemoryFeed(2).append(statement)), goesOn.origin);
  assert.equal(await successorOf(new MemoryFeed(3).append(statement)), goesOn.origin);
  assert.equal(await successorOf(new MemoryFeed(4).append(statement)), undefined);
  const forged = ends(keyOf(heir), name, { successor: goesOn.origin });
  assert.equal(await successorOf(new MemoryFeed(2).append(forged)), undefined);
  const spoken = new MemoryFeed(2).append(keyOf(old).link(TOOL, SAME), statement);
  assert.equal((await votesOn(spoken))[1]?.vote, "agrees");
  assert.equal(await successorOf(spoken), undefined);
});
