/** A machine's hook over its life: installed, installed anew, removed; with the real apt-config and pacman-conf in folders of their own. */
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertSafe } from "../../../client/cli/apt/index.ts";
import { openPrinter } from "../../../client/cli/print.ts";
import { ClientError } from "../../../client/errors.ts";
import { APT, writePins } from "../../../client/install/index.ts";
import { AptRoot, whyNoApt } from "../../e2e/apt-root.ts";
import { PacmanRoot, whyNoPacman } from "../../e2e/pacman-root.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { begun, PIN, policyText } from "../trust/rig.ts";
import { owner } from "../../protocol/trust/domains.ts";

/** What two managers' hooks have in common. */
interface Machine {
  readonly name: "apt" | "pacman";
  readonly at: (path: string) => string;
  readonly hook: string;
  readonly install: (...more: readonly string[]) => Promise<Ran>;
  readonly remove: (...more: readonly string[]) => Promise<Ran>;
}

async function prepare(at: Machine["at"]): Promise<readonly string[]> {
  writeFileSync(at("policy.toml"), policyText(owner(1)));
  mkdirSync(at("data"));
  const places = { data: at("data"), state: at("state") };
  return Object.entries(places).flatMap(([option, value]) => [`--${option}`, value]);
}

/** What is not said otherwise. */
function besides(words: readonly string[], at: Machine["at"]): readonly string[] {
  return [
    ...(words.includes("--domain") ? [] : ["--policy", at("policy.toml")]),
    ...(words.includes("--config") ? [] : ["--config", "/dev/null"]),
  ];
}

/** Whoever was guarded stays so: a hook that can't be installed takes none away. */
async function againInVain({ at, hook, install }: Machine): Promise<void> {
  chmodSync(at("policy.toml"), 0o666);
  const first = await install("--mode", "enforce");
  assert.deepEqual([first.code, existsSync(hook)], [3, false], first.err);
  assert.match(first.err, /the hook is not installed, as others than root could change it: .*policy\.toml/);
  chmodSync(at("policy.toml"), 0o644);
  assert.equal((await install("--mode", "enforce")).code, 0);
  const before = readFileSync(hook, "utf8");
  chmodSync(at("policy.toml"), 0o666);
  const again = await install("--mode", "enforce", "--network", "other");
  chmodSync(at("policy.toml"), 0o644);
  assert.equal(again.code, 3, again.err);
  assert.match(
    again.err,
    /not installed, and the one that was there stays, as .*\[(apt|pacman)\/unsafe-file\]/,
  );
  assert.equal(existsSync(hook) && readFileSync(hook, "utf8"), before);
}

/** `deb_namespace` and the network stand there: with others, other rules are for a package, or none. */
async function byConfig({ at, install }: Machine): Promise<void> {
  const config = at("config.toml");
  writeFileSync(config, 'deb_namespace = "debian"\n');
  chmodSync(config, 0o646);
  const open = await install("--mode", "enforce", "--config", config);
  assert.equal(open.code, 3, open.out);
  assert.match(open.err, /config\.toml can be written by others than root \[(apt|pacman)\/unsafe-file\]/);
  chmodSync(config, 0o644);
  const closed = await install("--mode", "enforce", "--config", config);
  assert.equal(closed.code, 0, closed.err);
  const options = { mode: "enforce", policy: at("policy.toml"), config } as const;
  const safe = (): void => assertSafe(APT, [], { ...options, state: at("state") }, openPrinter({}));
  safe();
  chmodSync(config, 0o646);
  assert.throws(safe, (error) => error instanceof ClientError && error.code === "apt/unsafe-file");
}

/** The archives of nodejs.org belong to user 1000 or so, and root who unpacks one keeps that: the first user of many a machine. */
async function byNode({ at, hook, install }: Machine): Promise<void> {
  const node = process.execPath;
  process.execPath = at("node");
  writeFileSync(process.execPath, "");
  chownSync(process.execPath, 1_000, 1_000);
  const ended = await install("--mode", "enforce").finally(() => (process.execPath = node));
  assert.equal(ended.code, 3, ended.out);
  assert.match(ended.err, /\/node belongs to user 1000 \[(apt|pacman)\/unsafe-file\]/);
  assert.equal((await install("--mode", "enforce")).code, 0);
  assert.equal(existsSync(hook), true);
}

/** What goes with a hook is what it has kept, where it kept it, and nothing of anybody else. */
async function removed({ name, at, hook, install, remove }: Machine): Promise<void> {
  const [state, data, seen] = [at("state"), at("data"), join(at("data"), "seen/main/heads")];
  await install();
  for (const file of ["allowed.json", "log.jsonl"]) writeFileSync(join(state, file), "");
  mkdirSync(join(state, "seen/main/heads"), { recursive: true });
  assert.equal((await remove()).code, 0);
  assert.deepEqual([existsSync(hook), existsSync(state)], [false, false], "by the hook's own word");

  // A folder that a node has, too.
  await install("--state", data);
  mkdirSync(seen, { recursive: true });
  for (const file of ["feed.key", "allowed.json", "log.jsonl"]) writeFileSync(join(data, file), "");
  const ended = await remove("--state", data);
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.err, new RegExp(`what the hook kept in ${data}; the folder stays`));
  assert.deepEqual(readdirSync(data).toSorted(), ["feed.key", "seen"], name);
  assert.deepEqual([existsSync(seen), existsSync(hook)], [true, false]);
}

