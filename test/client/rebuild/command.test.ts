/** `samebits rebuild -- COMMAND`: what it gave is signed with what went in, that it failed too, and nothing where nobody knows. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { sha256Hex, toHex, utf8 } from "../../../protocol/index.ts";
import { isEnded, PURL, Shop } from "./shop.ts";

const DEB = join(import.meta.dirname, "../../vectors/debian/fcgiwrap.archive.deb");
let shop: Shop;

/** The code that a command ended with. */
const codeOf = (err: string): string => /\[([a-z/-]+)\]\n$/.exec(err)?.[1] ?? "";

before(async () => {
  shop = await Shop.open();
});

test("a result is signed with its materials, the command, its by-products and when it ran", async () => {
  const out = shop.at("out.tar");
  const line = "echo hello; echo oh >&2; cat src/a.txt src/deep/b.txt > out.tar";
  const places = ["--material", shop.at("src"), "--product", out];
  const { code, out: told } = await shop.shell(line, "--purl", PURL, "--json", ...places);
  assert.equal(code, 0);
  assert.match(told, /"kind":"positive","step":"rebuild","how":"built"/);
  const [said, ...more] = shop.said().get("out.tar") ?? [];
  assert.equal(more.length, 0);
  const [claim] = said?.claims ?? [];
  assert.equal(claim?.target?.purl, PURL);
  assert.equal(toHex(claim.sha256 ?? new Uint8Array()), sha256Hex(utf8("onetwo")));
  const predicate = said?.predicate ?? {};
  assert.deepEqual(predicate["command"], ["sh", "-c", `cd ${shop.folder}; ${line}`]);
  assert.deepEqual(predicate["materials"], [
    { name: "src/a.txt", digest: { sha256: sha256Hex(utf8("one")) } },
    { name: "src/deep/b.txt", digest: { sha256: sha256Hex(utf8("two")) } },
  ]);
  const { started, finished, samebits, ...streams } = predicate["byproducts"] as Record<string, unknown>;
  assert.deepEqual(streams, {
    "return-value": 0,
    stdout: { sha256: sha256Hex(utf8("hello\n")), length: 6 },
    stderr: { sha256: sha256Hex(utf8("oh\n")), length: 3 },
  });
  assert.ok(Date.parse(String(started)) <= Date.parse(String(finished)));
  assert.deepEqual(samebits, { how: "built", time: finished });
});

test("SLSA provenance says the same in its own words", async () => {
  const { code } = await shop.shell(
    "echo s > slsa.tar",
    "--purl",
    PURL,
    "--product",
    shop.at("slsa.tar"),
    "--predicate",
    "slsa",
  );
  assert.equal(code, 0);
  const [said] = shop.said().get("slsa.tar") ?? [];
  const details = said?.predicate["runDetails"] as Record<string, Record<string, unknown>>;
  assert.deepEqual(Object.keys(details["metadata"] ?? {}), ["startedOn", "finishedOn"]);
  assert.equal(said?.claims[0]?.how, "built");
});

test("a command that fails, is killed, takes too long or makes nothing is signed as a failure, and ends with 1", async () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ["exit 7", "exit status 7", []],
    ["kill -9 $$", "ended by SIGKILL", []],
    ["sleep 60", "it took longer than it was given", ["--timeout", "1s"]],
    ["true", "it did not make", []],
  ];
  for (const [at, [line, reason, options]] of cases.entries()) {
    const file = `lacking-${at}.tar`;
    const { code, err } = await shop.shell(
      line,
      "--purl",
      PURL,
      "--product",
      shop.at(file),
      "-o",
      shop.at("failed"),
      ...options,
    );
    assert.equal(code, 1, line);
    assert.match(err, new RegExp(`${reason}.*that is signed as a failure`));
    assert.equal(codeOf(err), "rebuild/failed");
    const [said] = shop.said("failed").get(file) ?? [];
    assert.equal(said?.claims[0]?.kind, "failed");
    assert.ok(said.claims[0].reason?.startsWith(reason), said.claims[0].reason ?? "");
    assert.deepEqual((said.predicate["command"] as string[])[0], "sh");
  }
});

