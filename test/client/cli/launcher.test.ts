import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { findOldNode } from "../../scripts/old-node.ts";

const CHECKOUT = fileURLToPath(new URL("../../../", import.meta.url));
const RUNTIME = join(CHECKOUT, "scripts/runtime/node_modules");

/** A checkout in small: the launcher's files and a main of our own. */
let root: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), "samebits-launcher-"));
  mkdirSync(join(root, "client/cli"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  for (const name of ["samebits.sh", "samebits.js", "runtime.js", "brought-node.js", "whole-stdout.ts"]) {
    cpSync(join(CHECKOUT, "client/cli", name), join(root, "client/cli", name));
  }
});

after(() => rmSync(root, { recursive: true, force: true }));

function setMain(body: string): void {
  writeFileSync(join(root, "client/cli/main.ts"), body);
}

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** This Node first on the path, so that the tests of every supported Node test that Node. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, ...extra };
}

function launch(name: "samebits.sh" | "samebits.js", args: string[] = [], extra = {}): Ended {
  const file = join(root, "client/cli", name);
  const options = { encoding: "utf8", env: environment(extra), cwd: root, input: "words on stdin" } as const;
  return name.endsWith(".sh")
    ? spawnSync(file, args, options)
    : spawnSync(process.execPath, [file, ...args], options);
}

