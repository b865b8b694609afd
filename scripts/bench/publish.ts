/**
 * Publishing a whole distribution of one's own: signed here, handed to a node in several requests at once, until all is durable and under a head
 * that went out to a follower. Beside each round, right before it, the bare signatures of the same statements.
 */
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { pae, signDomain } from "../../protocol/index.ts";
import { builder } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { writePolicy } from "./crew.ts";
import { distribution, PACKAGES, sealedBy, statementOf } from "./distribution.ts";
import { absolute, ratioOf, spreadOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { sleep, startNode, whole, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

/** Envelopes of one request: its body has at most 1 MB. */
const PORTION = 800;
/** Requests under way: what comes during the interval between two heads goes into one batch. */
const AT_ONCE = 6;

interface Round {
  /** Signatures a second, and nothing else. */
  readonly bare: number;
  /** Attestations a second until the last is acknowledged. */
  readonly published: number;
  /** The same until the follower holds them all. */
  readonly followed: number;
}

export const publish: Benchmark = publishOf(PACKAGES, 3);

/** The benchmark with so many packages, in so many rounds, each by another builder into new stores. */
export function publishOf(count: number, rounds: number): Benchmark {
  return {
    name: "publish",
    run: async (say) => {
      const { packages, source } = await distribution(count);
      const statements = packages.map(statementOf);
      const all: Round[] = [];
      for (let round = 0; round <= rounds; round++) {
        say(`round ${round} of ${rounds}: ${count} attestations`);
        all.push(await withFolder((folder) => one(folder, builder(`distribution ${round}`), statements)));
      }
      // The first round warms the compiler of this process up.
      return figuresOf(all.slice(1), count, source);
    },
  };
}

async function one(folder: string, by: TestBuilder, statements: readonly Uint8Array[]): Promise<Round> {
  const policy = await writePolicy(folder, [by, builder("another")]);
  const key = join(folder, "feed.key");
  await writeFile(key, by.pem, { mode: 0o600 });
  const node = await startNode(join(folder, "publisher"), [
    `--policy=${policy}`,
    `--publish-key=${key}`,
    "--first",
  ]);
  const follower = await startNode(join(folder, "follower"), [
    `--policy=${policy}`,
    `--bootstrap=${node.listen[0] ?? ""}`,
  ]);
  try {
    const [warm, ...rest] = statements;
    if (warm === undefined) throw new Error("no statements");
    await node.publish(sealedBy(by, warm));
    await whole(follower, "claims", 1);
    const bare = bareRate(by, statements);
    const began = performance.now();
    await publishAll(node, by, rest);
    const published = performance.now() - began;
    await whole(follower, "claims", statements.length);
    const followed = performance.now() - began;
    return {
      bare,
      published: (1_000 * rest.length) / published,
      followed: (1_000 * rest.length) / followed,
    };
  } finally {
    await Promise.all([node.end(), follower.end()]);
  }
}

function bareRate(by: TestBuilder, statements: readonly Uint8Array[]): number {
  const messages = statements.map((statement) => pae(statement));
  const began = performance.now();
  for (const message of messages) signDomain(by.seed, message);
  return (1_000 * messages.length) / (performance.now() - began);
}

async function publishAll(
  node: NodeProcess,
  by: TestBuilder,
  statements: readonly Uint8Array[],
): Promise<void> {
  const underWay = new Set<Promise<unknown>>();
  for (let i = 0; i < statements.length; i += PORTION) {
    const envelopes = statements.slice(i, i + PORTION).map((statement) => sealedBy(by, statement));
    const answer = node.publish(...envelopes).finally(() => underWay.delete(answer));
    underWay.add(answer);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    // Signing keeps the loop busy: what was asked for has to get out meanwhile.
    else await sleep(0);
  }
  await Promise.all(underWay);
}

function figuresOf(rounds: readonly Round[], count: number, source: string): readonly Figure[] {
  const published = rounds.map((round) => round.published);
  const bare = rounds.map((round) => round.bare);
  const followed = spreadOf(rounds.map((round) => round.followed));
  const note = `${source}; until a follower on the same machine has indexed all ${Math.round(followed.median)}/s`;
  return [
    absolute("publish", "1/s", spreadOf(published).median, published, {
      what: `own attestations a second, ${count} of them: signed, handed to a node, durable, under a head that is gossiped`,
      target: { of: "value", atLeast: 2_000 },
      note,
    }),
    ratioOf("publish-signing", "1/s", published, bare, {
      what: "the same, held against its signatures alone",
      ratioTo: "the bare Ed25519 signatures of the same statements",
      target: { of: "ratio", atLeast: 0.6 },
      note: `bare ${Math.round(spreadOf(bare).median)}/s`,
    }),
  ];
}
