/** `samebits git sign` and `git notes` in real repositories, beside git itself: what stands in the notes, whoever else writes them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { addToNote, NOTES_REF, readNote } from "../../../client/git/index.ts";
import { MAX_GIT_NOTE_BYTES, utf8 } from "../../../protocol/index.ts";
import { lacks } from "../../programs.ts";
import { NAMED, Repositories } from "./repositories.ts";
import { setVariable } from "./run.ts";
import type { Ran } from "./run.ts";

const run = promisify(execFile);
const skip = lacks("git");
const PURL = "pkg:generic/tool@1.0";
let all: Repositories;

const at = (name: string): string => all.at(name);
const git = (name: string, ...args: readonly string[]): Promise<string> => all.git(name, ...args);
const repository = (name: string, ...how: readonly string[]): Promise<string> => all.make(name, ...how);
const inside = <Value>(name: string, work: () => Promise<Value>): Promise<Value> => all.inside(name, work);
const samebits = (name: string, ...args: readonly string[]): Promise<Ran> => all.samebits(name, ...args);
const good = (name: string, ...args: readonly string[]): Promise<Ran> => all.good(name, ...args);
/** The stable code of what a command with `--json` failed with. */
const codeOf = ({ err }: Ran): unknown =>
  (JSON.parse(err.trim().split("\n").at(-1) ?? "") as { code: unknown }).code;
const signing = (key: string): string[] => ["--purl", PURL, "--key", at(`${key}.key`)];
const signTool = (name: string, key: string, ...how: readonly string[]): Promise<Ran> =>
  good(name, "git", "sign", at("tool.bin"), "--ref", "v1", ...signing(key), ...how);

before(async () => {
  if (skip !== false) return;
  all = await Repositories.open("author", "reviewer", "ci");
  await writeFile(at("tool.bin"), "bits");
  await writeFile(at("other.bin"), "others");
});

for (const [what, how] of [
  ["by SHA-1", []],
  ["by SHA-256", ["--object-format=sha256"]],
] as const) {
  test(`git sign: a repository ${what}, and what git shows of its notes`, { skip }, async () => {
    const name = `plain${how.length}`;
    const commit = await repository(name, ...how);
    const signed = await signTool(name, "author", "--json");
    const [said, noted] = signed.objects;
    assert.deepEqual(noted, { samebits: 1, commit, ref: NOTES_REF, added: 1, known: 0 });
    const line = (await readFile(String(said?.["envelope"]), "utf8")).trimEnd();
    assert.equal(await git(name, "notes", "--ref=samebits", "show", "v1^{}"), line);
    assert.equal(
      await git(name, "log", "-1", "--format=%an <%ae>", NOTES_REF),
      "samebits <samebits@localhost>",
    );
    const shown = await good(name, "git", "notes", "v1");
    assert.equal(shown.out, `${line}\n`);
    const [object] = (await good(name, "git", "notes", "v1", "--json")).objects;
    assert.deepEqual([object?.["commit"], object?.["envelope"]], [commit, line]);
    const none = await samebits(name, "git", "notes", "--json");
    assert.deepEqual([none.code, codeOf(none)], [66, "git/no-note"], none.err);
    const again = await inside(name, () => addToNote(commit, [utf8(line), utf8(line)]));
    assert.deepEqual(again, { added: 0, known: 2 });
  });
}

test("git sign: bare repositories, and a name that git knows", { skip }, async () => {
  const commit = await repository("work");
  await run("git", ["clone", "--quiet", "--bare", at("work"), at("bare")]);
  await git("bare", "config", "user.name", "Ann");
  await git("bare", "config", "user.email", "ann@example.org");
  const { out } = await signTool("bare", "author");
  assert.match(out, new RegExp(`^note +commit ${commit}: 1 envelope more$`, "m"));
  assert.equal(await git("bare", "log", "-1", "--format=%an <%ae>", NOTES_REF), "Ann <ann@example.org>");
  assert.equal((await inside("bare", () => readNote(commit)))?.attestations.length, 1);
  // No index and no file of it is left behind, nor is anything else a reference.
  assert.deepEqual(
    (await readdir(at("bare"))).filter((name) => name.includes("index")),
    [],
  );
  assert.equal(await git("bare", "for-each-ref", "--format=%(refname)", "refs/notes"), NOTES_REF);
});

