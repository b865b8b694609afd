/** `samebits import`: what others signed long ago, brought in as it is, and judged. */
import assert from "node:assert/strict";
import { copyFile, cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parsePublicKey, readPolicy } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { until } from "../../node/mesh/peers.ts";
import { startTestNode } from "../../node/test-node.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const TOP = join(import.meta.dirname, "../../..");
const SIGS = join(TOP, "test/vectors/guix-sigs");
const KEYS = join(SIGS, "builder-keys");
const ANSWERS = join(TOP, "test/vectors/rebuilderd/api-0.28.0");
const POLICY = join(TOP, "docs/examples/bitcoin-core.toml");

/** The digest that a builder's list has for a file, the last where there are several. */
async function listed(
  release: string,
  builder: string,
  file: string,
  list = "noncodesigned",
): Promise<string> {
  const text = await readFile(join(SIGS, release, builder, `${list}.SHA256SUMS`), "utf8");
  const line = text.split("\n").findLast((one) => one.endsWith(`  ${file}`));
  return line?.slice(0, 64) ?? assert.fail(`${builder} does not list ${file}`);
}

async function policyFor(step: string): Promise<string> {
  const path = join(await newFolder(), "policy.toml");
  const text = await readFile(POLICY, "utf8");
  await writeFile(path, text.replace('step = "all"', `step = "${step}"`));
  return path;
}

test("where nothing can be brought in, the file that it was to go to stays as it is", async () => {
  const folder = await newFolder();
  const out = join(folder, "there.jsonl");
  await writeFile(out, "what was there\n");
  await copyFile(join(ANSWERS, "v1_meta_public-keys.json"), join(folder, "v1_meta_public-keys.json"));
  await writeFile(join(folder, "v1_packages_binary.json"), '{"total":0,"records":[]}');
  for (const what of [
    ["sums", folder, "--layout", "flat", "--keys", KEYS],
    ["rebuilderd", folder],
  ]) {
    const ran = await runCommand(["import", ...what, "-o", out]);
    assert.equal(ran.code, 4, ran.err);
    assert.match(ran.err, /nothing was brought in: .* \[import\/nothing\]\n$/);
    assert.equal(await readFile(out, "utf8"), "what was there\n");
  }
});

const bundles = new Map<string, Promise<string>>();

async function bundleOf(release: string): Promise<string> {
  const bundle = join(await newFolder(), "lists.jsonl");
  const brought = await runCommand(["import", "sums", join(SIGS, release), "--layout", "guix", "-o", bundle]);
  assert.equal(brought.code, 0, brought.err);
  return bundle;
}

/** Brings a release into a file, and has a file of it judged by that. */
async function judged(
  release: string,
  file: string,
  sha256: string,
  step: string,
): Promise<Record<string, unknown>> {
  bundles.set(release, bundles.get(release) ?? bundleOf(release));
  const bundle = (await bundles.get(release)) ?? "";
  const version = release.replace("-dissent", "");
  const what = ["--purl", `pkg:generic/bitcoin-core/bitcoin@${version}`, "--name", file, "--sha256", sha256];
  const how = ["--policy", await policyFor(step), "--bundle", bundle, "--offline", "--json"];
  const { objects } = await runCommand(["verify", ...what, ...how]);
  return objects[0] ?? assert.fail("no verdict");
}

const votes = (verdict: Record<string, unknown>, kind: string): string[] =>
  (verdict["votes"] as { operator: string; vote: string }[])
    .filter(({ vote }) => vote === kind)
    .map(({ operator }) => operator);

test("import sums: every list of 30.2 is checked, and 15 builders agree on the file that people download", async () => {
  const file = "bitcoin-30.2-win64-setup.exe";
  const verdict = await judged("30.2", file, await listed("30.2", "laanwj", file, "all"), "all");
  assert.deepEqual(
    [verdict["verdict"], verdict["needed"], votes(verdict, "agrees").length],
    ["reproduced", 5, 15],
  );
  const linux = "bitcoin-30.2-x86_64-linux-gnu.tar.gz";
  const built = await judged("30.2", linux, await listed("30.2", "svanstaa", linux), "noncodesigned");
  assert.deepEqual([built["verdict"], votes(built, "agrees").length], ["reproduced", 17]);
  const other = await judged("30.2", linux, "ab".repeat(32), "noncodesigned");
  assert.deepEqual([other["verdict"], other["contradiction"]], ["contradicted", "file"]);
});

