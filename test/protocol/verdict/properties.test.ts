import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAttestation } from "../../../protocol/attestation/index.ts";
import { equalBytes, toHex } from "../../../protocol/bytes/index.ts";
import { collectFound, judge, verdictJson } from "../../../protocol/verdict/index.ts";
import type { RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { naiveVerdict } from "../../naive/verdict.ts";
import type { Model } from "../../naive/model.ts";
import { digest, NETWORK, NOW } from "./cast.ts";
import { aboutSignatures, aboutSources, models, NAMES, sceneOf } from "./models.ts";
import type { Scene } from "./scene.ts";

async function verdictOn(scene: Scene, raw: RawFindings): Promise<Verdict> {
  const policy = scene.policy();
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  return judge(scene.artifact(), { ...collected, ...scene.rest() }, policy, NOW);
}

function asText(verdict: Verdict): unknown {
  return verdictJson(verdict, { path: null, state: "none", elapsedMs: 0 });
}

function agreeingIn(verdict: Verdict): readonly string[] {
  return verdict.votes.filter(({ vote }) => vote === "agrees").map(({ builder }) => builder);
}

async function agreesWithNaive(model: Model): Promise<void> {
  const verdict = await sceneOf(model).verdict();
  assert.deepEqual(
    {
      verdict: verdict.verdict,
      decision: verdict.decision,
      contradiction: verdict.contradiction,
      votes: new Map(verdict.votes.map(({ builder, vote }) => [builder, vote])),
    },
    naiveVerdict(model),
  );
}

test("the judge and the plain second one agree", async () => {
  const all = models({ forks: true, operators: true, witness: true });
  await fc.assert(fc.asyncProperty(all, agreesWithNaive), { numRuns: 250 });
});

test("and so they do about who states the source, and what of that counts", async () => {
  await fc.assert(fc.asyncProperty(aboutSources(), agreesWithNaive), { numRuns: 250 });
});

test("and about who has signed the commit, and which object that is", async () => {
  await fc.assert(fc.asyncProperty(aboutSignatures(), agreesWithNaive), { numRuns: 100 });
});

test("order, repetition and unknown keys never change a verdict", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(models({ forks: true, operators: true, witness: true }), aboutSources(), aboutSignatures()),
      fc.nat(),
      async (model, seed) => {
        const scene = sceneOf(model);
        const raw = scene.raw();
        const noisy = sceneOf(model);
        noisy.tell("strangers 3 F");
        noisy.tell("strangers 3 G");
        const more = noisy.raw();
        const shuffled: RawFindings = {
          entries: turned([...more.entries, ...raw.entries], seed),
          envelopes: turned([...more.envelopes, ...raw.entries.map(({ entry }) => entry)], seed),
          heads: turned([...more.heads, ...raw.heads], seed),
          evidence: turned([...more.evidence, ...raw.evidence], seed),
          joins: turned([...(more.joins ?? []), ...(raw.joins ?? [])], seed),
        };
        assert.deepEqual(asText(await verdictOn(scene, shuffled)), asText(await verdictOn(scene, raw)));
      },
    ),
    { numRuns: 150 },
  );
});

/** Who gave two other results elsewhere contradicts himself, once somebody agrees without saying where: that is the proof brought. */
const SAID = {
  by: "a",
  step: "rebuild",
  source: null,
  octets: "true",
  retracted: false,
  loose: false,
  old: false,
} as const;
const DRIFTS_TWICE: Model = {
  builders: NAMES.map((name) => ({
    name,
    operator: name,
    country: "DE",
    role: "rebuilder",
    forked: false,
    stolenAfter: null,
    seenLong: 0,
  })),
  statements: [
    { ...SAID, says: "H", env: "E1" },
    { ...SAID, says: "F", env: "E2" },
    { ...SAID, says: "G", env: "E1" },
  ],
  k: 1,
  reviews: 0,
  distinct: "builder",
  onContradiction: { ci: "refuse", others: "refuse" },
  onDifference: { ci: "show", others: "show" },
  loggedBy: null,
  source: "any",
  tagNamed: false,
  tags: [],
  staters: 1,
  anyAge: false,
  stated: [],
  loggedFor: false,
  logged: false,
  maxAge: false,
  exception: null,
};

/** One whose feed forked has lost what it says: one more of its statements changes nothing. */
function unforked(all: fc.Arbitrary<Model>): fc.Arbitrary<Model> {
  return all.map((model) => ({
    ...model,
    builders: model.builders.map((one) => ({ ...one, forked: false, stolenAfter: null, seenLong: 0 })),
    loggedFor: false,
  }));
}

const RANK = { contradicted: 0, pending: 1, reproduced: 2 } as const;

