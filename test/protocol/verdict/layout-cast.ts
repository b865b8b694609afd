/** A layout, its links and the policy that names it: two of three build a package, one signs it. */
import { toHex } from "../../../protocol/bytes/index.ts";
import { toSpkiPem } from "../../../protocol/crypto/index.ts";
import { buildLayout, buildStepLink, sealMetablock } from "../../../protocol/intoto/index.ts";
import type { ArtifactRule, Artifacts, LayoutDraft } from "../../../protocol/intoto/index.ts";
import { attachLayouts, readPolicy } from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type { Artifact, Findings, Inspect, RawFindings, Verdict } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, NETWORK, NOW, signer } from "./cast.ts";
import { tellFeed } from "./feeds.ts";
import type { FeedStory } from "./feeds.ts";

/** What goes in, what is built, and what is signed. */
export const SOURCE = "hello-2.10.tar.gz";
export const UNSIGNED = "hello_2.10-3_amd64.unsigned";
export const FILE: string = HELLO.file;

const DAY = 24 * 3_600_000;

/** Paths and what is in the files, by a letter. */
export type Files = Readonly<Record<string, string>>;

export function artifacts(files: Files): Artifacts {
  return new Map(
    Object.entries(files).map(([path, name]) => [path, new Map([["sha256", toHex(digest(name))]])]),
  );
}

const rule = (kind: "create" | "allow" | "disallow", pattern: string): ArtifactRule => ({ kind, pattern });

/** Of the step `build` by two of alice, bob and carol, then of `sign` by dave. */
export const DRAFT: LayoutDraft = {
  readme: "",
  expires: NOW + 30 * DAY,
  steps: [
    {
      name: "build",
      threshold: 2,
      functionaries: ["alice", "bob", "carol"].map((name) => signer(name).key),
      expectedCommand: [],
      expectedMaterials: [rule("allow", SOURCE), rule("disallow", "*")],
      expectedProducts: [rule("create", "*.unsigned"), rule("disallow", "*")],
    },
    {
      name: "sign",
      threshold: 1,
      functionaries: [signer("dave").key],
      expectedCommand: [],
      expectedMaterials: [
        { kind: "match", pattern: "*", source: null, with: "products", destination: null, step: "build" },
        rule("disallow", "*"),
      ],
      expectedProducts: [rule("create", "*.deb"), rule("disallow", "*")],
    },
  ],
  inspections: [],
};

/** Signed by these owners. */
export function layoutBytes(draft: LayoutDraft = DRAFT, owners: readonly string[] = ["owner"]): Uint8Array {
  const signed = buildLayout(draft);
  return sealMetablock(
    signed,
    owners.map((name) => ({ key: signer(name).key, sig: signer(name).sign(signed) })),
  );
}

/** A link of somebody's. */
export function link(by: string, step: string, materials: Files, products: Files): Uint8Array {
  const signed = buildStepLink({
    name: step,
    materials: artifacts(materials),
    products: artifacts(products),
    command: [],
    byproducts: new Map(),
  });
  const { key, sign } = signer(by);
  return sealMetablock(signed, [{ key, sig: sign(signed) }]);
}

export function built(by: string, gives: string = "U"): Uint8Array {
  return link(by, "build", { [SOURCE]: "S" }, { [UNSIGNED]: gives });
}

export function signed(by: string = "dave", takes: string = "U", gives: string = "F"): Uint8Array {
  return link(by, "sign", { [UNSIGNED]: takes }, { [FILE]: gives });
}

/** PEM of somebody's key, as a policy has it. */
export function keyOf(name: string, number: number = 1): string {
  return JSON.stringify(toSpkiPem(signer(name, number).key));
}

export const LAYOUTS: string = `[layouts.hello]
file = "hello.layout"
keys = [${keyOf("owner")}]
`;
export const RULE: string = `[[rules]]
name = "hello"
match = "pkg:deb/debian/hello"
layout = "hello"
`;

/** The policy with its layout. */
export function policyWith(
  text: string = LAYOUTS + RULE,
  layout: Uint8Array | null = layoutBytes(),
): Promise<Policy> {
  return attachLayouts(readPolicy(`version = 1\n${text}`), () => layout);
}

/** A feed of somebody's, with what it signed. */
export function feed(name: string, all: readonly Uint8Array[], story: Partial<FeedStory> = {}): RawFindings {
  return tellFeed({
    name,
    entries: all.map((bytes) => ({ bytes, by: signer(name) })),
    age: 3_600_000,
    complete: false,
    fork: "none",
    ...story,
  });
}

export function loose(...envelopes: readonly Uint8Array[]): RawFindings {
  return { entries: [], envelopes, heads: [], evidence: [] };
}

export const ARTIFACT: Artifact = { sha256: digest("F"), name: FILE, target: HELLO, inside: HELLO };

export interface Asked {
  readonly policy?: Policy;
  readonly artifact?: Artifact;
  readonly now?: number;
  readonly inspect?: Inspect;
  readonly asked?: Findings["asked"];
}

/** What comes of it. */
export async function verdictOn(raw: RawFindings, said: Asked = {}): Promise<Verdict> {
  const policy = said.policy ?? (await policyWith());
  const collected = await collectFound(raw, { policy, network: NETWORK, strict: false });
  const asked = said.asked ?? { local: 1, mirrors: 0, peers: 3, dht: 2 };
  return judge(
    said.artifact ?? ARTIFACT,
    { ...collected, settled: "all", asked, memory: new Map() },
    policy,
    said.now ?? NOW,
    said.inspect,
  );
}

/** Two of three built it, and one signed it. */
export const GOOD: readonly RawFindings[] = [
  feed("alice", [built("alice")]),
  feed("bob", [built("bob")]),
  feed("dave", [signed()]),
];

/** Verdict, decision, what contradicts, and how many of how many. */
export function short({ verdict, decision, contradiction, needed, agreeing }: Verdict): string {
  return `${verdict} ${decision} ${contradiction} ${agreeing}/${needed}`;
}