test("a failure is about the package's own file where only a pattern was named, and about nothing where no package was", async () => {
  const purl = "pkg:deb/debian/hello@1:2.10-3?arch=amd64";
  const failed = await shop.shell(
    "false",
    "--purl",
    purl,
    "--product",
    shop.at("*.deb"),
    "-o",
    shop.at("failed"),
  );
  assert.equal(failed.code, 1);
  assert.equal(shop.said("failed").get("hello_2.10-3_amd64.deb")?.[0]?.claims[0]?.kind, "failed");
  const unnamed = await shop.shell("false", "--product", shop.at("x.tar"), "-o", shop.at("unnamed"));
  assert.equal(unnamed.code, 1);
  assert.match(unnamed.err, /nothing was signed/);
  assert.ok(!existsSync(shop.at("unnamed")));
});

test("of what a pattern finds, packages are what they say, old files are nobody's, and what is unknown is left out", async () => {
  await mkdir(shop.at("pool/old"), { recursive: true });
  await writeFile(shop.at("pool/old/before.tar"), "before");
  await copyFile(DEB, shop.at("pool/before.deb"));
  const name = "fcgiwrap_1.1.0-14+deb12u1_amd64.deb";
  const ran = await shop.rebuild(
    "--product",
    shop.at("pool/**"),
    "--",
    "sh",
    "-c",
    `cd ${shop.at("pool")} && cp ${DEB} ${name} && echo n > old/notes.txt`,
  );
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.err, /notes\.txt is left out/);
  assert.doesNotMatch(ran.err, /before/);
  assert.deepEqual([...shop.said("pool").keys()], [name]);
});

test("nothing is signed where the command wrote nothing, or changed or removed what went in", async () => {
  await writeFile(shop.at("stale.tar"), "stale");
  const stale = await shop.shell("true", "--purl", PURL, "--product", shop.at("stale.tar"));
  assert.equal(stale.code, 1);
  assert.match(stale.err, /stale\.tar: it is as it was/);
  assert.equal(codeOf(stale.err), "rebuild/nothing-built");
  for (const line of ["echo x >> input", "rm input", "rm input && echo another > input"]) {
    await writeFile(shop.at("input"), "input");
    const places = ["--material", shop.at("input"), "--product", shop.at("fresh.tar")];
    const { code, err } = await shop.shell(`${line}; echo f > fresh.tar`, "--purl", PURL, ...places);
    assert.equal(code, 1, line);
    assert.match(err, /input: the command (?:changed|removed) it/);
    assert.equal(codeOf(err), "rebuild/changed-material");
  }
  assert.ok(![...shop.said().keys()].some((name) => name === "stale.tar" || name === "fresh.tar"));
  // Touched, or written anew with the same octets, it is the same; and what is signed in its place is meant to change.
  const inputs = ["--material", shop.at("input"), shop.at("src/a.txt")];
  const places = ["--purl", PURL, ...inputs, "--product", shop.at("fresh.tar"), shop.at("src/a.txt")];
  const same = await shop.shell(
    "printf input > input; echo more >> src/a.txt; echo f > fresh.tar",
    ...places,
  );
  assert.equal(same.code, 1, "input was another file before");
  await writeFile(shop.at("input"), "input");
  const changed = await shop.shell(
    "printf input > input; echo more >> src/a.txt; echo g > fresh.tar",
    ...places,
  );
  assert.equal(changed.code, 0, changed.err);
});

