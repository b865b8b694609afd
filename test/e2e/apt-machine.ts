/** A machine whose real apt is guarded by the hook, in a throw-away root. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writersOf } from "../../client/install/index.ts";
import { defaultConfig, startNode } from "../../node/index.ts";
import type { Node } from "../../node/index.ts";
import { toVkey } from "../../protocol/index.ts";
import { atEnd } from "../at-end.ts";
import { LAUNCHER } from "../built.ts";
import { newFolder } from "../node/folder.ts";
import { AptRoot, whyNoApt } from "./apt-root.ts";
import type { AptEnded, Made } from "./apt-root.ts";
import { builder, claimOf } from "./claims.ts";

export const PROGRAM: string = join(dirname(LAUNCHER), "samebits.sh");
export const NETWORK: string = "apt-test";
const [alice, bob] = [builder("alice"), builder("bob")];

/** Why the hook can't be tried here; false where it can. */
export function whyNot(): string | false {
  const why = whyNoApt();
  if (why !== false) return why;
  const writers = writersOf(PROGRAM);
  return writers === null ? false : `others than root can change the command: ${writers}`;
}

export const POLICY: string = `version = 1
[builders.alice]
key = "${toVkey("alice", alice.raw)}"
[builders.bob]
key = "${toVkey("bob", bob.raw)}"
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = ["alice", "bob"] }
[[rules]]
name = "arch"
match = "pkg:alpm/arch/*"
require = { k = 2, of = ["alice", "bob"] }
`;

/** The two builders, and these rules. */
export function policyOf(rules: string): string {
  return `${POLICY.slice(0, POLICY.indexOf("[[rules]]"))}${rules}`;
}

/** A machine with a policy, on which the hook can be installed. */
export class Machine {
  readonly root: AptRoot;
  readonly data: string;

  private constructor(root: AptRoot, data: string) {
    this.root = root;
    this.data = data;
  }

  static async open(): Promise<Machine> {
    const machine = new Machine(await AptRoot.open(), await newFolder());
    await writeFile(machine.root.at("policy.toml"), POLICY);
    return machine;
  }

  samebits(...words: readonly string[]): Promise<AptEnded> {
    return this.root.run(PROGRAM, words);
  }

  async hook(mode: string, ...more: readonly string[]): Promise<string> {
    const { root, data } = this;
    const places = ["--policy", root.at("policy.toml"), "--state", root.at("state"), "--data", data];
    const words = ["apt", "install-hook", "--mode", mode, "--program", PROGRAM, "--network", NETWORK];
    const ended = await this.samebits(...words, ...places, ...more);
    assert.equal(ended.code, 0, ended.out);
    return ended.out;
  }
}

/** A node on the machine, whose feed carries these. */
export async function startFor(
  { data }: Pick<Machine, "data">,
  ...claims: readonly Uint8Array[]
): Promise<Node> {
  const node = await startNode({
    ...defaultConfig(data),
    network: NETWORK,
    listen: [],
    publishKey: alice.pem,
    first: true,
    follow: { all: true, origins: [], builders: [] },
    api: { listen: null, public: false, hosts: [] },
    log: "silent",
  });
  atEnd(() => node.close());
  await node.publish(claims);
  return node;
}

/** Both say that they got this file. */
export function agreed({ target, sha256: digest }: Pick<Made, "target" | "sha256">): readonly Uint8Array[] {
  return [claimOf(alice, target, digest), claimOf(bob, target, digest)];
}
