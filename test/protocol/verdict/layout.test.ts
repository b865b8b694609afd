/** Verdicts by a layout: who did which step, what counts of it, and what is made of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildRetraction,
  claimId,
  parseAttestation,
  sealEnvelope,
} from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { keyIdKha } from "../../../protocol/crypto/index.ts";
import { buildStepLink, sealMetablock } from "../../../protocol/intoto/index.ts";
import { describeVerdict, exitOfVerdict, joinRaw } from "../../../protocol/verdict/index.ts";
import type { RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, NOW, signer } from "./cast.ts";
import {
  ARTIFACT,
  artifacts,
  built,
  DRAFT,
  feed,
  FILE,
  GOOD,
  keyOf,
  layoutBytes,
  LAYOUTS,
  link,
  loose,
  policyWith,
  RULE,
  short,
  signed,
  SOURCE,
  UNSIGNED,
  verdictOn,
} from "./layout-cast.ts";

function votesOf({ votes }: Verdict): string {
  return votes.map(({ builder, vote }) => `${builder} ${vote}`).join(", ");
}

const screen = (verdict: Verdict): string => describeVerdict(verdict, { color: false }).join("\n");
const name = (who: string): string => `hello:${keyIdKha(signer(who).key).slice(0, 8)}`;

test("two of three built it and one signed it: it is reproduced, step by step", async () => {
  const verdict = await verdictOn(joinRaw(GOOD));
  assert.equal(short(verdict), "reproduced allow null 3/3");
  assert.equal(exitOfVerdict(verdict), 0);
  assert.equal(
    votesOf(verdict),
    [
      `${name("alice")} agrees`,
      `${name("bob")} agrees`,
      `${name("carol")} silent`,
      `${name("dave")} agrees`,
    ].join(", "),
  );
  assert.match(screen(verdict), new RegExp(`build: 2 of 2 needed agreed \\(.*${name("alice")}`));
  assert.match(screen(verdict), /sign: 1 of 1 needed agreed/);
  assert.match(verdict.reasons.join(), /dissent may be hidden/);
  assert.equal(verdict.votes[3]?.sha256, Buffer.from(digest("F")).toString("hex"));
  assert.equal(
    verdict.votes[3]?.feed,
    `samebits/test/${Buffer.from(signer("dave").key.raw).toString("hex")}`,
  );
});

test("a step that too few did waits, and says whom to ask", async () => {
  const none = await verdictOn(joinRaw(GOOD.slice(0, 2)));
  assert.equal(short(none), "pending refuse null 0/3", "nothing leads from the file to the step before");
  const one = await verdictOn(joinRaw(GOOD.slice(1)));
  assert.equal(short(one), "pending refuse null 2/3");
  assert.equal(one.layout?.problem?.code, "layout/too-few-links");
  assert.match(
    one.next ?? "",
    new RegExp(`a link of step "build" by ${name("alice")} or ${name("carol")}: `),
  );
  assert.match(
    screen(one),
    new RegExp(`build: 1 of 2 needed agreed .*not yet of ${name("alice")}, ${name("carol")}`),
  );
  assert.equal(exitOfVerdict(one), 2);
  const unsigned = await verdictOn(joinRaw(GOOD.slice(0, 2)), {
    asked: { local: 0, mirrors: 0, peers: 0, dht: 0 },
  });
  assert.match(unsigned.next ?? "", /start a node/);
  assert.match(screen(unsigned), /sign: nobody yet of /);
});

test("a functionary with another result contradicts, however many agree", async () => {
  const dissent = await verdictOn(joinRaw([...GOOD, feed("carol", [built("carol", "other")])]));
  assert.equal(short(dissent), "contradicted refuse split 3/3");
  assert.equal(dissent.layout?.problem?.code, "layout/disagree");
  assert.match(votesOf(dissent), new RegExp(`${name("carol")} contradicts`));
  assert.match(screen(dissent), new RegExp(`another result from ${name("carol")}`));
  assert.equal(exitOfVerdict(dissent), 1);
  // Whatever it is called: the same went into the same step.
  const renamed = link("carol", "build", { "src/hello.tar.gz": "S" }, { "a.out": "other" });
  const alike = await verdictOn(joinRaw([...GOOD, feed("carol", [renamed])]));
  assert.equal(short(alike), "contradicted refuse split 3/3");
  // The signed file under its whole name is another one.
  const other = await verdictOn(joinRaw([...GOOD.slice(0, 2), feed("dave", [signed("dave", "U", "other")])]));
  assert.equal(short(other), "contradicted refuse file 3/3");
  assert.match(other.reasons.join(), /the last step "sign" gave another hello_2.10-3_amd64.deb: /);
});

test("one more functionary that agrees, by other digests, takes nothing away; and what has no SHA-256 is not another file", async () => {
  const [build, sign] = DRAFT.steps;
  assert.ok(build !== undefined && sign !== undefined);
  const signers = ["dave", "erin"].map((who) => signer(who).key);
  const sha512 = "ab".repeat(64);
  const sha256 = toHex(digest("F"));
  const gave = (by: string, digests: Readonly<Record<string, string>>): Uint8Array => {
    const made = buildStepLink({
      name: "sign",
      materials: artifacts({ [UNSIGNED]: "U" }),
      products: new Map([[FILE, new Map(Object.entries(digests))]]),
      command: [],
      byproducts: new Map(),
    });
    return sealMetablock(made, [{ key: signer(by).key, sig: signer(by).sign(made) }]);
  };
  const both = gave("dave", { sha256, sha512 });
  const only = gave("erin", { sha512 });
  for (const [threshold, links, expected] of [
    [1, [both], "reproduced allow null 3/3"],
    [1, [both, only], "reproduced allow null 3/3"],
    [1, [only, both], "reproduced allow null 3/3"],
    [2, [both, only], "pending refuse null 4/4"],
    [2, [both, gave("erin", { sha256 })], "reproduced allow null 4/4"],
    [2, [both, gave("erin", { sha256: toHex(digest("G")) })], "contradicted refuse split 3/4"],
  ] as const) {
    const draft = { ...DRAFT, steps: [build, { ...sign, threshold, functionaries: signers }] };
    const policy = await policyWith(undefined, layoutBytes(draft));
    const verdict = await verdictOn(joinRaw([loose(built("alice"), built("bob"), ...links)]), { policy });
    assert.equal(short(verdict), expected, `${links.length} of ${threshold}: ${verdict.reasons.join("; ")}`);
  }
});

test("links of other versions, strangers and other steps change nothing", async () => {
  const others = [
    feed("carol", [
      link("carol", "build", { "hello-2.11.tar.gz": "S2" }, { "hello_2.11_amd64.unsigned": "U2" }),
    ]),
    feed("dave", [
      signed(),
      link("dave", "sign", { "hello_2.11.unsigned": "U2" }, { "hello_2.11_amd64.deb": "F2" }),
    ]),
    feed("mallory", [built("mallory", "other"), signed("mallory", "U", "other")]),
  ];
  const verdict = await verdictOn(joinRaw([...GOOD.slice(0, 2), ...others]));
  assert.equal(short(verdict), "reproduced allow null 3/3");
  const swapped = await verdictOn(
    joinRaw([feed("alice", [built("alice")]), feed("dave", [built("dave"), signed()])]),
  );
  assert.equal(short(swapped), "pending refuse null 2/3", "a signer is no builder");
  assert.match(votesOf(swapped), new RegExp(`${name("dave")} agrees`));
});

test("artifact rules that do not hold are a contradiction, with the step and the rule", async () => {
  const extra = (by: string): Uint8Array =>
    link(by, "build", { [SOURCE]: "S", "evil.patch": "E" }, { [UNSIGNED]: "U" });
  const verdict = await verdictOn(
    joinRaw([feed("alice", [extra("alice")]), feed("bob", [extra("bob")]), GOOD[2] ?? loose()]),
  );
  assert.equal(short(verdict), "contradicted refuse null 3/3");
  assert.match(verdict.reasons.join(), /step "build", materials: .*evil\.patch.*\(layout\/rule\)/);
});

test("what was taken back is no vote", async () => {
  const bytes = built("bob");
  const id = claimId(signer("bob").key.raw, parseAttestation(bytes).signedBytes);
  const retraction = buildRetraction([{ file: UNSIGNED, target: null, sha256: null }], {
    retracts: [id],
    reason: "wrong compiler",
    replacedBy: null,
    time: NOW,
  });
  const { key, sign } = signer("bob");
  const bob = feed("bob", [bytes, sealEnvelope(retraction, sign, keyIdKha(key))]);
  const verdict = await verdictOn(joinRaw([GOOD[0] ?? loose(), bob, GOOD[2] ?? loose()]));
  assert.equal(short(verdict), "pending refuse null 2/3");
  assert.match(votesOf(verdict), new RegExp(`${name("bob")} excluded`));
  assert.match(screen(verdict), /does not count, its signer took it back/);
  // Nobody takes back for another.
  const mallory = signer("alice");
  const foreign = feed("alice", [
    built("alice"),
    sealEnvelope(retraction, mallory.sign, keyIdKha(mallory.key)),
  ]);
  assert.equal((await verdictOn(joinRaw([foreign, ...GOOD.slice(1)]))).verdict, "reproduced");
});

test("a functionary whose feed forked is as if it had not spoken, unless it stands below the fork", async () => {
  const forked = (fork: "whole" | "after-first"): RawFindings => feed("bob", [built("bob")], { fork });
  const whole = await verdictOn(joinRaw([GOOD[0] ?? loose(), forked("whole"), GOOD[2] ?? loose()]));
  assert.equal(short(whole), "contradicted refuse fork 2/3");
  assert.match(screen(whole), /feed forked/);
  assert.equal(whole.evidence[0]?.kind, "fork");
  const below = await verdictOn(joinRaw([GOOD[0] ?? loose(), forked("after-first"), GOOD[2] ?? loose()]));
  assert.equal(short(below), "reproduced allow null 3/3");
  const enough = await verdictOn(joinRaw([...GOOD, feed("carol", [built("carol")], { fork: "whole" })]));
  assert.equal(short(enough), "reproduced allow null 3/3");
});

test("a builder of the policy that is a functionary goes by its name, and by its revocations", async () => {
  const revoked = `[builders.bob]\nkeys = [{ key = ${keyOf("bob")}, revoked = "2026-11-01" }]\noperator = "B"\n`;
  const policy = await policyWith(revoked + LAYOUTS + RULE);
  assert.deepEqual([...policy.builders.keys()], ["bob", name("alice"), name("carol"), name("dave")]);
  const verdict = await verdictOn(joinRaw(GOOD), { policy });
  assert.equal(short(verdict), "pending refuse null 2/3");
  const [bob] = verdict.votes;
  assert.deepEqual([bob?.builder, bob?.operator, bob?.vote], ["bob", "B", "excluded"]);
  assert.match(bob?.reason ?? "", /a key that is revoked signed it/);
});

test("a layout that is not there, or not its owners', lets nothing by", async () => {
  const absent = await verdictOn(joinRaw(GOOD), { policy: await policyWith(LAYOUTS + RULE, null) });
  assert.equal(short(absent), "pending refuse null 0/0");
  assert.equal(absent.layout?.outcome, "absent");
  assert.match(absent.reasons.join(), /hello\.layout belongs beside the policy/);
  assert.equal(exitOfVerdict(absent), 2);
  const bad: readonly (readonly [layout: Uint8Array, code: string])[] = [
    [layoutBytes(DRAFT, ["mallory"]), "layout/bad-signature"],
    [new TextEncoder().encode('{"signatures":[],"signed":{"_type":"layout"}}'), "attestation/bad-signatures"],
    [built("alice"), "layout/bad-document"],
  ];
  for (const [layout, code] of bad) {
    const verdict = await verdictOn(joinRaw(GOOD), { policy: await policyWith(LAYOUTS + RULE, layout) });
    assert.equal(verdict.layout?.outcome, "unusable");
    assert.equal(verdict.layout?.problem?.code, code);
    assert.equal(short(verdict), "pending refuse null 0/0");
    assert.equal(exitOfVerdict(verdict), 3);
  }
});

test("a layout ends at its time, and needs as many owners as the policy says", async () => {
  const raw = joinRaw(GOOD);
  assert.equal((await verdictOn(raw, { now: DRAFT.expires - 1 })).verdict, "reproduced");
  const expired = await verdictOn(raw, { now: DRAFT.expires });
  assert.equal(expired.layout?.problem?.code, "layout/expired");
  assert.equal(exitOfVerdict(expired), 3);
  assert.equal(expired.decision, "refuse");
  const two = LAYOUTS.replace("]\n", `, ${keyOf("second")}]\n`).replace("[layouts.hello, ", "[layouts.hello");
  const both = `[layouts.hello]\nfile = "hello.layout"\nkeys = [${keyOf("owner")}, ${keyOf("second")}]\n`;
  assert.ok(two !== LAYOUTS);
  assert.equal((await verdictOn(raw, { policy: await policyWith(both + RULE) })).layout?.outcome, "unusable");
  assert.equal(
    (await verdictOn(raw, { policy: await policyWith(`${both}k = 1\n${RULE}`) })).verdict,
    "reproduced",
  );
  const signedByBoth = layoutBytes(DRAFT, ["owner", "second"]);
  assert.equal(
    (await verdictOn(raw, { policy: await policyWith(both + RULE, signedByBoth) })).verdict,
    "reproduced",
  );
});

test("the order in which links came, and copies of them, do not show", async () => {
  const parts = [...GOOD, feed("carol", [built("carol", "other")])];
  const one = await verdictOn(joinRaw(parts));
  const other = await verdictOn(joinRaw([...parts.toReversed(), ...parts]));
  assert.deepEqual(other.layout, one.layout);
  assert.deepEqual(other.votes, one.votes);
});

test("a functionary has no vote by other rules", async () => {
  const rule = `[builders.tu]\nkey = ${keyOf("tu")}\nroles = ["rebuilder"]\n${LAYOUTS}[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "role:rebuilder" }\n`;
  const verdict = await verdictOn(joinRaw(GOOD), { policy: await policyWith(rule) });
  assert.deepEqual(
    verdict.votes.map(({ builder }) => builder),
    ["tu"],
  );
  assert.equal(verdict.layout, undefined);
});

test("without a target only a digest leads to links", async () => {
  const policy = await policyWith();
  const unknown = { ...ARTIFACT, target: null, inside: null };
  const verdict = await verdictOn(joinRaw(GOOD), { policy, artifact: unknown });
  assert.equal(verdict.problem, "no-rule");
  assert.equal(HELLO.file, FILE);
});
