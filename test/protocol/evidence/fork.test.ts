import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../../protocol/errors.ts";
import { checkEvidence, checkEvidenceSync } from "../../../protocol/evidence/check.ts";
import { describeEvidence, idOfEvidence } from "../../../protocol/evidence/describe.ts";
import { writeEvidence } from "../../../protocol/evidence/file.ts";
import { checkFork, proveFork, saysMore } from "../../../protocol/evidence/fork.ts";
import type { ForkEvidence } from "../../../protocol/evidence/fork.ts";
import { parseCheckpoint } from "../../../protocol/feed/index.ts";
import { isBelowForks } from "../../../protocol/verdict/carried.ts";
import type { FoundJoin } from "../../../protocol/verdict/types.ts";
import { Histories } from "../../../protocol/verdict/histories.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

interface ForkCase {
  readonly id: string;
  readonly isEvidence: boolean;
  readonly a: string;
  readonly b: string;
  readonly rootOfBAtSizeA?: string;
  readonly proof?: readonly string[];
}

const VECTORS = new URL("../../vectors/tlog/fork/fork-evidence.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(VECTORS, "utf8")) as { readonly cases: readonly ForkCase[] };

const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Two branches of one key that share `shared` entries and then differ. */
function branches(shared: number, sizeA: number, sizeB: number): readonly [MemoryFeed, MemoryFeed] {
  const a = new MemoryFeed(1);
  for (let i = 0; i < sizeA; i++) a.append(`entry ${i}`);
  const b = a.branch(shared);
  for (let i = shared; i < sizeB; i++) b.append(`other ${i}`);
  return [a, b];
}

function forkOf(a: MemoryFeed, b: MemoryFeed, common: number | null = null): ForkEvidence | null {
  const [small, large] = a.entries.length <= b.entries.length ? [a, b] : [b, a];
  const size = small.entries.length;
  const join =
    size === large.entries.length ? null : { root: large.root(size), proof: large.consistency(size) };
  const shared =
    common === null
      ? null
      : {
          size: common,
          root: a.root(common),
          toA: a.consistency(common),
          toB: b.consistency(common),
        };
  return proveFork(a.head(), b.head(), join, shared);
}

describe("checkFork()", () => {
  for (const { id, isEvidence, a, b, rootOfBAtSizeA, proof } of cases) {
    it(`gives the recorded answer for ${id}`, () => {
      const join =
        rootOfBAtSizeA === undefined
          ? null
          : { root: base64(rootOfBAtSizeA), proof: (proof ?? []).map(base64) };
      const check = (): void => checkFork(parseCheckpoint(octets(a)), parseCheckpoint(octets(b)), join);
      if (isEvidence) check();
      else assert.throws(check, ProtocolError);
    });
  }

  it("finds nothing in size 0", () => {
    const root = new Uint8Array(32);
    assert.throws(() => checkFork({ size: 0, root }, { size: 0, root: root.with(0, 1) }, null), {
      code: "evidence/no-fork",
    });
  });
});

describe("fork evidence", () => {
  it("is proven, written and read for every pair of branches", () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(size, size, fc.nat(19), (sizeA, sizeB, part) => {
        const shared = part % Math.min(sizeA, sizeB);
        const [a, b] = branches(shared, sizeA, sizeB);
        for (const common of [null, ...(shared > 0 ? [shared, 1] : [])]) {
          const evidence = forkOf(a, b, common);
          assert.ok(evidence !== null);
          assert.ok(evidence.a.size <= evidence.b.size);
          const bytes = writeEvidence(evidence);
          assert.deepEqual(checkEvidenceSync(bytes), evidence);
          assert.deepEqual(checkEvidenceSync(Uint8Array.of(...bytes, 0x0a)), evidence);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never comes out of one history, whatever proof goes with it", () => {
    const [feed, other] = branches(5, 13, 17);
    for (let n = 1; n <= 13; n++) {
      for (let m = 1; m <= 13; m++) {
        const [small, large] = [Math.min(n, m), Math.max(n, m)];
        const honest = {
          root: feed.root(small),
          proof: small === large ? [] : feed.consistency(small, large),
        };
        const forged = {
          root: other.root(small),
          proof: small === large ? [] : other.consistency(small, large),
        };
        for (const join of [null, honest, forged, { ...forged, proof: honest.proof }]) {
          assert.equal(proveFork(feed.head(n), feed.head(m), join, null), null, `${n} ${m}`);
        }
      }
    }
  });

  it("does not join heads of two feeds", () => {
    const [a] = branches(0, 3, 3);
    const b = new MemoryFeed(2).append("x", "y", "z");
    assert.equal(proveFork(a.head(), b.head(), null, null), null);
  });

  it("refuses a common tree that is none", () => {
    const [a, b] = branches(4, 9, 12);
    const good = forkOf(a, b, 4);
    assert.equal(good?.common?.size, 4);
    for (const size of [5, 9, 0]) {
      const common = {
        size,
        root: a.root(size),
        toA: size > 8 ? [] : a.consistency(size || 1),
        toB: b.consistency(size || 1),
      };
      assert.equal(proveFork(a.head(), b.head(), good.join, common), null, String(size));
    }
  });

  it("has one id, whichever heads prove it", () => {
    const [a, b] = branches(4, 9, 12);
    const [c, d] = branches(2, 6, 6);
    const [one, other] = [forkOf(a, b), forkOf(c, d)];
    assert.ok(one !== null && other !== null);
    assert.equal(idOfEvidence(one), idOfEvidence(other));
  });

  it("holds with no octet changed", () => {
    const [a, b] = branches(2, 3, 5);
    const evidence = forkOf(a, b, 2);
    assert.ok(evidence !== null);
    const bytes = writeEvidence(evidence);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      assert.throws(() => checkEvidenceSync(changed), ProtocolError, `octet ${at}`);
    }
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => checkEvidenceSync(bytes.subarray(0, length)), ProtocolError);
    }
  });

  it("is checked alike at once and later", async () => {
    const [a, b] = branches(2, 3, 5);
    const evidence = forkOf(a, b);
    assert.ok(evidence !== null);
    assert.deepEqual(await checkEvidence(writeEvidence(evidence)), evidence);
    await assert.rejects(checkEvidence(octets("{}")), { code: "shape/missing" });
  });

  it("is described with what is not proven", () => {
    const [a, b] = branches(2, 3, 5);
    const evidence = forkOf(a, b, 2);
    assert.ok(evidence !== null);
    const text = describeEvidence(evidence).join("\n");
    assert.match(text, /^FORK/);
    assert.match(text, /first 2 entries|same 2 entries/);
    assert.match(text, /Not proven/);
  });
});

