/** A node's page, served as it is or with something of the node changed. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import { ed25519Key, toSpkiPem } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim } from "../../e2e/claims.ts";
import type { TestBuilder } from "../../e2e/claims.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { newFolder } from "../folder.ts";
import { startTestNode } from "../test-node.ts";

export const alice: TestBuilder = builder("alice");
export const bob: TestBuilder = builder("bob");
export const SHELL =
  '<!doctype html><html lang="en"><title>t</title><body><div id="app"><!--facts--></div></body></html>';

/** In which Alice has a name that a policy may give. */
const POLICY_FILE = `version = 1
[builders.alice]
key = """${toSpkiPem(ed25519Key(alice.raw))}"""
[[rules]]
name = "all"
match = "pkg:deb/debian/*"
require = { k = 1, of = ["alice"] }
`;

/** A node of Alice's with an entry of hers. */
export async function startPageNode(): Promise<Node> {
  const builders = [
    { name: "Alice <b>", operator: "alice", roles: [], keys: [alice.hex], feeds: [] as string[] },
  ];
  const node = await startTestNode({
    publishKey: alice.pem,
    first: true,
    policies: [{ name: "policy.toml", sha256: "ab".repeat(32), text: POLICY_FILE, builders }],
  });
  await node.publish([claim(alice, "hello", "these bits")]);
  return node;
}

export async function serve(
  node: Node,
  changes: Partial<ApiNode> = {},
  pages = "/nowhere",
  listen = "127.0.0.1",
): Promise<string> {
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent, pages };
  const api = await startApi({ ...node, ...changes }, { ...options, listen: `${listen}:0` });
  atEnd(() => api.close());
  return api.url ?? "";
}

export async function page(node: Node, changes: Partial<ApiNode> = {}, pages?: string): Promise<string> {
  const answer = await fetch(`${await serve(node, changes, pages)}/`);
  const text = await answer.text();
  assertAnswered("GET", "/", { status: answer.status, type: answer.headers.get("content-type") ?? "", text });
  assertNested(text);
  return text;
}

/** Every element that is opened is closed, in order. */
export function assertNested(text: string): void {
  const open: string[] = [];
  for (const [, slash, name = "", rest = ""] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)\b([^>]*)>/g)) {
    if (slash === "/") assert.equal(open.pop(), name, text);
    else if (name !== "meta" && !rest.endsWith("/")) open.push(name);
  }
  assert.deepEqual(open, [], text);
}

export async function builtFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await newFolder();
  await mkdir(join(folder, "assets"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