for (const name of ["samebits.sh", "samebits.js"] as const) {
  describe(name, () => {
    it("passes arguments, stdin and each of our codes through", () => {
      setMain(`import { readFileSync } from "node:fs";
        export async function run(argv: readonly string[]): Promise<number> {
          console.log(JSON.stringify(argv), readFileSync(0, "utf8"));
          return Number(argv[0]);
        }`);
      for (const code of [0, 1, 2, 3, 4, 64, 66, 69, 70, 73]) {
        const ended = launch(name, [String(code), "two words", "$HOME", ""]);
        assert.equal(ended.status, code, ended.stderr);
        assert.equal(ended.stdout, `["${code}","two words","$HOME",""] words on stdin\n`);
        assert.equal(ended.stderr, "");
      }
    });

    it("is itself without a stdin", () => {
      setMain(`import { readFileSync } from "node:fs";
        export const run = async (): Promise<number> => readFileSync(0).length + 3;`);
      const file = join(root, "client/cli", name);
      const command = name.endsWith(".sh") ? '"$1"' : '"$0" "$1"';
      const options = { encoding: "utf8", env: environment() } as const;
      const ended = spawnSync("sh", ["-c", `${command} 0<&-`, process.execPath, file], options);
      assert.deepEqual([ended.status, ended.stderr], [3, ""]);
    });

    const faults: Record<string, string> = {
      "a missing module": 'import "./gone.ts"; export const run = async (): Promise<number> => 0;',
      "a syntax error": "export const = 1;",
      "a throw when loaded": 'throw new Error("bang"); export {};',
      "a throw": 'export async function run(): Promise<number> { throw new Error("bang"); }',
      "a throw of no error": "export async function run(): Promise<number> { throw null; }",
      "a throw in a callback": `export const run = (): Promise<number> =>
        new Promise(() => setImmediate(() => { throw new Error("bang"); }));`,
      "an unhandled rejection": `export const run = (): Promise<number> => {
        void Promise.reject(new Error("bang")); return new Promise((r) => setTimeout(r, 60000, 0)); };`,
      "an end without an answer": "export const run = (): Promise<number> => new Promise(() => {});",
      "an exit behind our back": "export const run = async (): Promise<number> => process.exit(0);",
      "a status that is none of ours": "export const run = async (): Promise<number> => 5;",
      "no run at all": "export {};",
    };
    for (const [fault, body] of Object.entries(faults)) {
      it(`ends with 70 and one line after ${fault}`, () => {
        setMain(body);
        const ended = launch(name);
        assert.equal(ended.status, 70, ended.stderr);
        assert.match(ended.stderr, /^samebits: internal error: [^\n]+ \[internal\/impossible\]\n$/);
      });
    }

    it("shows where it happened with --verbose", () => {
      setMain('export async function run(): Promise<number> { throw new Error("bang"); }');
      assert.match(launch(name, ["--verbose"]).stderr, /internal error: Error: bang\n +at .*main\.ts/);
    });

    it("ends with 73 when nobody reads what it writes", () => {
      setMain(`export async function run(): Promise<number> {
        for (let i = 0; i < 1000; i++) await new Promise((r) => process.stdout.write("x".repeat(1000), r));
        return 0; }`);
      const file = join(root, "client/cli", name);
      const command = name.endsWith(".sh") ? '"$1"' : '"$0" "$1"';
      const script = `{ ${command}; echo "status $?" >&2; } | head -c 1 >/dev/null`;
      const options = { encoding: "utf8", env: environment() } as const;
      const ended = spawnSync("sh", ["-c", script, process.execPath, file], options);
      assert.equal(ended.stderr, "status 73\n");
    });

    /** Runs it by a shell, which says what status it ended with; `$@` is the command. */
    function inShell(script: string): Ended {
      const file = join(root, "client/cli", name);
      const command = name.endsWith(".sh") ? [file] : [process.execPath, file];
      return spawnSync("sh", ["-c", script, "sh", ...command], {
        encoding: "utf8",
        env: environment(),
        cwd: root,
      });
    }
    const printing = (octets: number, pieces = 1): void =>
      setMain(`export { writeWholly } from "./whole-stdout.ts";
        export async function run(): Promise<number> {
          for (let i = 0; i < ${pieces}; i++) process.stdout.write("x".repeat(${octets}));
          return 0; }`);

    it("ends with 73 where stdout has no room, and says so", () => {
      for (const pieces of [1, 20]) {
        printing(1_000, pieces);
        const full = inShell('"$@" >/dev/full; echo "status $?" >&2');
        assert.match(
          full.stderr,
          /^samebits: stdout: cannot be written: ENOSPC.* \[output\/cannot-write\]\nstatus 73\n$/,
        );
      }
      const json = JSON.parse(inShell('"$@" --json >/dev/full').stderr) as { code: string; exit: number };
      assert.deepEqual([json.code, json.exit], ["output/cannot-write", 73]);
    });

    it("ends with 73 where there is room for a part of it", () => {
      // In blocks of 512 octets.
      printing(18_915);
      const cut = inShell('(ulimit -f 8; "$@" >cut); echo "status $?" >&2; wc -c <cut');
      assert.equal(cut.stdout.trim(), "4096");
      assert.match(cut.stderr, /^samebits: stdout: cannot be written: EFBIG.*\nstatus 73\n$/);
      const whole = inShell('(ulimit -f 80; "$@" >>cut); echo "status $?" >&2; wc -c <cut');
      assert.deepEqual([whole.stdout.trim(), whole.stderr], [String(4_096 + 18_915), "status 0\n"]);
    });

    it("ends once a slow reader has taken all", () => {
      printing(500_000, 3);
      const slow = inShell('{ "$@"; echo "status $?" >&2; } | { sleep 0.3; wc -c; }');
      assert.deepEqual([slow.stdout.trim(), slow.stderr], ["1500000", "status 0\n"]);
      const gone = inShell('{ "$@"; echo "status $?" >&2; } | { sleep 0.3; head -c 1 >cut; }');
      assert.equal(gone.stderr, "status 73\n");
    });

    it("passes a stop on and gives the status that main gives it", async (context: TestContext) => {
      setMain(`export const run = (): Promise<number> => new Promise((resolve) => {
        const timer = setInterval(() => {}, 1000);
        process.on("SIGTERM", () => { clearInterval(timer); console.log("stopping"); resolve(0); });
        console.log("ready");
      });`);
      const file = join(root, "client/cli", name);
      const [command, args] = name.endsWith(".sh") ? [file, []] : [process.execPath, [file]];
      const child = spawn(command, args, { env: environment(), stdio: ["ignore", "pipe", "inherit"] });
      context.after(() => child.kill("SIGKILL"));
      let heard = "";
      for await (const chunk of child.stdout) {
        heard += String(chunk);
        if (heard === "ready\n") child.kill("SIGTERM");
      }
      if (child.exitCode === null) await new Promise((resolve) => child.on("exit", resolve));
      assert.equal(heard, "ready\nstopping\n");
      assert.equal(child.exitCode, 0);
    });
  });
}