/** The beginning of a fingerprint is enough for a person, who sees what it is; for a hook it is not. */
async function byDomain({ at, hook, install }: Machine): Promise<void> {
  const { folder } = await begun();
  const pinned = await runCommand(["trust", "add", PIN, "--from", folder, "--data", at("data")]);
  assert.equal(pinned.code, 0, pinned.err);
  const ended = await install("--domain", PIN.slice(0, 8).toUpperCase());
  assert.equal(ended.code, 0, ended.err);
  assert.match(readFileSync(hook, "utf8"), new RegExp(` --policy domain:${PIN} `));
}

/** Hooks are called in other folders than they were installed in, and without the network. */
async function byMirrors({ at, hook, install }: Machine): Promise<void> {
  const beside = relative(process.cwd(), at("feeds"));
  const ended = await install("--mirror", `file:${beside}`, "file:///srv/b", "file:/srv/c");
  assert.equal(ended.code, 0, ended.err);
  const text = readFileSync(hook, "utf8");
  assert.ok(text.includes(` --mirror file:${at("feeds")} file:///srv/b file:/srv/c`), text);
  const far = await install("--mode", "enforce", "--mirror", "https://example.org/feeds");
  assert.equal(far.code, 64, far.err);
  assert.match(far.err, /a hook reads file:DIR only/);
  assert.equal(readFileSync(hook, "utf8"), text);
}

describe("apt", { skip: whyNoApt() }, () => {
  let machine: Machine;
  let release: () => void;

  before(async () => {
    const root = await AptRoot.open();
    release = setVariable("APT_CONFIG", root.at("apt.conf"));
    const at = (path: string): string => root.at(path);
    const words = await prepare(at);
    machine = {
      name: "apt",
      at,
      hook: root.at("etc/apt/apt.conf.d/50samebits"),
      install: (...more) => runCommand(["apt", "install-hook", ...words, ...besides(more, at), ...more]),
      remove: (...more) => runCommand(["apt", "remove-hook", ...more]),
    };
  });
  after(() => release());

  test("a hook that can't be installed anew leaves the one that is there, and its methods", async () => {
    await againInVain(machine);
    const { at, install } = machine;
    assert.equal((await install("--method")).code, 0);
    const script = join(at("state"), "samebits+https");
    const before = readFileSync(script, "utf8");
    chmodSync(at("policy.toml"), 0o666);
    assert.equal((await install("--mode", "enforce")).code, 3);
    chmodSync(at("policy.toml"), 0o644);
    assert.equal(existsSync(script) && readFileSync(script, "utf8"), before);
  });

  test("a hook that is removed takes nothing of others with it", () => removed(machine));

  test("a trust domain stands in the hook with its whole fingerprint", () => byDomain(machine));

  test("a configuration that others can change is none to go by", () => byConfig(machine));

  test("nor is a Node", () => byNode(machine));

  test("a mirror stands there by its whole path, and is a folder", () => byMirrors(machine));

  test("who is let by stands where the hook looks", async () => {
    const { at, install } = machine;
    assert.equal((await install("--state", at("elsewhere"))).code, 0);
    const ended = await runCommand(["apt", "allow", "sl=5.02-1", "--reason", "r"]);
    assert.equal(ended.code, 0, ended.err);
    assert.match(readFileSync(at("elsewhere/allowed.json"), "utf8"), /5\.02-1/);
    assert.match((await runCommand(["apt", "allow"])).out, /^sl=5\.02-1 until/);
  });

  test("apt of other users can read what root has written with a umask of 077", async () => {
    const { at, install, hook } = machine;
    const pins = at("etc/apt/preferences.d/samebits");
    const before = process.umask(0o077);
    try {
      assert.equal((await install()).code, 0);
      await writePins(pins, [{ name: "sl", version: "5.02-1", arch: "all" }], "amd64");
    } finally {
      process.umask(before);
    }
    for (const path of [hook, pins]) assert.equal(statSync(path).mode & 0o777, 0o644, path);
  });

  test("what is held is held no more where nobody looks at it again", async () => {
    const { at, install } = machine;
    const pins = at("etc/apt/preferences.d/samebits");
    writeFileSync(pins, "Package: sl\nPin: version 5.02-1\nPin-Priority: -1\n");
    assert.equal((await install("--mode", "enforce")).code, 0);
    assert.equal(existsSync(pins), true, "the next update looks at it");
    assert.equal((await install("--mode", "enforce", "--no-hold")).code, 0);
    assert.equal(existsSync(pins), false);
  });
});

describe("pacman", { skip: whyNoPacman() }, () => {
  let machine: Machine;

  before(async () => {
    const root = await PacmanRoot.open("core");
    const at = (path: string): string => root.at(path);
    const conf = ["--pacman-conf", root.conf];
    const words = [...(await prepare(at)), ...conf];
    machine = {
      name: "pacman",
      at,
      hook: at("hooks/00-samebits.hook"),
      install: (...more) => runCommand(["pacman", "install-hook", ...words, ...besides(more, at), ...more]),
      remove: (...more) => runCommand(["pacman", "remove-hook", ...conf, ...more]),
    };
  });

  test("a hook that can't be installed anew leaves the one that is there", () => againInVain(machine));

  test("a hook that is removed takes nothing of others with it", () => removed(machine));

  test("a trust domain stands in the hook with its whole fingerprint", () => byDomain(machine));

  test("a configuration that others can change is none to go by", () => byConfig(machine));

  test("nor is a Node", () => byNode(machine));

  test("a mirror stands there by its whole path, and is a folder", () => byMirrors(machine));
});
