/** What a rule asks beside its layout, inspections, and what is handed on: bundles and summaries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestation, sealEnvelope, vsaOf } from "../../../protocol/attestation/index.ts";
import { keyIdKha, NOTE_COSIGNATURE, toVkey } from "../../../protocol/crypto/index.ts";
import {
  joinRaw,
  readBundleFile,
  summarizeVerdict,
  writeBundleFile,
} from "../../../protocol/verdict/index.ts";
import type { RawFindings } from "../../../protocol/verdict/index.ts";
import { NETWORK, NOW, signer } from "./cast.ts";
import { witnessOf } from "./feeds.ts";
import {
  artifacts,
  built,
  DRAFT,
  feed,
  FILE,
  GOOD,
  layoutBytes,
  LAYOUTS,
  loose,
  policyWith,
  RULE,
  short,
  signed,
  verdictOn,
} from "./layout-cast.ts";

test("logged: links that no feed carries do not count, and contradict all the same", async () => {
  const policy = await policyWith(`${LAYOUTS}${RULE}logged = true\n`);
  assert.equal((await verdictOn(joinRaw(GOOD), { policy })).verdict, "reproduced");
  const half = joinRaw([GOOD[0] ?? loose(), loose(built("bob")), GOOD[2] ?? loose()]);
  assert.equal((await verdictOn(half)).verdict, "reproduced");
  const unlogged = await verdictOn(half, { policy });
  assert.equal(short(unlogged), "pending refuse null 3/3");
  assert.match(unlogged.reasons.join(), /not enough of them are proven to stand in a feed/);
  const dissent = joinRaw([...GOOD, loose(built("carol", "other"))]);
  assert.equal((await verdictOn(dissent, { policy })).verdict, "contradicted");
});

test("witnesses must have seen the links where the rule asks for them", async () => {
  const { cosigner } = witnessOf("w");
  const vkey = toVkey(cosigner.name, cosigner.raw, NOTE_COSIGNATURE);
  const policy = await policyWith(
    `[witnesses.w]\nkey = "${vkey}"\n${LAYOUTS}${RULE}witnesses = { k = 1 }\nlogged_for = "1d"\n`,
  );
  const seen = (age: number): RawFindings =>
    joinRaw(
      (["alice", "bob", "dave"] as const).map((who) =>
        feed(who, [who === "dave" ? signed() : built(who)], {
          seen: [{ witness: "w", size: null, age, joined: true }],
        }),
      ),
    );
  assert.equal((await verdictOn(joinRaw(GOOD), { policy })).verdict, "pending");
  assert.equal((await verdictOn(seen(3_600_000), { policy })).verdict, "pending", "not long enough");
  const verdict = await verdictOn(seen(2 * 24 * 3_600_000), { policy });
  assert.equal(verdict.verdict, "reproduced");
  assert.deepEqual(verdict.votes[0]?.witnesses?.saw, ["w"]);
});

test("the mode decides what waiting does; a contradiction is refused", async () => {
  const warn = await policyWith(`${LAYOUTS}${RULE}mode = "warn"\n`);
  assert.equal((await verdictOn(joinRaw(GOOD.slice(1)), { policy: warn })).decision, "warn");
  const dissent = joinRaw([...GOOD, feed("carol", [built("carol", "other")])]);
  assert.equal((await verdictOn(dissent, { policy: warn })).decision, "refuse");
  const ignore = await policyWith(`${LAYOUTS}${RULE}mode = "ignore"\n`);
  assert.equal((await verdictOn(dissent, { policy: ignore })).decision, "allow");
});

test("an inspection waits until it was run, and what it finds is held to its rules", async () => {
  const inspections = [
    {
      name: "unpack",
      run: ["tar", "xf", FILE],
      expectedMaterials: [
        {
          kind: "match" as const,
          pattern: FILE,
          source: null,
          with: "products" as const,
          destination: null,
          step: "sign",
        },
        { kind: "disallow" as const, pattern: "*" },
      ],
      expectedProducts: [
        { kind: "allow" as const, pattern: FILE },
        { kind: "disallow" as const, pattern: "evil" },
      ],
    },
  ];
  const policy = await policyWith(LAYOUTS + RULE, layoutBytes({ ...DRAFT, inspections }));
  const raw = joinRaw(GOOD);
  const waiting = await verdictOn(raw, { policy });
  assert.equal(short(waiting), "pending refuse null 3/3");
  assert.equal(waiting.layout?.problem?.code, "layout/inspection");
  assert.match(waiting.reasons.join(), /tar xf hello/);
  assert.match(waiting.next ?? "", /--allow-inspections/);
  const left = (files: Readonly<Record<string, string>>) => () => ({
    ran: true as const,
    materials: artifacts({ [FILE]: "F" }),
    products: artifacts({ [FILE]: "F", ...files }),
  });
  assert.equal((await verdictOn(raw, { policy, inspect: left({ README: "R" }) })).verdict, "reproduced");
  const evil = await verdictOn(raw, { policy, inspect: left({ evil: "E" }) });
  assert.equal(short(evil), "contradicted refuse null 3/3");
  const failed = await verdictOn(raw, {
    policy,
    inspect: () => ({ ran: false, failed: true, why: "it ended with status 2" }),
  });
  assert.equal(failed.verdict, "contradicted");
});

test("a bundle has what it rests on, links of folders too, and a summary names it with the layout", async () => {
  const documents = [{ path: `build.${keyIdKha(signer("bob").key).slice(0, 8)}.link`, bytes: built("bob") }];
  const raw: RawFindings = { ...joinRaw([GOOD[0] ?? loose(), GOOD[2] ?? loose()]), documents };
  const verdict = await verdictOn(raw);
  assert.equal(short(verdict), "reproduced allow null 3/3");
  const file = writeBundleFile(raw, { network: NETWORK, time: NOW });
  const again = await verdictOn(readBundleFile(file));
  assert.deepEqual({ ...again, layout: null }, { ...verdict, layout: null });
  assert.deepEqual(again.layout, verdict.layout);
  const summary = summarizeVerdict(verdict, { id: "urn:x", version: "1", network: NETWORK, policyUri: null });
  const vsa = vsaOf(parseAttestation(sealEnvelope(summary, signer("v").sign, "v")));
  assert.ok(vsa);
  assert.ok(vsa.passed);
  const inputs = new Set(vsa.inputs.map(({ sha256 }) => sha256));
  assert.ok(inputs.has(verdict.layout?.sha256 ?? ""));
  assert.equal(vsa.inputs.length, 4, "the layout, two out of feeds, and the folder's");
  assert.equal(vsa.inputs.filter(({ claim }) => claim !== null).length, 2);
});