describe("what only a parent can see", () => {
  const outOfMemory = `export async function run(): Promise<number> {
    const kept = []; for (;;) kept.push(new Array(100000).fill(kept.length)); }`;

  it("maps out of memory to 70", () => {
    setMain(outOfMemory);
    const ended = launch("samebits.sh", [], { NODE_OPTIONS: "--max-old-space-size=40" });
    assert.equal(ended.status, 70);
    assert.match(ended.stderr, /samebits: internal error: ended with status 134 \[internal\/impossible\]\n$/);
  });

  it("maps a kill to 70, and Node's own failures to start", () => {
    setMain(
      'export async function run(): Promise<number> { process.kill(process.pid, "SIGKILL"); return 0; }',
    );
    assert.equal(launch("samebits.sh").status, 70);
    assert.equal(launch("samebits.sh", [], { NODE_OPTIONS: "--require ./gone.cjs" }).status, 70);
    assert.equal(launch("samebits.sh", [], { NODE_OPTIONS: "--no-such-option" }).status, 70);
  });

  it("keeps the status of one who was stopped", () => {
    setMain(
      'export async function run(): Promise<number> { process.kill(process.pid, "SIGTERM"); for (;;); }',
    );
    assert.equal(launch("samebits.sh").status, 143);
  });

  it("follows the links that npm makes", () => {
    setMain("export const run = async (): Promise<number> => 2;");
    const link = join(root, "linked");
    symlinkSync("client/cli/samebits.sh", link);
    assert.equal(spawnSync(link, [], { env: environment() }).status, 2);
  });

  it("is found in the folder where the shell is", () => {
    setMain("export const run = async (): Promise<number> => 2;");
    const options = { cwd: join(root, "client/cli"), encoding: "utf8", env: environment() } as const;
    const ended = spawnSync("sh", ["samebits.sh"], options);
    assert.deepEqual([ended.status, ended.stderr], [2, ""]);
    symlinkSync("samebits.sh", join(root, "client/cli/beside"));
    assert.equal(spawnSync("sh", ["beside"], options).status, 2);
  });

  it("says what is missing where there is no Node at all", () => {
    setMain("export const run = async (): Promise<number> => 0;");
    const file = join(root, "client/cli/samebits.sh");
    const ended = spawnSync("/bin/sh", [file], { encoding: "utf8", env: { PATH: "/nowhere" } });
    assert.equal(ended.status, 70);
    assert.match(ended.stderr, /needs Node 22\.18 or newer/);
  });
});

describe("an old Node", () => {
  const old = findOldNode();
  const skip = old === null ? "no Node older than 22.18 on this machine" : false;

  function launchOld(args: string[] = [], extra: Record<string, string> = {}): Ended {
    const file = join(root, "client/cli/samebits.js");
    const env = { ...process.env, NODE_OPTIONS: "", ...extra };
    return spawnSync(old ?? "", [file, ...args], { encoding: "utf8", env });
  }

  it("says what to do where none was brought", { skip }, () => {
    setMain("export const run = async (): Promise<number> => 0;");
    const ended = launchOld();
    assert.equal(ended.status, 70);
    assert.match(
      ended.stderr,
      /^samebits needs Node 22\.18 or newer, this is [\d.]+: run `npm run setup` first\n$/,
    );
  });

  const skipBrought = skip || (existsSync(RUNTIME) ? false : "set-up brought no Node here");
  it("starts the one that was brought and passes its statuses on", { skip: skipBrought }, (context) => {
    mkdirSync(join(root, "scripts/runtime"), { recursive: true });
    symlinkSync(RUNTIME, join(root, "scripts/runtime/node_modules"));
    context.after(() => rmSync(join(root, "scripts"), { recursive: true }));
    setMain(`export const run = async (argv: readonly string[]): Promise<number> => {
      console.log(process.versions.node); return Number(argv[0]); };`);
    for (const code of [0, 1, 2, 73]) assert.equal(launchOld([String(code)]).status, code);
    assert.match(launchOld(["0"]).stdout, /^2[4-9]\./);
    setMain(
      "export const run = async (): Promise<number> => { const kept = []; for (;;) kept.push([...kept, 1]); };",
    );
    const ended = launchOld([], { NODE_OPTIONS: "--max-old-space-size=40" });
    assert.equal(ended.status, 70);
    assert.match(
      ended.stderr,
      /internal error: ended with status 134, by signal 6 \[internal\/impossible\]\n$/,
    );
  });
});