test("what cannot be an input is told before anything runs", async () => {
  const ran = shop.at("ran");
  await mkdir(shop.at("tree/many"), { recursive: true });
  for (let at = 0; at < 257; at++) await writeFile(shop.at(`tree/many/${at}`), "");
  const inTree = async (target: string): Promise<string> => {
    const folder = `tree/${Math.random().toString(36).slice(2)}`;
    await mkdir(shop.at(folder));
    await symlink(target, shop.at(`${folder}/link`));
    return shop.at(folder);
  };
  execFileSync("mkfifo", [shop.at("pipe")]);
  const cases: readonly [readonly string[], number, RegExp][] = [
    [["--material", await inTree("/etc/passwd")], 66, /leads out of .*input\/unreadable/],
    [["--material", await inTree("nowhere")], 66, /leads nowhere.*input\/unreadable/],
    [["--material", shop.at("pipe")], 66, /no file: a pipe.*input\/unreadable/],
    [["--material", shop.at("gone")], 66, /no such file.*input\/missing/],
    [["--material", shop.at("tree/many")], 66, /257 files.*input\/too-big/],
    [["--git", "no-such-commit"], 64, /--git no-such-commit.*usage\/bad-option/],
    [["--step", "a\\b"], 64, /backslash.*usage\/bad-option/],
    [["--timeout", "soon"], 64, /--timeout soon.*usage\/bad-option/],
    [["--timeout", "0s"], 64, /--timeout 0s.*usage\/bad-option/],
    [["--timeout", "25d"], 64, /--timeout 25d: from 1s to 24 days.*usage\/bad-option/],
    [["--key", shop.at("tu.pub")], 66, /public key.*key\/bad-file/],
  ];
  for (const [options, status, says] of cases) {
    const { code, err } = await shop.shell(`touch ${ran}`, "--purl", PURL, "--product", ran, ...options);
    assert.equal(code, status, err);
    assert.match(err, says);
    assert.ok(!existsSync(ran), options.join(" "));
  }
  for (const [program, why] of [
    [shop.at("no-such-program"), /no such program/],
    [shop.at("tu.pub/program"), /no such program/],
    ["p".repeat(300), /ENAMETOOLONG/],
    ["", /cannot be empty/],
  ] as const) {
    const none = await shop.rebuild("--product", ran, "--", program);
    assert.deepEqual([none.code, codeOf(none.err)], [66, "rebuild/not-started"], none.err);
    assert.match(none.err, why);
  }
  const bare = await shop.rebuild("--product", ran);
  assert.equal(bare.code, 64);
  assert.match(bare.err, /usage\/nothing-to-do/);
});

test("links inside a tree are read through, folders behind them only once; patterns are those of shells", async () => {
  await mkdir(shop.at("links/sub"), { recursive: true });
  await writeFile(shop.at("links/sub/x.c"), "x");
  await writeFile(shop.at("links/.hidden.c"), "h");
  await symlink("sub/x.c", shop.at("links/y.c"));
  await symlink("sub", shop.at("links/again"));
  const namesOf = async (...places: readonly string[]): Promise<readonly unknown[]> => {
    const file = `${places.length}-${places[0]?.length ?? 0}.tar`;
    const named = places.map((place) => shop.at(place));
    const { code, err } = await shop.shell(
      `date +%N > ${file}`,
      "--purl",
      PURL,
      "--product",
      shop.at(file),
      "--material",
      ...named,
    );
    assert.equal(code, 0, err);
    const [said] = shop.said().get(file) ?? [];
    return ((said?.predicate["materials"] as { name: string }[] | undefined) ?? []).map(({ name }) => name);
  };
  assert.deepEqual(await namesOf("links"), ["links/.hidden.c", "links/sub/x.c", "links/y.c"]);
  assert.deepEqual(await namesOf("links/*.c"), ["links/y.c"]);
  assert.deepEqual(await namesOf("links/**/?.c"), ["links/sub/x.c", "links/y.c"]);
  assert.deepEqual(await namesOf("links/s*/*", "links/y.c"), ["links/sub/x.c", "y.c"]);
});

test("two files of one name are two materials, and two results that are one package are none", async () => {
  for (const folder of ["one", "two"]) {
    await mkdir(shop.at(`twice/${folder}`), { recursive: true });
    await writeFile(shop.at(`twice/${folder}/x`), folder);
  }
  const both = [shop.at("twice/one/x"), shop.at("twice/two/x")];
  const built = await shop.shell(
    "cat twice/*/x > twice.tar",
    "--purl",
    PURL,
    "--product",
    shop.at("twice.tar"),
    "--material",
    ...both,
  );
  assert.equal(built.code, 0, built.err);
  const [said] = shop.said().get("twice.tar") ?? [];
  assert.equal((said?.predicate["materials"] as unknown[] | undefined)?.length, 2);
  const torn = await shop.shell(
    "echo 1 > twice/one/y; echo 2 > twice/two/y",
    "--purl",
    PURL,
    "--product",
    shop.at("twice/*/y"),
  );
  assert.equal(torn.code, 4);
  assert.equal(codeOf(torn.err), "attest/conflicts");
  assert.equal(shop.said("twice/one").size, 0);
});

test("a command that ends leaves nobody of its group behind, also where that holds its output open", async () => {
  const { code } = await shop.shell(
    "sleep 1000 & echo $! > pid; echo b > background.tar",
    "--purl",
    PURL,
    "--product",
    shop.at("background.tar"),
  );
  assert.equal(code, 0);
  const pid = Number(readFileSync(shop.at("pid"), "utf8"));
  assert.ok(pid > 1);
  assert.ok(await isEnded(pid));
});