describe("readEvidenceFile()", () => {
  const refuses = (text: string | Uint8Array, code: string): void =>
    assert.throws(() => checkEvidenceSync(typeof text === "string" ? octets(text) : text), { code });

  it("refuses what is no evidence of ours with the code of the fault", () => {
    refuses("", "json/bad-syntax");
    refuses("[]", "shape/wrong-type");
    refuses('{"samebits":2}', "shape/out-of-range");
    refuses('{"samebits":1,"type":"bundle"}', "shape/out-of-range");
    refuses('{"samebits":1,"type":"evidence","kind":"rumour"}', "evidence/unknown-kind");
    refuses('{"samebits":1,"type":"evidence","kind":"__proto__"}', "evidence/unknown-kind");
    refuses('{"samebits":1,"samebits":1}', "json/duplicate-key");
    refuses(new Uint8Array(192 * 1024 + 1).fill(0x20), "evidence/too-big");
  });

  it("refuses heads of two feeds", () => {
    const notes = [1, 2].map((seed) =>
      new TextDecoder().decode(new MemoryFeed(seed).append(`of ${seed}`).note()),
    );
    const text = JSON.stringify({ samebits: 1, type: "evidence", kind: "fork", a: notes[0], b: notes[1] });
    refuses(text, "evidence/different-feeds");
  });

  it("refuses another writing of the same evidence", () => {
    const [a, b] = branches(1, 2, 2);
    const evidence = forkOf(a, b);
    assert.ok(evidence !== null);
    const text = new TextDecoder().decode(writeEvidence(evidence));
    refuses(text.replace(",", ", "), "evidence/not-canonical");
    refuses(
      text.replace('"type":"evidence",', "").replace("{", '{"type":"evidence",'),
      "evidence/not-canonical",
    );
    refuses(text.replace("}", ',"note":1}'), "shape/unknown-member");
  });
});