test("one more builder that agrees never makes it worse, except by bringing evidence", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(models({ forks: false, operators: true, witness: false }), unforked(aboutSignatures())),
      fc.constantFrom(...NAMES),
      fc.constantFrom(null, "E1", "E2"),
      fc.constantFrom("true", "other", "bare"),
      async (model, name, env, octets) => {
        const quiet = { ...model, statements: model.statements.filter(({ by }) => by !== name) };
        const louder = {
          ...model,
          statements: [
            ...quiet.statements,
            { ...SAID, by: name, says: "F", env, source: "S1", octets } as const,
          ],
        };
        const before = await sceneOf(quiet).verdict();
        const after = await sceneOf(louder).verdict();
        const proofs = ({ evidence }: Verdict): number =>
          evidence.filter((one) => "difference" in one && !one.difference).length;
        assert.ok(
          RANK[after.verdict] >= RANK[before.verdict] || proofs(after) > proofs(before),
          `${before.verdict} became ${after.verdict}`,
        );
      },
    ),
    { numRuns: 120, examples: [[DRIFTS_TWICE, "d", null, "true"]] },
  );
});

const DECIDED = { refuse: 0, warn: 1, allow: 2 } as const;

test("one more claim that dissents, and counts, never makes it better", async () => {
  const all = models({ forks: true, operators: true, witness: true });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(all, aboutSources(), aboutSignatures()),
      fc.constantFrom(...NAMES),
      fc.constantFrom("G", "H", "not F"),
      fc.constantFrom(null, "E1", "E2"),
      fc.constantFrom(null, "S1", "S2"),
      async (model, by, says, env, source) => {
        const counts = model.builders.some(
          ({ name, forked, stolenAfter }) => name === by && !forked && stolenAfter === null,
        );
        if (!counts || model.statements.length === 0) return;
        // Tags come with statements: none comes with the new one.
        const tags = model.tags.map((one) => ({ ...one, beside: one.beside % model.statements.length }));
        const more = { ...SAID, by, says, env, source } as const;
        const before = await sceneOf({ ...model, tags }).verdict();
        const after = await sceneOf({ ...model, tags, statements: [...model.statements, more] }).verdict();
        assert.ok(RANK[after.verdict] <= RANK[before.verdict], `${before.verdict} became ${after.verdict}`);
        assert.ok(DECIDED[after.decision] <= DECIDED[before.decision]);
      },
    ),
    { numRuns: 120 },
  );
});

test("holding back claims that agree, and heads, never adds an agreeing vote", async () => {
  await fc.assert(
    fc.asyncProperty(
      models({ forks: false, operators: false, witness: false }),
      fc.nat(255),
      fc.nat(255),
      async (model, lost, dark) => {
        const scene = sceneOf(model);
        for (const name of NAMES) scene.tell(`${name} remembered 2 root=00`);
        const raw = scene.raw();
        const held: RawFindings = {
          ...raw,
          entries: raw.entries.filter(({ entry }, index) => !givesF(entry) || ((lost >> index) & 1) === 0),
          heads: raw.heads.filter((_, index) => ((dark >> index) & 1) === 0),
        };
        const before = agreeingIn(await verdictOn(scene, raw));
        const after = agreeingIn(await verdictOn(scene, held));
        const signed = model.statements
          .filter(({ says, retracted }) => says === "F" && !retracted)
          .map(({ by }) => by);
        assert.deepEqual(
          after.filter((name) => !before.includes(name)),
          [],
        );
        assert.deepEqual(
          after.filter((name) => !signed.includes(name)),
          [],
          "nobody agrees who did not sign it",
        );
      },
    ),
    { numRuns: 120 },
  );
});

test("junk decides nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      models({ forks: false, operators: true, witness: false }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 8,
      }),
      async (model, flips) => {
        const scene = sceneOf(model);
        const raw = scene.raw();
        const junk = flips.flatMap(([which, where, bits]) => {
          const entry = raw.entries[which % Math.max(1, raw.entries.length)];
          return entry === undefined ? [] : [{ ...entry, entry: flipped(entry.entry, where, bits) }];
        });
        const more: RawFindings = {
          entries: [...junk, ...raw.entries],
          envelopes: [...junk.map(({ entry }) => entry), ...raw.envelopes],
          heads: raw.heads,
          evidence: junk.map(({ entry }) => entry),
        };
        assert.equal(toHexOf(await verdictOn(scene, more)), toHexOf(await verdictOn(scene, raw)));
      },
    ),
    { numRuns: 100 },
  );
});

function givesF(entry: Uint8Array): boolean {
  return parseAttestation(entry).claims.some(
    ({ kind, sha256 }) => kind === "positive" && sha256 !== null && equalBytes(sha256, digest("F")),
  );
}

/** The verdict without the proofs of carriage, and attestations by their claim ids: a copy that lost its proof, or is wrapped otherwise, may be found beside the one that has it. */
function toHexOf(verdict: Verdict): string {
  const { votes, evidence, artifact, attestations, ...rest } = verdict;
  const ids = attestations.map(({ id }) => id);
  return JSON.stringify([votes, rest, evidence.map(({ kind }) => kind), ids, toHex(artifact.sha256)]);
}

function turned<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const at = items.length === 0 ? 0 : seed % items.length;
  const turn = [...items.slice(at), ...items.slice(0, at)];
  return seed % 2 === 0 ? turn : turn.toReversed();
}

function flipped(bytes: Uint8Array, where: number, bits: number): Uint8Array {
  const copy = bytes.slice();
  const at = where % copy.length;
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}