test("import sums: 27.0's dissenter is told by name, brought in, and contradicts", async () => {
  const lists = ["import", "sums", join(SIGS, "27.0-dissent"), "--layout", "guix", "-o"];
  const { objects, code } = await runCommand([...lists, join(await newFolder(), "x.jsonl"), "--json"]);
  assert.equal(code, 0);
  const [difference, ...more] = objects.filter(({ event }) => event === "difference");
  assert.deepEqual(
    [
      difference?.["signer"],
      difference?.["of"],
      (difference?.["files"] as string[] | undefined)?.length,
      difference?.["others"],
    ],
    ["0xb10c", 23, 21, ["achow101", "fanquake", "hebasto"]],
  );
  assert.deepEqual(more, []);
  const words = await runCommand([...lists, join(await newFolder(), "x.jsonl")]);
  assert.match(
    words.out,
    /^DIFFERS {2}0xb10c got other bits than achow101, fanquake, hebasto in 21 of 23 files/m,
  );
  const file = "bitcoin-27.0-x86_64-linux-gnu.tar.gz";
  const verdict = await judged(
    "27.0-dissent",
    file,
    await listed("27.0-dissent", "hebasto", file),
    "noncodesigned",
  );
  assert.deepEqual([verdict["verdict"], verdict["contradiction"]], ["contradicted", "split"]);
  assert.deepEqual(votes(verdict, "contradicts"), ["0xb10c"]);
  assert.deepEqual(votes(verdict, "agrees"), ["achow101", "fanquake", "hebasto"]);
});

test("import sums: 23.0rc1's name with two digests is two files, and nobody's contradiction", async () => {
  const brought = await runCommand(["import", "sums", join(SIGS, "23.0rc1"), "--layout", "guix", "-o", "-"]);
  assert.doesNotMatch(brought.err, /DIFFERS/);
  assert.match(brought.err, /jamesob.*import\/unknown-key/);
  const file = "bitcoin-23.0rc1-osx-unsigned.dmg";
  const list = await readFile(join(SIGS, "23.0rc1/laanwj/noncodesigned.SHA256SUMS"), "utf8");
  const both = list
    .split("\n")
    .filter((line) => line.endsWith(`  ${file}`))
    .map((line) => line.slice(0, 64));
  assert.equal(new Set(both).size, 2);
  for (const sha256 of both) {
    const verdict = await judged("23.0rc1", file, sha256, "noncodesigned");
    assert.deepEqual([verdict["verdict"], votes(verdict, "contradicts")], ["reproduced", []]);
  }
  const neither = await judged("23.0rc1", file, "ab".repeat(32), "noncodesigned");
  assert.equal(neither["verdict"], "contradicted");
});

test("import sums --layout flat: lists whose names alone tell what they are", async () => {
  const folder = await newFolder();
  await copyFile(
    join(SIGS, "23.0rc1/laanwj/noncodesigned.SHA256SUMS"),
    join(folder, "sha256sums-unsigned-build.txt"),
  );
  const signature = join(SIGS, "23.0rc1/laanwj/noncodesigned.SHA256SUMS.asc");
  await copyFile(signature, join(folder, "sha256sums-unsigned-build.txt.asc-laanwj"));
  await writeFile(join(folder, "changed.txt"), `${"00".repeat(32)}  a\n`);
  await copyFile(signature, join(folder, "changed.txt.asc"));
  await writeFile(join(folder, "no-list.txt"), "hello\n");
  await copyFile(signature, join(folder, "no-list.txt.asc"));
  const argv = [
    "import",
    "sums",
    folder,
    "--layout",
    "flat",
    "--keys",
    KEYS,
    "-o",
    join(folder, "out"),
    "--json",
  ];
  const { objects, code } = await runCommand(argv);
  assert.equal(code, 0);
  const short = objects.map(({ event, source, code: why }) => [event, basename(String(source)), why]);
  assert.deepEqual(short, [
    ["left-out", "changed.txt.asc", "import/unknown-key"],
    ["left-out", "no-list.txt.asc", "sums/bad-line"],
    ["imported", "sha256sums-unsigned-build.txt.asc-laanwj", undefined],
  ]);
});

test("import sums: what cannot be done is said, and nothing is brought in", async () => {
  const empty = await newFolder();
  const ends = async (...argv: string[]): Promise<Ran> => runCommand(["import", "sums", ...argv, "-o", "-"]);
  assert.match((await ends(empty, "--layout", "guix")).err, /--keys.*usage\/bad-option/);
  assert.match((await ends(SIGS, "--layout", "round")).err, /guix, flat.*usage\/bad-option/);
  const nothing = await ends(empty, "--layout", "guix", "--keys", KEYS, "--json");
  const { code } = JSON.parse(nothing.err) as { code: string };
  assert.deepEqual([nothing.code, code], [4, "import/nothing"]);
  assert.equal((await ends(join(empty, "no"), "--layout", "flat", "--keys", KEYS)).code, 66);
});

