/** The same links, judged by a rule with steps and by a layout that says the same: one verdict, but for what spec/verdict.md states. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildLink,
  buildRetraction,
  claimId,
  pae,
  parseTarget,
  sealEnvelope,
} from "../../../protocol/attestation/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { keyIdKha } from "../../../protocol/crypto/index.ts";
import type { ArtifactRule, LayoutDraft } from "../../../protocol/intoto/index.ts";
import { attachLayouts, readPolicy } from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";
import type { Artifact, RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { digest, NOW, signer } from "./cast.ts";
import { keyOf, layoutBytes, loose, verdictOn } from "./layout-cast.ts";

const PURL = "pkg:generic/tool@1.0";
const BUILT = parseTarget(PURL, "tool-1.0.bin");
const PACKED = parseTarget(PURL, "tool-1.0.zip");
const ARTIFACT: Artifact = { sha256: digest("F"), name: PACKED.file, target: PACKED, inside: null };

const rule = (kind: "allow" | "create" | "require" | "disallow", pattern: string): ArtifactRule => ({
  kind,
  pattern,
});
const nothingElse = rule("disallow", "*");

const DRAFT: LayoutDraft = {
  readme: "",
  expires: NOW + 86_400_000,
  steps: [
    {
      name: "build",
      threshold: 2,
      functionaries: [signer("a", 2).key, ...["a", "b", "c"].map((name) => signer(name).key)],
      expectedCommand: [],
      expectedMaterials: [rule("allow", "tool.tar"), nothingElse],
      expectedProducts: [rule("create", BUILT.file), nothingElse],
    },
    {
      name: "pack",
      threshold: 1,
      functionaries: ["r", "s"].map((name) => signer(name).key),
      expectedCommand: [],
      expectedMaterials: [
        rule("require", BUILT.file),
        {
          kind: "match",
          pattern: BUILT.file,
          source: null,
          with: "products",
          destination: null,
          step: "build",
        },
        nothingElse,
      ],
      expectedProducts: [rule("create", PACKED.file), nothingElse],
    },
  ],
  inspections: [],
};

const BUILDERS = ["a", "b", "c", "r", "s"]
  .map((name) => `[builders.${name}]\nkeys = [${keyOf(name)}${name === "a" ? `, ${keyOf(name, 2)}` : ""}]\n`)
  .join("");
const MATCH = `[[rules]]\nname = "tool"\nmatch = "pkg:generic/tool"\n`;

const BY_LAYOUT: Policy = await attachLayouts(
  readPolicy(
    `version = 1\n${BUILDERS}[layouts.tool]\nfile = "tool.layout"\nkeys = [${keyOf("owner")}]\n${MATCH}layout = "tool"\n`,
  ),
  () => layoutBytes(DRAFT),
);
const BY_STEPS: Policy = readPolicy(`version = 1\n${BUILDERS}${MATCH}steps = [
  { name = "build", require = { k = 2, of = ["a", "b", "c"] } },
  { name = "pack", renames = { ".bin" = ".zip" }, require = { k = 1, of = ["r", "s"] } },
]\n`);

/** What a link of somebody's says: what came out, and what went in, by letters; with nothing that went in "". */
interface Link {
  readonly by: string;
  readonly step: "build" | "pack";
  readonly from: string;
  readonly gives: string;
  readonly isTaken?: boolean;
  /** Which of the builder's keys. */
  readonly key?: number;
}

const NAMES: Readonly<Record<Link["step"], readonly [from: string, target: Target]>> = {
  build: ["tool.tar", BUILT],
  pack: [BUILT.file, PACKED],
};

function envelopesOf({ by, step, from, gives, isTaken, key: number }: Link): readonly Uint8Array[] {
  const { key, sign } = signer(by, number);
  const [input, target] = NAMES[step];
  const none = { uri: null, gitCommit: null, gitTag: null };
  const materials = from === "" ? [] : [{ ...none, name: input, sha256: digest(from) }];
  const statement = buildLink([{ target, file: target.file, sha256: digest(gives) }], {
    step,
    materials,
    command: [],
    how: "built",
    time: NOW - 3_600_000,
    environment: null,
  });
  const seal = (bytes: Uint8Array): Uint8Array => sealEnvelope(bytes, sign, keyIdKha(key));
  if (isTaken !== true) return [seal(statement)];
  const retraction = buildRetraction([{ target, file: target.file, sha256: null }], {
    retracts: [claimId(key.raw, pae(statement))],
    reason: "mistake",
    replacedBy: null,
    time: NOW,
  });
  return [seal(statement), seal(retraction)];
}