test("git sign --no-notes writes the envelope alone, and -o - nothing else on stdout", { skip }, async () => {
  await repository("without");
  await good("without", "git", "sign", at("tool.bin"), ...signing("author"), "--no-notes");
  const undo = setVariable("SAMEBITS_NO_NOTES", "1");
  await good("without", "git", "sign", at("tool.bin"), ...signing("author"));
  undo();
  assert.equal(await git("without", "for-each-ref", "refs/notes"), "");
  const { out, err } = await good("without", "git", "sign", at("tool.bin"), ...signing("author"), "-o", "-");
  assert.equal(out, (await good("without", "git", "notes")).out);
  assert.match(err, /^note +commit/m);
});

test("many writers at once: each one's envelope stays, and no note of others is lost", { skip }, async () => {
  const commit = await repository("busy");
  const head = await git("busy", "rev-parse", "main");
  await git("busy", ...NAMED, "notes", "--ref=samebits", "add", "-m", "of another commit", head);
  const lines = Array.from({ length: 5 }, (_, i) => `line ${i}`);
  await inside("busy", () =>
    Promise.all(lines.map((line) => addToNote(commit, [utf8(line), utf8("one that all write")]))),
  );
  const note = (await git("busy", "notes", "--ref=samebits", "show", commit)).split("\n");
  assert.deepEqual(note.toSorted(), [...lines, "one that all write"].toSorted());
  assert.equal(await git("busy", "notes", "--ref=samebits", "show", head), "of another commit");
  assert.equal((await git("busy", "rev-list", "--count", NOTES_REF)).trim(), "6");
});

test("what others write into a note is kept octet for octet, and left out on reading", { skip }, async () => {
  const commit = await repository("foreign");
  const text = 'Tested-by: B  \n\n\n\u00e9t\u00e9 {"payload":1}\nno end of line';
  await writeFile(at("text"), Buffer.concat([Buffer.from(text), Buffer.of(0x20, 0xff, 0xfe)]));
  const blob = await git("foreign", "hash-object", "-w", at("text"));
  await git("foreign", ...NAMED, "notes", "--ref=samebits", "add", "-C", blob, commit);
  const { objects } = await signTool("foreign", "author", "--json");
  const line = await readFile(String(objects[0]?.["envelope"]));
  const { stdout } = await run("git", ["-C", at("foreign"), "notes", "--ref=samebits", "show", commit], {
    encoding: "buffer",
  });
  const before = await readFile(at("text"));
  assert.deepEqual(stdout, Buffer.concat([before, Buffer.from("\n"), line]));
  // As git itself adds to a note: after an empty line.
  const { envelope } = (await signTool("foreign", "ci", "--no-notes", "--json")).objects[0] ?? {};
  await git("foreign", ...NAMED, "notes", "--ref=samebits", "append", "-F", String(envelope), commit);
  const { out, err } = await good("foreign", "git", "notes", "v1");
  assert.equal(out, `${line.toString()}${await readFile(String(envelope), "utf8")}`);
  assert.match(err, /3 lines are no envelope/);
});

test("notes of two clones, merged by git, are read and written further", { skip }, async () => {
  const commit = await repository("one");
  await cp(at("one"), at("two"), { recursive: true });
  for (const [name, key] of [
    ["one", "author"],
    ["two", "reviewer"],
  ] as const)
    await signTool(name, key);
  await git("one", "fetch", "--quiet", at("two"), `${NOTES_REF}:refs/notes/theirs`);
  await git("one", ...NAMED, "notes", "--ref=samebits", "merge", "-s", "cat_sort_uniq", "theirs");
  await signTool("one", "ci");
  assert.equal((await inside("one", () => readNote(commit)))?.attestations.length, 3);
  await good(
    "one",
    "git",
    "sign",
    at("other.bin"),
    "--ref",
    "v1",
    "--purl",
    "pkg:generic/other@1.0",
    "--key",
    at("ci.key"),
  );
  assert.equal((await inside("one", () => readNote(commit)))?.attestations.length, 4);
  assert.equal((await git("one", "notes", "--ref=samebits", "show", commit)).split("\n").length, 4);
});