test("import keys: what it prints is a policy's builders, and the example's are those of the vectors", async () => {
  const files = ["0xb10c", "Emzy", "laanwj", "maflcko"].map((name) => join(KEYS, `${name}.gpg`));
  const { out, code } = await runCommand(["import", "keys", ...files]);
  assert.equal(code, 0);
  const policy = await readFile(POLICY, "utf8");
  for (const table of out.split("\n\n")) assert.ok(policy.includes(table.trim()), table);
  const { builders, rules } = readPolicy(new TextEncoder().encode(policy));
  assert.deepEqual([builders.size, rules.length], [17, 1]);
  const { objects } = await runCommand(["import", "keys", join(KEYS, "sipa.gpg"), ...files, "--json"]);
  assert.equal((objects[0]?.["refused"] as object[] | undefined)?.length, 1);
  for (const { builder, keys } of objects.slice(1) as { builder: string; keys: { key: string }[] }[]) {
    assert.deepEqual(
      builders.get(builder)?.keys.map(({ raw }) => raw),
      keys.map(({ key }) => parsePublicKey(key).raw),
    );
  }
  const bad = join(await newFolder(), "x.gpg");
  await writeFile(bad, "no certificate");
  const refused = await runCommand(["import", "keys", bad]);
  assert.deepEqual([refused.code, /x\.gpg: .*key\/bad-openpgp/.test(refused.err)], [4, true]);
});

test("import sums: through the mesh, each list counts for who signed it, not for who brought it, and dissent is found", async () => {
  const { builders } = readPolicy(new Uint8Array(await readFile(await policyFor("noncodesigned"))));
  const keys = [...builders.values()].flatMap((one) => one.keys);
  const listen = "127.0.0.1:0";
  const dataDir = await newFolder();
  const importer = await startTestNode({ dataDir, api: { listen, public: false, hosts: [] } });
  const tree = await newFolder();
  await cp(join(SIGS, "27.0-dissent"), join(tree, "27.0"), { recursive: true });
  await cp(join(SIGS, "30.2"), join(tree, "30.2"), { recursive: true });
  const origins = importer.origin === null ? [] : [importer.origin];
  const reader = await startTestNode({
    api: { listen, public: false, hosts: [] },
    bootstrap: importer.listen,
    follow: { all: false, origins, builders: keys },
  });
  const argv = ["import", "sums", tree, "--layout", "guix", "--keys", KEYS, "--json", "--network", "test"];
  const at = ["--api", importer.api ?? "", "--data", dataDir];
  const first = await runCommand([...argv, ...at]);
  assert.equal(first.code, 0, first.err);
  const entries = first.objects.filter(({ event }) => event === "imported");
  assert.equal(entries.length, 4 + 15 + 17);
  assert.deepEqual(
    entries.map(({ index, known }) => [index, known]),
    entries.map((_, i) => [i, false]),
  );
  const again = await runCommand([...argv, ...at]);
  assert.ok(again.objects.every(({ event, known }) => event !== "imported" || known === true));
  await until("a finding", async () => (await reader.status()).findings > 0);
  const asks = async (version: string, file: string, sha256: string, step: string): Promise<Ran> => {
    const what = [
      "--purl",
      `pkg:generic/bitcoin-core/bitcoin@${version}`,
      "--name",
      file,
      "--sha256",
      sha256,
    ];
    const how = ["--api", reader.api ?? "", "--network", "test", "--json"];
    return runCommand(["verify", ...what, "--policy", await policyFor(step), ...how]);
  };
  const file = "bitcoin-27.0-x86_64-linux-gnu.tar.gz";
  const sha256 = await listed("27.0-dissent", "hebasto", file);
  const { objects, code } = await asks("27.0", file, sha256, "noncodesigned");
  assert.equal(code, 1);
  const [verdict = {}] = objects;
  assert.deepEqual(votes(verdict, "contradicts"), ["0xb10c"]);
  assert.deepEqual(votes(verdict, "agrees"), ["achow101", "fanquake", "hebasto"]);
  const [evidence] = verdict["evidence"] as { kind: string }[];
  assert.equal(evidence?.kind, "disagreement");
  const setup = "bitcoin-30.2-win64-setup.exe";
  const final = await asks("30.2", setup, await listed("30.2", "laanwj", setup, "all"), "all");
  const linux = "bitcoin-30.2-x86_64-linux-gnu.tar.gz";
  const built = await asks("30.2", linux, await listed("30.2", "svanstaa", linux), "noncodesigned");
  assert.deepEqual(
    [final, built].map(({ code: ended }) => ended),
    [0, 0],
  );
  assert.deepEqual(
    [final, built].map((ran) => votes(ran.objects[0] ?? {}, "agrees").length),
    [15, 17],
  );
});
