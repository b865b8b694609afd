/** `watch --installed`: what is contradicted after it was installed is told, once, and what is not installed is nobody's concern; the real dpkg and pacman. */
import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import type { Target } from "../../protocol/index.ts";
import { sha256, toVkey, utf8 } from "../../protocol/index.ts";
import { runCommand, setVariable } from "../client/cli/run.ts";
import { assertLine } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { AptRoot, whyNoApt } from "./apt-root.ts";
import { until } from "./asking.ts";
import { builder, claimOf } from "./claims.ts";
import { PacmanRoot, whyNoPacman } from "./pacman-root.ts";
import { startPeer } from "./processes.ts";
import { watch } from "./watcher.ts";

const LIMIT = { timeout: 120_000 };
const [alice, bob] = [builder("alice"), builder("bob")];
const POLICY = `version = 1
[builders.alice]
key = "${toVkey("alice", alice.raw)}"
[builders.bob]
key = "${toVkey("bob", bob.raw)}"
[[rules]]
name = "all"
match = "pkg:*/*/*"
require = { k = 1, of = ["alice", "bob"] }
`;

interface Made {
  readonly path: string;
  readonly target: Target;
  readonly sha256: Uint8Array;
}

/** A package manager with packages that can be installed. */
interface Machine {
  readonly folder: string;
  make(name: string): Promise<Made>;
  install(made: Made): Promise<void>;
  /** Has this process, and those that it starts, find what this machine has installed; returns how that ends. */
  enter(): Promise<() => void>;
}

async function aptMachine(): Promise<Machine> {
  const root = await AptRoot.open();
  return {
    folder: root.folder,
    make: (name) => root.make(name, "1.0-1"),
    async install({ path }) {
      const { code, out } = await root.run("dpkg", [`--root=${root.folder}`, "--force-not-root", "-i", path]);
      assert.equal(code, 0, out);
    },
    enter: () => Promise.resolve(setVariable("DPKG_ADMINDIR", root.at("var/lib/dpkg"))),
  };
}

async function pacmanMachine(): Promise<Machine> {
  const root = await PacmanRoot.open();
  return {
    folder: root.folder,
    make: (name) => root.make(null, name, "1.0-1"),
    async install({ path }) {
      const { code, out } = await root.pacman("-U", path);
      assert.equal(code, 0, out);
    },
    async enter() {
      const bin = root.at("bin");
      await mkdir(bin);
      const { out } = await root.run("sh", ["-c", "command -v pacman"]);
      await writeFile(join(bin, "pacman"), `#!/bin/sh\nexec ${out.trim()} --config '${root.conf}' "$@"\n`);
      await chmod(join(bin, "pacman"), 0o755);
      return setVariable("PATH", [bin, process.env["PATH"]].join(delimiter));
    },
  };
}

for (const [manager, open, skip] of [
  ["dpkg", aptMachine, whyNoApt()],
  ["pacman", pacmanMachine, whyNoPacman()],
] as const) {
  test(`watch --installed ${manager}`, { ...LIMIT, skip }, async () => {
    const machine = await open();
    const peer = await startPeer({
      publishKey: alice.pem,
      first: true,
      followBuilders: [alice.hex, bob.hex],
    });
    const policy = join(await newFolder(), "policy.toml");
    await writeFile(policy, POLICY);
    const [first, strange, late] = [
      await machine.make("first"),
      await machine.make("strange"),
      await machine.make("late"),
    ];
    const publish = async (claim: Uint8Array): Promise<void> => {
      assert.equal((await peer.publish(claim)).status, 200);
    };
    const contradict = ({ target }: Made): Promise<void> =>
      publish(claimOf(bob, target, sha256(utf8("other bits"))));
    for (const { target, sha256: digest } of [first, strange, late])
      await publish(claimOf(alice, target, digest));

    const leave = await machine.enter();
    try {
      const options = ["--policy", policy, "--network", "e2e", "--data", peer.dataDir];
      const verified = await runCommand(["verify", first.path, ...options]);
      assert.equal(verified.code, 0, verified.out + verified.err);
      await machine.install(first);

      const { lines, child } = await watch(["--installed", manager, ...options]);
      const told = (): readonly string[] =>
        lines.map((line) => (JSON.parse(line) as { target: { purl: string } }).target.purl);
      await contradict(strange);
      await contradict(first);
      await until("the alert", async () => lines.length > 0);
      // What is installed while it watches counts, and nothing is told twice.
      await machine.install(late);
      await contradict(first);
      await contradict(late);
      await until("the next one", async () => told().includes(late.target.purl));
      assert.deepEqual(told(), [first.target.purl, late.target.purl]);
      for (const line of lines) assertLine("watch", line);
      child.kill("SIGTERM");
    } finally {
      leave();
    }
  });
}
