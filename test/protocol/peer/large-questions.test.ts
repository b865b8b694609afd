/** What one question about targets that many have claimed may cost (I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildLink, sealEnvelope } from "../../../protocol/attestation/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import {
  MAX_CROWDED_READS,
  MAX_QUERY_KEYS,
  MAX_QUESTION_ROWS,
  MAX_SUBJECTS,
  MAX_TARGET_CLAIMS,
} from "../../../protocol/limits.ts";
import { readQueryAnswer, writeQueryRequest } from "../../../protocol/wire/index.ts";
import type { QueryAnswer, QueryRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";

const alice = new Builder(1);
const followed = Array.from({ length: 40 }, (_, i) => new MemoryFeed(100 + i, NETWORK).origin);
const TARGETS = Array.from({ length: 2 * MAX_SUBJECTS }, (_, i) => packageNumber(i));
const BUILD = { step: "rebuild", materials: [], command: [], how: "built", environment: null } as const;

/** A peer whose own feed carries nobody's claims about all TARGETS, as many as are looked at, and alice's about one behind them. */
function crowded(): { readonly ask: (request: Partial<QueryRequest>) => Cost } {
  const rig = new Rig();
  const follow = { builders: [alice.key], origins: followed };
  const peer = rig.peer("node", { seed: new Uint8Array(32).fill(9), first: true, follow });
  const unsigned = new Uint8Array(64);
  const entries = Array.from({ length: 2 * (MAX_TARGET_CLAIMS + 4) }, (_, i) => {
    const some = i % 2 === 0 ? TARGETS.slice(0, MAX_SUBJECTS) : TARGETS.slice(MAX_SUBJECTS);
    const subjects = some.map((target) => ({ target, file: target.file, sha256: sha256(target.key) }));
    return sealEnvelope(buildLink(subjects, { ...BUILD, time: 1_000 * i }), () => unsigned, null);
  });
  for (let from = 0; from < entries.length; from += 50) peer.publish(...entries.slice(from, from + 50));
  for (const [i, name] of followed.entries())
    peer.gossiped("feeds", new MemoryFeed(100 + i, NETWORK).append("a").update(0), name);
  peer.gossiped(
    "feeds",
    new MemoryFeed(1, NETWORK).append(alice.link(packageNumber(0), "same")).update(0),
    "a",
  );
  rig.pass(20_000);
  const ask = (request: Partial<QueryRequest>): Cost => {
    let rows = 0;
    const read = peer.store.read.bind(peer.store);
    peer.store.read = (range) => {
      const page = read(range);
      rows += page.rows.length;
      return page;
    };
    const before = peer.seen.length;
    const whole = { targets: [], digests: [], builders: [], page: new Uint8Array(0), since: [], ...request };
    const answers: (Uint8Array | null)[] = [];
    peer.asked("query", writeQueryRequest(whole), "asker", (bytes) => answers.push(bytes));
    peer.store.read = read;
    assert.ok(answers[0] instanceof Uint8Array);
    const reads = peer.seen.slice(before).filter(({ kind }) => kind === "read").length;
    return { reads, rows, answer: readQueryAnswer(answers[0]) };
  };
  return { ask };
}

interface Cost {
  readonly reads: number;
  readonly rows: number;
  readonly answer: QueryAnswer;
}

const { ask } = crowded();

test("whoever asks for one target a thousand times is answered as if he had asked once", () => {
  const [key = new Uint8Array(32)] = TARGETS.map((target) => target.key);
  const builders = [alice.key.raw];
  const once = ask({ targets: [key], builders });
  const often = ask({ targets: Array.from({ length: MAX_QUERY_KEYS }, () => key), builders });
  assert.deepEqual(often, once);
  assert.equal(once.answer.found.length, 1);
});

test("a question for many targets, all of them crowded, reads a bounded number of rows, and finds who is asked for", () => {
  const strange = Array.from({ length: MAX_QUERY_KEYS - TARGETS.length }, (_, i) =>
    sha256(Uint8Array.of(i, i >> 8)),
  );
  const targets = [...TARGETS.map(({ key }) => key), ...strange];
  const { reads, rows, answer } = ask({ targets, digests: strange.slice(0, 1), builders: [alice.key.raw] });
  const share = Math.floor(MAX_QUESTION_ROWS / (MAX_QUERY_KEYS + 1));
  // Beside the rows of the index some for each entry that is looked at.
  const looked = 4 * share * 2;
  assert.ok(rows <= 2 * TARGETS.length * share + looked, `${rows} rows`);
  assert.ok(reads <= MAX_QUERY_KEYS + 1 + MAX_CROWDED_READS + looked, `${reads} reads`);
  assert.equal(answer.found.length, 1);
});
