/** `--predicate step-link`, of `attest` and of `rebuild`: any files by their paths, in links of steps of a layout. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { MAX_SAID_BYTES, parseAttestation, parseDocument, utf8 } from "../../../protocol/index.ts";
import { defaultConfig, startNode } from "../../../node/index.ts";
import { SEEN } from "../../json-schemas.ts";
import { VECTOR } from "../../e2e/apt-rig.ts";
import { Yard } from "../layout/yard.ts";

let yard: Yard;
let id8 = "";
const STEP = ["--predicate", "step-link", "--key", "tu.key", "--step"];

before(async () => {
  yard = await Yard.open("tu");
  id8 = await yard.id8("tu");
  await yard.write("src/a.txt", "one");
  await yard.write("src/deep/b.txt", "two");
  await yard.write("tool.bin", "bits");
});
after(() => yard.close());

const digest = (text: string): object => ({ sha256: createHash("sha256").update(text).digest("hex") });

interface Signed {
  readonly name: string;
  readonly materials: Record<string, object>;
  readonly products: Record<string, object>;
  readonly command: readonly string[];
  readonly byproducts: Record<string, unknown>;
}
const signedIn = async (path: string): Promise<Signed> =>
  ((await yard.json(path)) as { signed: Signed }).signed;

test("attest records files, folders and patterns by their paths, and needs no package", async () => {
  const told = await yard.done(
    "attest",
    "tool.bin",
    "src/*.txt",
    "--material",
    "src",
    ...STEP,
    "build",
    "--command",
    "make  all",
  );
  assert.equal(told["envelope"], `build.${id8}.link`);
  assert.equal(told["step"], "build");
  assert.deepEqual(await signedIn(`build.${id8}.link`), {
    _type: "link",
    name: "build",
    materials: { "src/a.txt": digest("one"), "src/deep/b.txt": digest("two") },
    products: { "src/a.txt": digest("one"), "tool.bin": digest("bits") },
    environment: {},
    byproducts: {},
    command: ["make", "all"],
  });
  await yard.done(
    "attest",
    "src/deep",
    yard.at("tool.bin"),
    "--strip",
    "src/",
    "src/deep",
    ...STEP,
    "build",
    "-o",
    "out",
  );
  assert.deepEqual(Object.keys((await signedIn(`out/build.${id8}.link`)).products), ["b.txt", "tool.bin"]);
  assert.ok(SEEN.has("attested"));
});

test("a step may give nothing, take nothing, or both", async () => {
  const told = await yard.done("attest", "--material", "tool.bin", ...STEP, "qa");
  assert.equal(told["kind"], null);
  const { materials, products } = await signedIn(`qa.${id8}.link`);
  assert.deepEqual([Object.keys(materials), products], [["tool.bin"], {}]);
  assert.equal((await yard.samebits("attest", ...STEP, "approved")).code, 0);
  assert.deepEqual((await signedIn(`approved.${id8}.link`)).materials, {});
  const text = await readFile(yard.at(`approved.${id8}.link`), "utf8");
  assert.equal(parseDocument(utf8(text)).content.kind, "link");
  assert.match((await yard.samebits("attest", ...STEP, "approved")).out, /without files/);
});

test("rebuild says the command and how it ended, and with --record-streams what it printed", async () => {
  await yard.write("out.txt", "one\ttwo\n");
  await yard.write("err.txt", 'a "b" \\\n');
  await yard.write("print.sh", "cat out.txt; cat err.txt >&2; echo more > tool.out");
  const run = ["--quiet", ...STEP, "build", "--material", "src", "--product", "tool.out"];
  await yard.done("rebuild", ...run, "--", "sh", "print.sh");
  const plain = await signedIn(`build.${id8}.link`);
  assert.deepEqual(plain.command, ["sh", "print.sh"]);
  assert.deepEqual(plain.byproducts, { "return-value": 0, stdout: "", stderr: "" });
  assert.deepEqual(Object.keys(plain.products), ["tool.out"]);
  await yard.done("rebuild", ...run, "--record-streams", "--", "sh", "print.sh");
  const recorded = await signedIn(`build.${id8}.link`);
  assert.deepEqual(recorded.byproducts, {
    "return-value": 0,
    stdout: "one\u2409two\u240a",
    stderr: 'a "b" \u29f5\u240a',
  });
});

test("of what is printed the end is kept", async () => {
  await yard.write("long.txt", `${"x".repeat(3 * MAX_SAID_BYTES)}\nPASSED\n`);
  await yard.done("rebuild", "--quiet", ...STEP, "qa", "--record-streams", "--", "cat", "long.txt");
  const stdout = String((await signedIn(`qa.${id8}.link`)).byproducts["stdout"]);
  assert.match(stdout, /^\[\d+ octets left out\] x+\u240aPASSED\u240a$/);
  assert.ok(stdout.length < MAX_SAID_BYTES + 100, String(stdout.length));
});

test("a step says what is there, changed or not; what it takes away; and refuses what it changes unsaid", async () => {
  await yard.write("work/kept", "kept");
  await yard.write("work/gone", "gone");
  await yard.write("work/edited", "before");
  const run = ["--quiet", ...STEP, "edit", "--material", "work", "--strip", "work"];
  const edit = ["--", "sh", "-c", "rm work/gone; echo after > work/edited"];
  await yard.done("rebuild", ...run, "--product", "work", ...edit);
  const { materials, products } = await signedIn(`edit.${id8}.link`);
  assert.deepEqual(Object.keys(materials), ["edited", "gone", "kept"]);
  assert.deepEqual(products, { edited: digest("after\n"), kept: digest("kept") });
  const unsaid = await yard.samebits("rebuild", ...run, "--", "sh", "-c", "echo again > work/edited");
  assert.equal(unsaid.code, 1);
  assert.match(unsaid.err, /rebuild\/changed-material/);
});

test("a step that fails signs no link, and one that lacks its product neither", async () => {
  await rm(yard.at(`build.${id8}.link`));
  const failed = await yard.samebits("rebuild", "--quiet", ...STEP, "build", "--", "false");
  assert.equal(failed.code, 1);
  assert.match(failed.err, /exit status 1; nothing was signed/);
  const lacking = await yard.samebits(
    "rebuild",
    "--quiet",
    ...STEP,
    "build",
    "--product",
    "no",
    "--",
    "true",
  );
  assert.match(lacking.err, /it did not make no/);
  assert.ok(!existsSync(yard.at(`build.${id8}.link`)));
});

test("two files of one name, and options that say nothing of steps, are refused", async () => {
  await yard.write("one/x", "1");
  await yard.write("two/x", "2");
  const err = await yard.refused(64, "attest", "one/x", "two/x", "--strip", "one", "two", ...STEP, "s");
  assert.match(err, /both called "x"/);
  await yard.refused(64, "attest", "one/x", "two/x", "--purl", "pkg:generic/x@1", ...STEP, "s");
  for (const words of [["--one"], ["--emit-unsigned"], ["--sums", "x", "--purl", "pkg:generic/x@1"]])
    await yard.refused(64, "attest", "tool.bin", ...words, ...STEP, "s");
  for (const words of [
    ["--strip", "src"],
    ["--git-product", "v1"],
  ])
    await yard.refused(64, "attest", "tool.bin", "--purl", "pkg:generic/x@1", "--key", "tu.key", ...words);
  await yard.refused(64, "rebuild", ...STEP, "s", "--loop", "list", "--", "true");
  await yard.refused(64, "rebuild", "--key", "tu.key", "--product", "x", "--record-streams", "--", "true");
  await yard.refused(64, "attest", "tool.bin", ...STEP, "no/step");
  await symlink("/etc/hostname", yard.at("one/out"));
  await yard.refused(66, "attest", "one", ...STEP, "s");
});

test("a package is known as one: a second digest is refused, and what is replaced is taken back beside the link", async () => {
  await writeFile(yard.at("hello-att_1.0-1_all.deb"), await readFile(VECTOR));
  await yard.done("attest", "hello-att_1.0-1_all.deb", ...STEP, "rebuild", "-o", "debs");
  const [subject] = (await yard.done("attest", "hello-att_1.0-1_all.deb", ...STEP, "rebuild", "-o", "debs"))[
    "subjects"
  ] as object[];
  assert.deepEqual((subject as { purl: string }).purl, "pkg:deb/debian/hello-att@1.0-1?arch=all");
  await yard.write("tool", "1");
  const tool = ["attest", "tool", "--purl", "pkg:generic/tool@1", ...STEP, "rebuild", "-o", "tools"];
  await yard.done(...tool);
  await yard.write("tool", "2");
  assert.match(await yard.refused(4, ...tool), /attest\/conflicts/);
  await yard.done(...tool, "--replace");
  assert.deepEqual(Object.values((await signedIn(`tools/rebuild.${id8}.link`)).products), [digest("2")]);
  const files = (await import("node:fs")).readdirSync(yard.at("tools"));
  const retraction =
    files.find((name) => name.endsWith(".retraction.dsse.jsonl")) ?? assert.fail(files.join(" "));
  const line = (await readFile(yard.at(`tools/${retraction}`), "utf8")).trimEnd();
  assert.equal(parseAttestation(utf8(line)).claims[0]?.kind, "retraction");
});

test("what has no room in a feed is a file, and says so where it should be published", async () => {
  await mkdir(yard.at("many"));
  for (let i = 0; i < 260; i++) await writeFile(yard.at(`many/${i}`), String(i));
  await yard.done("attest", "--material", "many", ...STEP, "many");
  const { materials } = await signedIn(`many.${id8}.link`);
  assert.equal(Object.keys(materials).length, 260);
  const text = await readFile(yard.at(`many.${id8}.link`), "utf8");
  assert.throws(() => parseAttestation(utf8(text.trimEnd())));
  assert.equal(parseDocument(utf8(text)).content.kind, "link");
  assert.equal((await yard.samebits("show", `many.${id8}.link`)).code, 0);
  const shown = (await yard.samebits("layout", "show", `many.${id8}.link`)).out;
  assert.match(shown, /and 240 files more/);

  const data = yard.at("node");
  const node = await startNode({
    ...defaultConfig(data),
    network: "test",
    log: "silent",
    api: { listen: null, public: false, hosts: [] },
  });
  try {
    const publish = ["--publish", "--json", "--network", "test", "--data", data];
    const step = await yard.samebits("attest", "tool.bin", ...STEP, "build", ...publish);
    assert.equal(step.code, 0, step.err);
    assert.equal((step.objects.at(-1) as { published: { index: number } }).published.index, 0);
    const many = await yard.samebits("attest", "--material", "many", ...STEP, "many", ...publish);
    assert.equal(many.code, 64);
    assert.equal(many.objects[0]?.["published"], null);
    assert.ok(many.err.includes('"code":"attest/file-only"'), many.err);
  } finally {
    await node.close();
  }
});