test("a note at several places of the tree, however deep, becomes one", { skip }, async () => {
  const commit = await repository("several");
  const [first, second, rest] = [commit.slice(0, 2), commit.slice(2, 4), commit.slice(4)];
  const paths = [commit, `${first}/${second}${rest}`, `${first}/${second}/${rest}`];
  const index = { env: { ...process.env, GIT_INDEX_FILE: at("index") } };
  for (const [number, path] of paths.entries()) {
    await writeFile(at("text"), `${number}\n`);
    const blob = await git("several", "hash-object", "-w", at("text"));
    const row = ["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`];
    await run("git", ["-C", at("several"), ...row], index);
  }
  const { stdout: tree } = await run("git", ["-C", at("several"), "write-tree"], index);
  const next = await git("several", ...NAMED, "commit-tree", tree.trim(), "-m", "thrice");
  await git("several", "update-ref", NOTES_REF, next);
  assert.deepEqual(await inside("several", () => addToNote(commit, [utf8("c"), utf8("2")])), {
    added: 1,
    known: 1,
  });
  const lines = (await git("several", "notes", "--ref=samebits", "show", commit)).split("\n");
  assert.deepEqual(lines.toSorted(), ["0", "1", "2", "c"]);
  assert.equal((await git("several", "ls-tree", "-r", "--name-only", NOTES_REF)).split("\n").length, 1);
});

test("git sign with an air-gapped key: the note is of the commit that was signed", { skip }, async () => {
  const commit = await repository("air");
  const out = at("unsigned");
  const common = ["--key", at("author.pub")];
  const asked = await good(
    "air",
    "git",
    "sign",
    at("tool.bin"),
    "--ref",
    "v1",
    "--purl",
    PURL,
    ...common,
    "--emit-unsigned",
    "-o",
    out,
    "--json",
  );
  const unsigned = String(asked.objects[0]?.["unsigned"]);
  assert.equal(await git("air", "for-each-ref", "refs/notes"), "");
  await run("openssl", [
    "pkeyutl",
    "-sign",
    "-rawin",
    "-inkey",
    at("author.key"),
    "-in",
    unsigned,
    "-out",
    at("sig"),
  ]);
  const wrong = await samebits(
    "air",
    "git",
    "sign",
    unsigned,
    "--attach",
    at("sig"),
    ...common,
    "--ref",
    "main",
    "--json",
  );
  assert.deepEqual([wrong.code, /usage\/bad-option/.test(wrong.err)], [64, true], wrong.err);
  assert.equal(await git("air", "for-each-ref", "refs/notes"), "");
  const { objects } = await good("air", "git", "sign", unsigned, "--attach", at("sig"), ...common, "--json");
  assert.equal(objects[1]?.["commit"], commit);
});

test("git sign --replace: the note has what was taken back, too", { skip }, async () => {
  await repository("replaced");
  await good("replaced", "git", "sign", at("tool.bin"), ...signing("reviewer"), "--data", at("replacing"));
  await cp(at("tool.bin"), at("kept"));
  await writeFile(at("tool.bin"), "other bits");
  const again = ["git", "sign", at("tool.bin"), ...signing("reviewer"), "--data", at("replacing")];
  assert.match((await samebits("replaced", ...again)).err, /attest\/conflicts/);
  await good("replaced", ...again, "--replace");
  await cp(at("kept"), at("tool.bin"));
  const { objects } = await good("replaced", "git", "notes", "--json");
  const kinds = objects.flatMap(({ claims }) => (claims as { kind: string }[]).map(({ kind }) => kind));
  assert.deepEqual(kinds.toSorted(), ["positive", "positive", "retraction"]);
});

test("what has no repository, can't be written, or is too big, is told", { skip }, async () => {
  const commit = await repository("refused");
  const sign = ["git", "sign", at("tool.bin"), ...signing("author"), "-o", at("out")];
  for (const [where, args, code, status] of [
    ["..", ["git", "notes"], "git/no-object", 66],
    ["refused", ["git", "notes", "nothing"], "git/no-object", 66],
    ["refused", [...sign, "--ref", "nothing"], "usage/bad-option", 64],
  ] as const) {
    const ran = await samebits(where, ...args, "--json");
    assert.deepEqual([ran.code, codeOf(ran)], [status, code], ran.err);
  }
  const hook = at("refused/.git/hooks/reference-transaction");
  await writeFile(hook, "#!/bin/sh\necho not here >&2\nexit 1\n", { mode: 0o755 });
  const refused = await samebits("refused", ...sign, "--json");
  assert.deepEqual([refused.code, codeOf(refused)], [73, "git/cannot-write"], refused.err);
  assert.equal((await readdir(at("out"))).length, 1, "the envelope is there all the same");
  await rm(hook);
  await inside("refused", async () => {
    await addToNote(commit, [new Uint8Array(MAX_GIT_NOTE_BYTES - 1).fill(0x61)]);
    await assert.rejects(addToNote(commit, [utf8("more")]), /input\/too-big|at most 16777216 octets/);
  });
  await writeFile(at("big"), new Uint8Array(MAX_GIT_NOTE_BYTES + 1).fill(0x61));
  const blob = await git("refused", "hash-object", "-w", at("big"));
  await git("refused", ...NAMED, "notes", "--ref=samebits", "add", "-f", "-C", blob, commit);
  const ran = await samebits("refused", "git", "notes", "v1", "--json");
  assert.deepEqual([ran.code, codeOf(ran)], [66, "input/too-big"], ran.err);
});