describe("three branches of one feed", () => {
  // b and c part at 15, a parts from both at 10.
  const b = new MemoryFeed(1);
  for (let i = 0; i < 20; i++) b.append(`entry ${i}`);
  const a = b.branch(10).append("one", "of", "a");
  const c = b.branch(15).append("of c", "c", "c", "c", "c", "c");
  const proof = (one: MemoryFeed, other: MemoryFeed, common: number | null): ForkEvidence =>
    forkOf(one, other, common) ?? assert.fail("they fork");
  const isBelow = (index: number, ...forks: readonly ForkEvidence[]): boolean =>
    isBelowForks({ carried: [{ head: b.head(), index }] }, forks, { histories: new Histories([]) });

  it("a claim under a third head counts below the common tree, where that head is joined to either branch, and above it for nobody", () => {
    const fork = proof(a, b, 10);
    const third = b.branch(12);
    const counts = (index: number, joins: readonly FoundJoin[], head = third.head()): boolean =>
      isBelowForks({ carried: [{ head, index }] }, [fork], { histories: new Histories(joins) });
    const joined = [{ small: third.head(), large: b.head() }];
    assert.equal(counts(9, joined), true);
    assert.equal(counts(9, []), false, "without a proof it may be a branch of its own");
    assert.equal(counts(10, joined), false);
    assert.equal(counts(11, joined), false);
    const grown = b.branch(20).append("more");
    assert.equal(counts(9, [{ small: b.head(), large: grown.head() }], grown.head()), true);
    assert.equal(counts(10, [{ small: b.head(), large: grown.head() }], grown.head()), false);
    const stranger = new MemoryFeed(2).append("x");
    assert.equal(counts(0, [{ small: b.head(), large: stranger.head() }], stranger.head()), false);
  });

  it("a proof gives way to one that says more of the same heads, or that other heads share less", () => {
    assert.equal(saysMore(proof(a, b, 10), proof(a, b, null)), true);
    assert.equal(saysMore(proof(a, b, null), proof(a, b, 10)), false);
    assert.equal(saysMore(proof(a, b, 9), proof(a, b, 10)), false);
    assert.equal(saysMore(proof(b, c, 15), proof(a, b, null)), false);
    assert.equal(saysMore(proof(b, c, 15), proof(a, b, 10)), false);
    assert.equal(saysMore(proof(a, b, 10), proof(b, c, 15)), true);
    assert.equal(saysMore(proof(a, b, null), proof(b, c, 15)), false);
  });

  it("what only two of them share counts no more once the third is known, in whatever order", () => {
    assert.equal(isBelow(12, proof(b, c, 15)), true);
    assert.equal(isBelow(12, proof(b, c, 15), proof(a, b, 10)), false);
    assert.equal(isBelow(12, proof(a, b, 10), proof(b, c, 15)), false);
    assert.equal(isBelow(12, proof(b, c, 15), proof(a, b, null)), false);
    assert.equal(isBelow(9, proof(b, c, 15), proof(a, b, 10)), true);
  });

  it("of two proofs about the same heads the one counts that says what they share", () => {
    assert.equal(isBelow(9, proof(a, b, null)), false);
    assert.equal(isBelow(9, proof(a, b, null), proof(a, b, 10)), true);
    assert.equal(isBelow(10, proof(a, b, null), proof(a, b, 10)), false);
  });
});
