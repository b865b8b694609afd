/** Who states the source of what was built is asked for when it is known what that is: a node's store, mirrors, and the mesh. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTarget, readPolicy, sha256, toHex, utf8 } from "../../../protocol/index.ts";
import type { FindResult, Question } from "../../../protocol/index.ts";
import { verify } from "../../../client/verify/index.ts";
import type { Outcome } from "../../../client/verify/index.ts";
import { newFolder } from "../../node/folder.ts";
import { digestOf, FILE, keyOf, member, MemoryFeed, NETWORK, policyText, SAME, TOOL } from "../cli/stage.ts";
import { answerOf } from "./answers.ts";

const [one, author] = [member(1), member(2)];
const SOURCE = "these sources";
const SOURCES = parseTarget("pkg:generic/tool-source@1.0", "tool.dsc");
const POLICY = readPolicy(
  policyText([one, author], ['source = { k = 1, of = "b2", step = "source" }'], 1).replace(
    'rebuilder"]\n\n[[rules]]',
    'author"]\n\n[[rules]]',
  ),
);

/** What is asked for by a target, and what by a digest. */
function ask(built: Uint8Array, ...stated: readonly Uint8Array[]): ReturnType<typeof askBoth> {
  return askBoth(built, stated, []);
}

/** The same; `about`: what is found by the target that the statements name, and not by the digest. */
async function askBoth(
  built: Uint8Array,
  stated: readonly Uint8Array[],
  about: readonly Uint8Array[],
): Promise<{ outcome: Outcome; asked: Question[] }> {
  const asked: Question[] = [];
  const [builds, states] = [new MemoryFeed(1).append(built), new MemoryFeed(2).append(...stated)];
  const abouts = new MemoryFeed(3).append(...stated, ...about);
  const find = (question: Question): Promise<FindResult> => {
    asked.push(question);
    const isOfSource = question.digests.some((digest) => toHex(digest) === toHex(digestOf(SOURCE)));
    const isOfTarget = question.targets.some((key) => toHex(key) === SOURCES.keyHex);
    return Promise.resolve(answerOf(isOfTarget ? abouts : isOfSource ? states : builds));
  };
  const artifact = { sha256: sha256(utf8(SAME)), name: FILE, target: TOOL, inside: null };
  const outcome = await verify([{ path: null, artifact, unfit: null }], {
    policy: POLICY,
    network: NETWORK,
    dataDir: await newFolder(),
    source: { name: "the mesh", holdsFeeds: false, trusted: false, find, close: () => Promise.resolve() },
    bundles: [],
    mirrors: null,
    mirrorsMs: 60_000,
    deadlineMs: 1_000,
    now: Date.UTC(2026, 0, 2),
  });
  return { outcome, asked };
}

const BUILT = keyOf(one).link(TOOL, SAME, { input: digestOf(SOURCE) });

test("the author's statement is found by the source's digest, and counts", async () => {
  const { outcome, asked } = await ask(BUILT, keyOf(author).link(SOURCES, SOURCE, { step: "source" }));
  const verdict = outcome.judged[0]?.verdict;
  assert.equal(verdict?.verdict, "reproduced", verdict?.reasons.join("; "));
  assert.equal(verdict.source, `sha256:${toHex(digestOf(SOURCE))}`);
  assert.deepEqual(
    asked.map(({ builders }) => builders.map(toHex)),
    [[toHex(keyOf(one).key.raw)], [toHex(keyOf(author).key.raw)], [toHex(keyOf(author).key.raw)]],
  );
});

test("a statement that its author took back does not", async () => {
  const statement = keyOf(author).link(SOURCES, SOURCE, { step: "source" });
  const { outcome } = await ask(
    BUILT,
    statement,
    keyOf(author).retraction(SOURCES, [keyOf(author).verified(statement).id]),
  );
  assert.equal(outcome.judged[0]?.verdict.verdict, "pending");
});

test("nor does one whose retraction is found by its target alone, as nodes and peers find it", async () => {
  const statement = keyOf(author).link(SOURCES, SOURCE, { step: "source" });
  const retraction = keyOf(author).retraction(SOURCES, [keyOf(author).verified(statement).id]);
  const { outcome } = await askBoth(BUILT, [statement], [retraction]);
  assert.equal(outcome.judged[0]?.verdict.verdict, "pending");
});

test("a statement about other sources does not", async () => {
  const { outcome } = await ask(BUILT, keyOf(author).link(SOURCES, "other sources", { step: "source" }));
  assert.equal(outcome.judged[0]?.verdict.verdict, "pending");
  assert.match(
    outcome.judged[0]?.verdict.reasons.join() ?? "",
    /is stated by 0 of 1 needed in the step "source"/,
  );
});

test("where nobody says what it was built from, nobody is asked who states that", async () => {
  const { outcome, asked } = await ask(keyOf(one).link(TOOL, SAME), BUILT);
  assert.equal(outcome.judged[0]?.verdict.votes[0]?.vote, "excluded");
  assert.equal(asked.length, 1);
});
