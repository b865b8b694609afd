/** `npm run package:deb`: the same sources give the same package, two who built it say so to each other, and systemd takes its units. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { before, describe, test } from "node:test";
import { buildDeb } from "../../scripts/deb/package.ts";
import type { Deb } from "../../scripts/deb/package.ts";
import { atEnd } from "../at-end.ts";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { childrenOf, NOBODY, startConfined } from "./confined.ts";

const TOP = join(import.meta.dirname, "../..");
const EPOCH = "1796000000";
const LIMIT = { timeout: 300_000 };
/** Of ten times systemd's figure: the issue of hardening is settled below 2.5. */
const MOST_EXPOSED = 25;
const UNITS = ["samebits.service", "samebits-watch.service"];
/** A clock that is a year and some days ahead. */
const LATER = `--import=data:text/javascript,${encodeURIComponent(
  "const now = Date.now; Date.now = () => now() + 4e10; globalThis.Date = class extends Date { constructor(...a) { super(...(a.length ? a : [Date.now()])); } }",
)}`;

describe("Debian's package", { skip: lacks("dpkg-deb", "xz", "gzip") || whyNoNode() }, () => {
  let folder: string;
  let deb: Deb;
  before(async () => {
    folder = await newFolder();
    process.env["SOURCE_DATE_EPOCH"] = EPOCH;
    deb = await buildDeb(join(folder, "first"), { revision: "1", level: 0 });
  });

  test("built again it is the same; two say so, and a third counts them", LIMIT, async () => {
    const there = await copySources();
    const [first, second] = [await key("first"), await key("second")];
    const again = join(there, "out", basename(deb.file));
    const ran = rebuildAsOther(there, second, again);
    assert.equal(ran.status, 0, ran.stderr);
    assert.deepEqual(sha256(again), sha256(deb.file));

    const attested = ["attest", deb.file, "--purl", deb.purl, "--key", `${first}.key`, "-o", folder];
    assert.equal((await runCommand(attested)).code, 0);
    const policy = join(folder, "policy.toml");
    const builders = [first, second].map((path, at) => {
      const pem = JSON.stringify(readFileSync(`${path}.pub`, "utf8"));
      return `[builders.b${at}]\nkey = ${pem}\nroles = ["rebuilder"]\n`;
    });
    const rule = `[[rules]]\nname = "ours"\nmatch = "pkg:deb/debian/samebits"\nrequire = { k = 2, of = "role:rebuilder" }\n`;
    writeFileSync(policy, `version = 1\n${builders.join("")}${rule}`);
    const said = (
      ...bundles: readonly string[]
    ): Promise<{ readonly code: number | null; readonly out: string }> =>
      runCommand([
        "verify",
        deb.file,
        "--policy",
        policy,
        "--offline",
        "--purl",
        deb.purl,
        "--bundle",
        ...bundles,
      ]);
    const envelopes = [folder, join(there, "out")].map((place) => globSync(`${place}/*.dsse.jsonl`)[0] ?? "");
    assert.equal((await said(envelopes[0] ?? "")).code, 2, "one alone is not enough");
    const both = await said(...envelopes);
    assert.equal(both.code, 0, both.out);
    assert.match(both.out, /1 reproduced/);
  });

  /** By a user who may do nothing here, elsewhere, in another language, time zone and year, under another umask: `samebits rebuild -- npm run package:deb`. */
  function rebuildAsOther(
    there: string,
    path: string,
    product: string,
  ): { readonly status: number | null; readonly stderr: string } {
    const build = "umask 077 && NODE_OPTIONS=$LATER exec node scripts/deb.ts out --level 0";
    const samebits = join(TOP, "client/cli/samebits.js");
    const words = [
      "rebuild",
      "--key",
      `${path}.key`,
      "--purl",
      deb.purl,
      "--product",
      product,
      "--",
      "sh",
      "-c",
      build,
    ];
    const isRoot = process.getuid?.() === 0;
    const other = isRoot ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : ["env"];
    const [program = "", ...args] = [...other, process.execPath, samebits, ...words];
    const { PATH = "" } = process.env;
    const env = {
      PATH: `${join(process.execPath, "..")}:${PATH}`,
      HOME: there,
      XDG_DATA_HOME: join(there, "data"),
      TMPDIR: join(there, "tmp"),
      TZ: "Pacific/Kiritimati",
      LC_ALL: "C",
      SOURCE_DATE_EPOCH: EPOCH,
      LATER,
    };
    return spawnSync(program, args, { cwd: there, env, encoding: "utf8" });
  }

  async function key(name: string): Promise<string> {
    const home = await newFolder();
    const path = join(home, name);
    assert.equal((await runCommand(["keygen", name, "--out", home])).code, 0);
    if (process.getuid?.() === 0) for (const one of [home, `${path}.key`]) chownSync(one, NOBODY, NOBODY);
    return path;
  }

  test(
    "its units are what systemd takes, and expose little",
    { skip: lacks("systemd-analyze") },
    async () => {
      const units = await newFolder();
      for (const name of UNITS) {
        const text = readFileSync(join(TOP, "scripts/deb/debian", name), "utf8");
        // The only thing in them that this machine lacks.
        const runnable = text
          .replace("/usr/bin/samebits", process.execPath)
          .replaceAll(/^Documentation=.*\n/gm, "");
        writeFileSync(join(units, name), runnable);
      }
      for (const name of UNITS) {
        const unit = join(units, name);
        const analyze = (...args: readonly string[]): ReturnType<typeof spawnSync> =>
          spawnSync("systemd-analyze", [...args, unit], { encoding: "utf8" });
        const verified = analyze("verify");
        assert.deepEqual([verified.status, `${verified.stdout}${verified.stderr}`], [0, ""]);
        const exposed = analyze("security", "--offline=true", "--no-pager", `--threshold=${MOST_EXPOSED}`);
        assert.equal(exposed.status, 0, String(exposed.stdout));
      }
    },
  );

  test(
    "its node runs under what the unit leaves it, and ends when it is told to",
    { skip: whyNotConfined(), ...LIMIT },
    async () => {
      const state = await newFolder();
      const installed = await newFolder();
      chmodSync(installed, 0o755);
      chownSync(state, NOBODY, NOBODY);
      assert.equal(spawnSync("dpkg-deb", ["-x", deb.file, installed]).status, 0);
      const unit = readFileSync(join(installed, "usr/lib/systemd/system/samebits.service"), "utf8");
      const [, ...words] = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "").split(" ");
      const argv = words.map((word) =>
        word.replace("/var/lib/samebits", state).replace("/etc/samebits", join(installed, "etc/samebits")),
      );
      const log = join(state, "kept-back");
      const launcher = join(installed, "usr/lib/samebits/lib/samebits.sh");
      const escape = `chroot / true || touch ${installed}/touched || exec "$@"; echo it is not confined`;
      const child = startConfined(unit, state, log, ["sh", "-c", escape, "sh", "sh", launcher, ...argv]);
      atEnd(() => child.kill("SIGKILL"));
      let said = "";
      child.stderr?.on("data", (part) => (said += String(part)));
      const ended = once(child, "exit");
      const line = createInterface({ input: child.stdout ?? process.stdin });
      const first = await Promise.race([once(line, "line"), ended]);
      assert.match(String(first[0]), /"event":"ready"/, said);

      const answer = await healthz(join(state, "api.sock"));
      assert.equal(answer, 200);
      const [shell = 0] = childrenOf(child.pid ?? 0);
      const [node = 0] = childrenOf(shell);
      const status = readFileSync(`/proc/${node}/status`, "utf8");
      assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
      assert.match(status, /^CapBnd:\t0+$/m);
      assert.match(status, /^NoNewPrivs:\t1$/m);
      process.kill(shell, "SIGTERM");
      assert.deepEqual(await ended, [0, null], said);
      // The node itself has made no call that the filter leaves out.
      const kept = readFileSync(log, "utf8").match(/^\d+ +\w+\(.*/gm) ?? [];
      assert.equal(kept.length, 1, kept.join("\n"));
      assert.match(kept[0] ?? "", /chroot\("\/"\) *= -1 EPERM .*\(INJECTED\)/);
    },
  );
});