const build = (by: string, gives: string, more: Partial<Link> = {}): Link => ({
  by,
  step: "build",
  from: "T",
  gives,
  ...more,
});
const pack = (by: string, from: string, gives: string = "F"): Link => ({ by, step: "pack", from, gives });

/** Of three builders: who says nothing, the same, or something else. */
const BUILDS: readonly (readonly [string, readonly Link[]])[] = [
  "---",
  "U--",
  "UU-",
  "UUU",
  "V--",
  "UV-",
  "UUV",
  "VV-",
  "UVV",
  "VVV",
].map((said) => [
  `built ${said}`,
  ["a", "b", "c"].flatMap((by, at) => (said[at] === "-" ? [] : [build(by, said[at] ?? "")])),
]);

const PACKS: readonly (readonly [string, readonly Link[]])[] = [
  ["nobody packed", []],
  ["packed from U", [pack("r", "U")]],
  ["packed from V", [pack("r", "V")]],
  ["packed from nothing", [pack("r", "")]],
  ["packed into another file", [pack("r", "U", "G")]],
  ["two packed from U", [pack("r", "U"), pack("s", "U")]],
  ["two packed from U and V", [pack("r", "U"), pack("s", "V")]],
  ["two packed, one into another file", [pack("r", "U"), pack("s", "U", "G")]],
  ["one packed twice, from U and V", [pack("r", "U"), pack("r", "V")]],
];

/** Of the builders alone, before a good packer. */
const MORE: readonly (readonly [string, readonly Link[]])[] = [
  ["one built it twice", [build("a", "U"), build("a", "U", { from: "T2" })]],
  ["one built it with two keys", [build("a", "U"), build("a", "U", { key: 2 })]],
  ["one built two files", [build("a", "U"), build("a", "V"), build("b", "U")]],
  ["one took it back", [build("a", "U"), build("b", "U", { isTaken: true })]],
  ["who dissented took it back", [build("a", "U"), build("b", "U"), build("c", "V", { isTaken: true })]],
  ["a packer built", [build("a", "U"), build("r", "U")]],
  ["a stranger built", [build("a", "U"), build("x", "U")]],
  ["a stranger dissents", [build("a", "U"), build("b", "U"), build("x", "V")]],
  ["built in another step", [build("a", "U"), { ...build("b", "U"), step: "pack", from: "U" }]],
];

const CASES: readonly (readonly [string, readonly Link[]])[] = [
  ...BUILDS.flatMap(([built, some]) =>
    PACKS.map(([packed, more]) => [`${built}, ${packed}`, [...some, ...more]] as const),
  ),
  ...MORE.map(([what, some]) => [`${what}, packed from U`, [...some, pack("r", "U")]] as const),
];

async function both(links: readonly Link[]): Promise<readonly [layout: Verdict, steps: Verdict]> {
  const raw: RawFindings = loose(...links.flatMap(envelopesOf));
  return [
    await verdictOn(raw, { policy: BY_LAYOUT, artifact: ARTIFACT }),
    await verdictOn(raw, { policy: BY_STEPS, artifact: ARTIFACT }),
  ];
}

/** spec/verdict.md, "Beside a layout": what a layout says, what steps say, and why. */
const SOONER =
  "who built something else than was packed contradicts at once, and not only when enough have built it";
const WHOLE = "links of a step must be equal in all that went in; steps are about files alone";
const KEYS = "a layout counts keys, a vote is a builder's";
const DIFFERENCES: ReadonlyMap<string, readonly [layout: string, steps: string, why: string]> = new Map([
  ["built U--, packed from V", ["pending", "contradicted", SOONER]],
  ["built V--, packed from U", ["pending", "contradicted", SOONER]],
  ["built V--, two packed from U", ["pending", "contradicted", SOONER]],
  ["one built it twice, packed from U", ["contradicted", "pending", WHOLE]],
  ["one built it with two keys, packed from U", ["reproduced", "pending", KEYS]],
]);

test("steps and a layout that says the same give one verdict on the same links, but for what is stated", async () => {
  const verdicts = new Set<string>();
  const found = new Map<string, string>();
  for (const [what, links] of CASES) {
    const [layout, steps] = await both(links);
    assert.equal(layout.rule, steps.rule);
    verdicts.add(steps.verdict);
    if (layout.verdict !== steps.verdict) found.set(what, `${layout.verdict} ${steps.verdict}`);
    else assert.equal(layout.decision, steps.decision, what);
  }
  const stated = [...DIFFERENCES].map(([what, [layout, steps]]) => [what, `${layout} ${steps}`] as const);
  assert.deepEqual(found, new Map(stated));
  assert.equal(verdicts.size, 3);
  assert.ok(CASES.length >= 90, String(CASES.length));
});
