/** A real node with its dashboard, builders that sign what they got, and one that got something else. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Node, NodeConfig } from "../../node/index.ts";
import {
  buildFailed,
  buildLink,
  debTarget,
  ed25519Key,
  keyIdPlain,
  readPolicy,
  sealEnvelope,
  sha256,
  signDomain,
  toHex,
  toVkey,
  utf8,
} from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { builder } from "../e2e/claims.ts";
import type { TestBuilder } from "../e2e/claims.ts";
import { newFolder } from "../node/folder.ts";
import { startTestNode } from "../node/test-node.ts";
import { builtDashboard } from "./browser.ts";

export const NAMES = [
  "north-university",
  "harbour-labs",
  "open-forge",
  "alpine-society",
  "river-builds",
] as const;
export const BUILDERS: readonly TestBuilder[] = NAMES.map((name) => builder(name));
const OUTLIER = 4;
const OTHERS = 4;

/** Times that statements name, so that pictures of the page are the same each time. */
const BUILT_AT = Date.parse("2026-11-27T08:00:00Z");
const MINUTE = 60_000;

export const POLICY: string = `version = 1

${NAMES.map((name, at) => {
  const key = toVkey(name, BUILDERS[at]?.raw ?? new Uint8Array());
  return `[builders.${name}]\nkey = "${key}"\noperator = "${name}"\nroles = ["rebuilder"]\n`;
}).join("\n")}
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 3, of = "role:rebuilder", distinct = "operator" }
on_contradiction = "refuse"
`;

export function target(name: string): Target {
  return debTarget({ namespace: "debian", name, version: "1.0-1", arch: "amd64" });
}

/** That builder says: I built this package and got a file of this content. */
export function built(by: number, name: string, content: string): Uint8Array {
  const who = BUILDERS[by];
  if (who === undefined) throw new Error(`there is no builder ${by}`);
  return builtBy(who, by, name, content);
}

function builtBy(who: TestBuilder, by: number, name: string, content: string): Uint8Array {
  const about = target(name);
  const statement = buildLink([{ target: about, file: about.file, sha256: sha256(utf8(content)) }], {
    step: "rebuild",
    command: ["dpkg-buildpackage", "-b"],
    materials: [],
    how: "built",
    time: BUILT_AT + by * 17 * MINUTE,
    environment: null,
  });
  return sealEnvelope(statement, (bytes) => signDomain(who.seed, bytes), keyIdPlain(ed25519Key(who.raw)));
}

/** That builder says: I tried to build it and got nothing. */
export function failed(by: number, name: string): Uint8Array {
  const who = BUILDERS[by];
  if (who === undefined) throw new Error(`there is no builder ${by}`);
  const about = target(name);
  const statement = buildFailed([{ target: about, file: about.file, sha256: null }], {
    step: "rebuild",
    materials: [],
    how: "built",
    time: BUILT_AT,
    environment: null,
    reason: "the compiler ran out of memory",
  });
  return sealEnvelope(statement, (bytes) => signDomain(who.seed, bytes), keyIdPlain(ed25519Key(who.raw)));
}

export interface Stage {
  readonly node: Node;
  readonly url: string;
  readonly token: string;
  /** Lets other nodes connect to it. */
  readonly meet: () => Promise<void>;
  /** Has somebody with a node of his own, of whom no policy knows, say that he got this file; the node follows all. */
  readonly stranger: (name: string, content: string) => Promise<void>;
}

/** Starts the node; `entries` are in its feed when this resolves. */
export async function openStage(entries: readonly Uint8Array[], followAll = false): Promise<Stage> {
  await builtDashboard();
  const dataDir = await newFolder();
  const node = await startTestNode({
    dataDir,
    publishKey: BUILDERS[0]?.pem ?? "",
    first: true,
    follow: { all: followAll, origins: [], builders: BUILDERS.map(({ raw }) => ed25519Key(raw)) },
    policies: [policyView()],
    api: { listen: "127.0.0.1:0", public: false, hosts: [] },
  });
  for (let at = 0; at < entries.length; at += 50) await node.publish(entries.slice(at, at + 50));
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  const meet = async (): Promise<void> => {
    for (let i = 0; i < OTHERS; i++) {
      const other = await startTestNode({ bootstrap: node.listen });
      for (let tries = 0; other.peers().length === 0 && tries < 100; tries++)
        await new Promise((go) => setTimeout(go, 50));
    }
  };
  const stranger = async (name: string, content: string): Promise<void> => {
    const who = builder(`stranger with ${content}`);
    const other = await startTestNode({ publishKey: who.pem, first: true, bootstrap: node.listen });
    await other.publish([builtBy(who, 0, name, content)]);
  };
  return { node, url: node.api ?? "", token, meet, stranger };
}

function policyView(): NonNullable<NodeConfig["policies"]>[number] {
  const policy = readPolicy(POLICY, "policy.toml");
  const builders = [...policy.builders.values()].map(({ name, operator, roles, keys, feeds }) => ({
    name,
    operator,
    roles,
    keys: keys.map(({ raw }) => toHex(raw)),
    feeds,
  }));
  return { name: "policy.toml", sha256: policy.sha256, text: POLICY, builders };
}

/** Builders who agree on all of `packages`, but for the one who got other bits of the first. */
export function contradiction(packages: readonly string[]): readonly Uint8Array[] {
  return packages.flatMap((name, at) =>
    BUILDERS.flatMap((_, by) => {
      if (at === 0) return [built(by, name, by === OUTLIER ? "tampered bits" : `bits of ${name}`)];
      if (at % 7 === 3 && by === 1) return [failed(by, name)];
      if (at % 5 === 2 && by > 2) return [];
      return [built(by, name, `bits of ${name}`)];
    }),
  );
}