/** The sources elsewhere, with this checkout's packages. */
async function copySources(): Promise<string> {
  const there = await newFolder();
  const left =
    /(^|\/)(node_modules|base|debs|efi|newer|unattended|vectors|dist|coverage|\.git|\.cache)(\/|$)/;
  cpSync(TOP, there, { recursive: true, filter: (path) => !left.test(relative(TOP, path)) });
  for (const path of ["node_modules", "scripts/runtime/node_modules"])
    symlinkSync(join(TOP, path), join(there, path));
  for (const name of ["out", "tmp", "data"]) {
    mkdirSync(join(there, name));
    if (process.getuid?.() === 0) chownSync(join(there, name), NOBODY, NOBODY);
  }
  if (process.getuid?.() === 0) chownSync(there, NOBODY, NOBODY);
  return there;
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function whyNoNode(): string | false {
  const file = `scripts/runtime/node_modules/node-linux-${process.arch}/bin/node`;
  return existsSync(join(TOP, file))
    ? false
    : `${file} is not there: node scripts/setup.js --with-runtime brings it`;
}

function whyNotConfined(): string | false {
  if (process.getuid?.() !== 0) return "needs root: it mounts";
  return lacks("systemd-analyze", "strace", "unshare", "setpriv", "ip");
}

function healthz(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/healthz", headers: { host: "localhost" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });
}
