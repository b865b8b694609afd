/** What pacman says of a transaction, by its call and on stdin, and the hook's file. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ClientError } from "../../../client/errors.ts";
import {
  asPacman,
  assertHeld,
  cachedFiles,
  calledFiles,
  holdAll,
  PACMAN,
  readTargets,
} from "../../../client/install/index.ts";
import { readPacmanCall } from "../../../client/install/pacman-call.ts";
import type { PacmanCall } from "../../../client/install/pacman-call.ts";
import { pacmanHookText } from "../../../client/install/pacman-hook.ts";
import { MAX_APT_ACTIONS, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { tar } from "../artifact/archives.ts";
import { fails } from "../cli/failing.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import { policyText } from "../trust/rig.ts";
import { owner } from "../../protocol/trust/domains.ts";
import { lacks } from "../../programs.ts";

const NOTHING: PacmanCall = { files: null, config: null, dbpath: null, cachedirs: [] };
const NO_ROOT = process.getuid?.() === 0 ? false : "only root can become somebody else";

function throwsCode(run: () => unknown, code: string, words: RegExp, what: string): void {
  const isIt = (error: unknown): boolean =>
    error instanceof ClientError && error.code === code && words.test(error.message);
  assert.throws(run, isIt, what);
}

test("a call of pacman is read as getopt reads it", () => {
  for (const [words, said] of [
    ["-Syu", {}],
    ["-S core/good", {}],
    ["-R good", {}],
    ["-U a.pkg.tar.zst /b.pkg.tar", { files: ["/srv/a.pkg.tar.zst", "/b.pkg.tar"] }],
    ["-U link/../a.pkg.tar", { files: ["/srv/link/../a.pkg.tar"] }],
    ["a.pkg.tar -U", { files: ["/srv/a.pkg.tar"] }],
    ["--upgrade https://h/a.pkg.tar", { files: ["https://h/a.pkg.tar"] }],
    ["-U -- -a.pkg.tar", { files: ["/srv/-a.pkg.tar"] }],
    ["-Ub db a.pkg.tar", { files: ["/srv/a.pkg.tar"], dbpath: "/srv/db" }],
    ["-Ubdb a.pkg.tar", { files: ["/srv/a.pkg.tar"], dbpath: "/srv/db" }],
    ["--dbpath db -S x --noconfirm", { dbpath: "/srv/db" }],
    ["--config=/c --cachedir a --cachedir=/b -S x", { config: "/c", cachedirs: ["/srv/a", "/b"] }],
    ["--config /c --config /d -S x", { config: "/d" }],
    ["-S --ignore -U x", {}],
    ["--disable-sandbox -Syu --needed", {}],
    ["-U --disable-sandbox-filesystem --disable-sandbox-syscalls /b.pkg.tar", { files: ["/b.pkg.tar"] }],
  ] as const)
    assert.deepEqual(readPacmanCall(words.split(" "), "/srv"), { ...NOTHING, ...said }, words);
  for (const [words, why] of [
    ["-U -", /from stdin/],
    ["-Sr /mnt x", /another root/],
    ["--sysroot /mnt -S x", /another root/],
    ["--up a.pkg.tar", /--up is no option that is known here/],
  ] as const)
    throwsCode(() => readPacmanCall(words.split(" "), "/srv"), "pacman/no-file", why, words);
});

test("names on stdin are read exactly", () => {
  assert.deepEqual([...readTargets(utf8("good\nlibstdc++\ngood\n"))], ["good", "libstdc++"]);
  for (const [text, why] of [
    ["", /names no package/],
    ["good", /no end/],
    ["good\n\n", /no name/],
    ["../good\n", /no name/],
    ["good bad\n", /no name/],
    ["go\u0007od\n", /no name/],
    [Uint8Array.of(0xff, 0x0a), /not UTF-8/],
    ["a\n".repeat(MAX_APT_ACTIONS + 1), /more than 150000 names/],
  ] as const)
    throwsCode(
      () => readTargets(typeof text === "string" ? utf8(text) : text),
      "pacman/bad-input",
      why,
      String(why),
    );
});

test("the hook's file says all that the hook goes by", () => {
  const program = "/usr/lib/samebits/samebits.sh";
  const text = pacmanHookText({ program, words: ["pacman", "pre-install", "--mode", "enforce"] });
  for (const line of [
    "Operation = Install",
    "Operation = Upgrade",
    "Type = Package",
    "When = PreTransaction",
    `Exec = ${program} pacman pre-install --mode enforce`,
    "NeedsTargets",
    "AbortOnFail",
  ])
    assert.ok(text.split("\n").includes(line), line);
  assert.doesNotMatch(text, /Operation = Remove/);
  for (const odd of ["/a b", '/a"', "/a\nExec = /bin/true", "/a'b", "/$HOME"])
    throwsCode(() => pacmanHookText({ program, words: [odd] }), "usage/bad-option", /another path/, odd);
  const words = Array.from({ length: 100 }, () => `/${"x".repeat(50)}`);
  throwsCode(() => pacmanHookText({ program, words }), "usage/bad-option", /4000 octets/, "too long");
});

const PKG = "a-1-1-any.pkg.tar";
const info = (version: string): Uint8Array =>
  tar({ name: ".PKGINFO", contents: utf8(`pkgname = a\npkgver = ${version}\narch = any\n`) });

test("files are found as pacman finds them, and are what its databases take them for", async () => {
  const folder = await newFolder();
  for (const name of ["one", "two", "sync"]) await mkdir(join(folder, name));
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  const database = join(folder, "sync/core.db");
  const places = { cachedirs: [one, two], databases: [database, join(folder, "sync/none.db")] };
  const list = (file: string): Promise<void> => {
    const fields = `%FILENAME%\n${file}\n\n%NAME%\na\n\n%VERSION%\n1-1\n\n%ARCH%\nany\n\n%SHA256SUM%\n${"ab".repeat(32)}\n\n`;
    return writeFile(database, gzipSync(tar({ name: "a-1-1/desc", contents: utf8(fields) })));
  };
  const names = new Set(["a"]);
  await list(PKG);
  await assert.rejects(cachedFiles(names, places), {
    code: "pacman/no-file",
    message: /^a: pacman installs it/,
  });
  await writeFile(join(two, PKG), info("1-1"));
  const as = { name: "a", version: "1-1", arch: "any" };
  assert.deepEqual(await cachedFiles(names, places), [{ path: join(two, PKG), as }]);
  await writeFile(join(one, PKG), info("1-1"));
  assert.deepEqual(await cachedFiles(names, places), [{ path: join(one, PKG), as }], "the first folder's");
  assert.deepEqual(await cachedFiles(new Set(), { cachedirs: [], databases: ["/none"] }), []);
  await list(`../two/${PKG}`);
  await assert.rejects(cachedFiles(names, places), { code: "pacman/no-file" }, "no way out of the cache");
  const call = { ...NOTHING, files: [`https://h/x/${PKG}`] };
  assert.deepEqual(calledFiles(call, places), [{ path: join(one, PKG), as: null }]);
  throwsCode(() => calledFiles({ ...call, files: ["https://h/b"] }, places), "pacman/no-file", /h\/b/, "URL");

  const options = { debNamespace: null, manager: PACMAN };
  const [held] = await holdAll([join(one, PKG)], options, () => {});
  assert.ok(held !== undefined);
  assert.equal(asPacman(held, { path: held.path, as }).unfit, null);
  assert.equal(asPacman(held, { path: held.path, as: null }).unfit, null);
  for (const other of [
    { ...as, version: "1:1-1" },
    { ...as, name: "b" },
    { ...as, arch: "x86_64" },
  ])
    assert.match(asPacman(held, { path: held.path, as: other }).unfit ?? "", /but inside it says pkg:alpm/);
  await writeFile(held.path, info("1-1"));
  throwsCode(() => assertHeld(held), "pacman/changed-file", /run pacman again/, "written again");
  await writeFile(join(one, "a.tar.bz2"), "junk");
  const [odd] = await holdAll([join(one, "a.tar.bz2")], options, () => {});
  assert.match(odd?.unfit ?? "", /packed in a way that is not read here/);
});

test(
  "a machine without pacman, a download that fails, and who is not root are told",
  { skip: NO_ROOT },
  async () => {
    const restore = setVariable("PATH", "/nonexistent");
    await fails(69, "pacman/no-pacman", /pacman-conf can't be asked/, "pacman", "remove-hook").finally(
      restore,
    );
    const file = join(await newFolder(), `${PKG}.part`);
    const url = "file:///nonexistent/a";
    const fetch = ["pacman", "fetch", url, file];
    const nobody = setVariable("PATH", ["/nonexistent"].join(delimiter));
    await fails(69, "pacman/no-download", /curl can't be started/, ...fetch).finally(nobody);
    const state = ["--state", join(await newFolder(), "state")];
    process.seteuid?.(65_534);
    const words = ["pacman", "allow", "a=1-1", "--reason", "r", ...state];
    const ended = await runCommand(words).finally(() => process.seteuid?.(0));
    const [, code = ""] = /\[([a-z/-]+)\]$/m.exec(ended.err) ?? [];
    assert.deepEqual([ended.code, code], [73, "pacman/not-root"], ended.err);
    for (const odd of ["a", "a=1", "a=1-1 ", "A/b=1-1", "a=1-1-1x"]) {
      const { code } = await runCommand(["pacman", "allow", odd, "--reason", "r", ...state]);
      assert.equal(code, 64, odd);
    }
  },
);

test(
  "what is fetched by a policy that others can change is withheld",
  { skip: NO_ROOT || lacks("curl") },
  async () => {
    const folder = await newFolder();
    const [policy, got] = [join(folder, "policy.toml"), join(folder, `${PKG}.part`)];
    await writeFile(policy, policyText(owner(1)));
    await writeFile(join(folder, PKG), "octets");
    const places = [
      "--policy",
      policy,
      "--data",
      folder,
      "--state",
      join(folder, "state"),
      "--config",
      "/dev/null",
    ];
    const fetch = ["pacman", "fetch", "--mode", "enforce", ...places, `file://${join(folder, PKG)}`, got];
    const closed = await runCommand(fetch);
    assert.doesNotMatch(closed.err, /unsafe-file/);
    await chmod(policy, 0o646);
    const open = await runCommand(fetch);
    assert.deepEqual([open.code, existsSync(got)], [3, false], open.err);
    assert.match(open.err, /policy\.toml can be written by others than root \[pacman\/unsafe-file\]/);
  },
);

test("a hook goes by no evidence that the environment names", { skip: lacks("curl") }, async () => {
  const folder = await newFolder();
  const got = join(folder, `${PKG}.part`);
  await writeFile(join(folder, "policy.toml"), policyText(owner(1)));
  await writeFile(join(folder, PKG), "octets");
  const places = [
    "--policy",
    join(folder, "policy.toml"),
    "--data",
    folder,
    "--state",
    join(folder, "state"),
  ];
  const fetch = ["pacman", "fetch", ...places, `file://${join(folder, PKG)}`, got];
  const release = [
    setVariable("SAMEBITS_MIRROR", "https://example.org/feeds"),
    setVariable("SAMEBITS_BUNDLE", "of-another-folder.bundle"),
  ];
  const ended = await runCommand(fetch);
  for (const undo of release) undo();
  assert.equal(ended.code, 0, ended.err);
  assert.doesNotMatch(ended.err, /example\.org|of-another-folder|could not be checked/);
  const said = await runCommand([
    ...fetch.slice(0, 2),
    "--mirror",
    "https://example.org/feeds",
    ...fetch.slice(2),
  ]);
  assert.match(said.err, /a hook reads file:DIR only/);
});
