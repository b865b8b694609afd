import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { findOldNode } from "./old-node.ts";

const TOP = join(import.meta.dirname, "../..");
const READY = `setup: ready, Node ${process.versions.node}\n`;
const FILES = [
  "scripts/setup.js",
  "scripts/install.js",
  "client/cli/runtime.js",
  "client/cli/brought-node.js",
];
const PLATFORM = `node-${process.platform}-${process.arch}`;

/** Stands for npm: notes how it was called and does what `npm ci` would: installs what the lock file says. */
const NPM = `
  const { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } = require("node:fs");
  appendFileSync(process.env.CALLS, process.argv.slice(2).join(" ") + "\\n");
  if (process.env.BROKEN) process.exit(1);
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  delete lock.packages[""];
  for (const path of Object.keys(lock.packages)) mkdirSync(path, { recursive: true });
  mkdirSync("node_modules", { recursive: true });
  writeFileSync("node_modules/.package-lock.json", JSON.stringify(lock));
  const brought = "node_modules/${PLATFORM}";
  if (brought in lock.packages) {
    mkdirSync(brought + "/bin", { recursive: true });
    symlinkSync(process.env.NEW_NODE, brought + "/bin/node");
  }
`;

/** Stands for the dashboard's build, which needs the packages. */
const PAGE = `
  import { writeFileSync } from "node:fs";
  writeFileSync("page", process.versions.node);
  if (process.env["BROKEN_PAGE"] !== undefined) process.exit(1);
`;

describe("npm run setup", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "samebits-setup-"));
    for (const file of FILES) cpSync(join(TOP, file), join(root, file));
    mkdirSync(join(root, "scripts/runtime"));
    mkdirSync(join(root, "scripts/build"));
    writeFileSync(join(root, "scripts/build/dashboard.ts"), PAGE);
    writeFileSync(join(root, "package.json"), '{ "type": "module" }');
    writeFileSync(join(root, "npm.cjs"), NPM);
    writeFileSync(join(root, "calls"), "");
    setLock("package-lock.json", { "node_modules/level": { integrity: "sha512-1" } });
    setLock("scripts/runtime/package-lock.json", {
      [`node_modules/${PLATFORM}`]: { integrity: "sha512-2", optional: true },
    });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function setLock(file: string, packages: object): void {
    writeFileSync(join(root, file), JSON.stringify({ packages: { "": {}, ...packages } }));
  }

  interface Ended {
    readonly status: number | null;
    readonly stderr: string;
    readonly calls: number;
  }

  function setUp(node: string = process.execPath, extra: Record<string, string> = {}): Ended {
    const npm = {
      npm_execpath: join(root, "npm.cjs"),
      CALLS: join(root, "calls"),
      NEW_NODE: process.execPath,
    };
    const env = { ...process.env, ...npm, ...extra };
    const script = join(root, "scripts/setup.js");
    const { status, stdout, stderr } = spawnSync(node, [script], { env, encoding: "utf8" });
    assert.equal(stdout, "", "what is run after it may print data there");
    const calls = readFileSync(join(root, "calls"), "utf8").split("\n").length - 1;
    return { status, stderr, calls };
  }

  it("installs what the lock file says, without scripts, and asks nobody the second time", () => {
    const installing = "setup: installing the packages of package-lock.json\n";
    assert.deepEqual(setUp(), { status: 0, stderr: installing + READY, calls: 1 });
    assert.match(readFileSync(join(root, "calls"), "utf8"), /^ci --ignore-scripts .*--include=dev/);
    assert.deepEqual(setUp(undefined, { BROKEN: "1" }), { status: 0, stderr: READY, calls: 1 });
  });

  it("has the dashboard built by a Node that is new enough, and fails where that fails", () => {
    setUp();
    assert.equal(readFileSync(join(root, "page"), "utf8"), process.versions.node);
    const { status, stderr } = setUp(undefined, { BROKEN_PAGE: "1" });
    assert.equal(status, 1);
    assert.match(stderr, /the dashboard could not be built/);
  });

  it("installs again when the lock file has changed", () => {
    setUp();
    setLock("package-lock.json", { "node_modules/level": { integrity: "sha512-other" } });
    assert.equal(setUp().calls, 2);
    setLock("package-lock.json", {});
    assert.equal(setUp().calls, 3);
    assert.equal(setUp().calls, 3);
  });

  it("installs again when the last installation was cut off, or a package is gone", () => {
    setUp();
    writeFileSync(join(root, "node_modules/.package-lock.json"), '{"pack');
    assert.equal(setUp().calls, 2);
    rmSync(join(root, "node_modules/level"), { recursive: true });
    assert.equal(setUp().calls, 3);
  });

  it("does not mind packages for other platforms that npm left out", () => {
    setUp();
    const packages = {
      "node_modules/level": { integrity: "sha512-1" },
      "node_modules/level-win32": { optional: true },
    };
    setLock("package-lock.json", packages);
    assert.equal(setUp().calls, 1);
  });

  it("says in one sentence what failed", () => {
    const { status, stderr } = setUp(undefined, { BROKEN: "1" });
    assert.equal(status, 1);
    assert.match(stderr, /^setup: installing [^\n]+\nsetup: npm could not install [^\n]+\n$/);
    rmSync(join(root, "package-lock.json"));
    assert.match(setUp().stderr, /^setup: [^\n]*package-lock\.json is missing or damaged[^\n]+\n$/);
  });

  it("says in one sentence that it cannot serve a machine, before it installs anything", () => {
    const other = join(root, "other.cjs");
    const versions = `{ ...process.versions, node: "20.1.0" }`;
    const lie = (name: string, value: string): string =>
      `Object.defineProperty(process, "${name}", { value: ${value} });\n`;
    writeFileSync(other, lie("versions", versions) + lie("arch", '"riscv64"'));
    const { status, stderr, calls } = setUp(undefined, { NODE_OPTIONS: `--require ${other}` });
    assert.deepEqual([status, calls], [1, 0], stderr);
    assert.match(
      stderr,
      /^setup: samebits needs Node 22\.18 or newer, [^\n]*linux-riscv64: install Node 24\n$/,
    );
  });

  const old = findOldNode();
  const skip = old === null ? "no Node older than 22.18 on this machine" : false;

  it("brings a Node where this one is too old, once", { skip }, () => {
    const { status, stderr, calls } = setUp(old ?? "");
    assert.deepEqual([status, calls], [0, 2]);
    assert.match(stderr, /\nsetup: installing Node for [^\n]+\nsetup: ready, Node /);
    assert.deepEqual(setUp(old ?? "", { BROKEN: "1" }), { status: 0, stderr: READY, calls: 2 });
  });

  it("says so when the one that it brought does not run here", { skip }, () => {
    const { status, stderr } = setUp(old ?? "", { NEW_NODE: "/bin/false" });
    assert.equal(status, 1);
    assert.match(stderr, /\nsetup: [^\n]+ does not run here [^\n]+\n$/);
  });
});
