/** `verify` by an in-toto layout: named on the command line or by a policy, with links out of folders and bundles. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { keyIdKha, linkFileName, toPkcs8Pem, toSpkiPem } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { signer } from "../../protocol/verdict/cast.ts";
import {
  built,
  DRAFT,
  layoutBytes,
  LAYOUTS,
  link,
  RULE,
  signed,
  SOURCE,
} from "../../protocol/verdict/layout-cast.ts";
import { signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { alice } from "../trust/rig.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { END, Machine, one, PIN } from "./trust-machine.ts";

const VECTORS = new URL("../../vectors/in-toto/", import.meta.url).pathname;
const PURL = "pkg:deb/debian/hello@2.10-3?arch=amd64";
const FILE = "hello_2.10-3_amd64.deb";
/** SHA-256 of the file that the links of the last step give. */
const SHA256 = "f67ab10ad4e4c53121b6a5fe4da9c10ddee905b978d3788d2723d7bfacbe28a9";

const folder = await newFolder();
const at = (...names: readonly string[]): string => join(folder, ...names);
after(() => rm(folder, { recursive: true, force: true }));

/** A folder with these links, as in-toto's tools call them. */
async function links(
  name: string,
  some: readonly (readonly [by: string, bytes: Uint8Array])[],
): Promise<string> {
  await mkdir(at(name), { recursive: true });
  for (const [by, bytes] of some) {
    const step = new TextDecoder().decode(bytes).includes('"name":"build"') ? "build" : "sign";
    await writeFile(at(name, linkFileName(step, signer(by).key)), bytes);
  }
  return at(name);
}

const ALL = [
  ["alice", built("alice")],
  ["bob", built("bob")],
  ["dave", signed()],
] as const;

await writeFile(at("hello.layout"), layoutBytes());
await writeFile(at("owner.pub"), toSpkiPem(signer("owner").key));
await writeFile(at("policy.toml"), `version = 1\n${LAYOUTS}${RULE}`);

function verify(...argv: readonly string[]): Promise<Ran> {
  const file = ["--sha256", SHA256, "--name", FILE, "--purl", PURL];
  return runCommand(["verify", "--json", "--offline", ...file, ...argv], folder);
}

const byLayout = (...argv: readonly string[]): Promise<Ran> =>
  verify("--layout", at("hello.layout"), "--layout-key", at("owner.pub"), ...argv);

/** Code, verdict, what the layout makes of it, and each step. */
function shown({ code, objects }: Ran): readonly unknown[] {
  const [object] = objects;
  const layout = object?.["layout"] as
    | {
        readonly outcome: string;
        readonly problem: { readonly code: string } | null;
        readonly steps: readonly {
          readonly step: string;
          readonly agreeing: number;
          readonly threshold: number;
        }[];
      }
    | undefined;
  const steps = layout?.steps.map(({ step, agreeing, threshold }) => `${step} ${agreeing}/${threshold}`);
  return [code, object?.["verdict"], layout?.problem?.code ?? layout?.outcome, steps?.join(" ")];
}

test("links of a folder by a layout that is named with its owner's key", async () => {
  const good = await byLayout("--links", await links("good", ALL));
  assert.deepEqual(shown(good), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  const few = await byLayout("--links", await links("few", ALL.slice(1)));
  assert.deepEqual(shown(few), [2, "pending", "layout/too-few-links", "build 1/2 sign 1/1"]);
  const split = await links("split", [...ALL, ["carol", built("carol", "other")]]);
  assert.deepEqual(shown(await byLayout("--links", split)), [
    1,
    "contradicted",
    "layout/disagree",
    "build 2/2 sign 1/1",
  ]);
  const evil = (by: string): readonly [string, Uint8Array] => [
    by,
    link(by, "build", { [SOURCE]: "S", evil: "E" }, { "hello_2.10-3_amd64.unsigned": "U" }),
  ];
  const ruled = await byLayout("--links", await links("ruled", [evil("alice"), evil("bob"), ALL[2]]));
  assert.deepEqual(shown(ruled), [1, "contradicted", "layout/rule", "build 2/2 sign 1/1"]);
  const tampered = await byLayout("--links", at("good"), "--sha256", "00".repeat(32));
  assert.deepEqual(shown(tampered), [1, "contradicted", "passed", "build 2/2 sign 1/1"]);
  assert.equal(tampered.objects[0]?.["contradiction"], "file");
});

test("what in-toto's own tools wrote, with keys as they write them", async () => {
  const foo = ["--name", "foo_1.0-1_amd64.deb", "--purl", "pkg:generic/foo@1.0-1"];
  const sha256 = ["--sha256", "9d693d82bacdd20d250cba34129a0acd8970164d9562d14e009fab38a87d7c3e"];
  for (const [dialect, layout] of [
    ["py-1.3.1-metablock", "root.layout"],
    ["py-2.2.0-dsse", "root-dsse.layout"],
    ["go-0.11.0-dsse", "root-dsse.layout"],
  ] as const) {
    const from = join(VECTORS, dialect);
    const named = ["--layout", join(from, layout), "--layout-key", join(from, "owner.pub")];
    await mkdir(at(dialect));
    const names = await import("node:fs/promises").then(({ readdir }) => readdir(from));
    for (const name of names.filter((one) => one.endsWith(".link")))
      await cp(join(from, name), at(dialect, name));
    const first = JSON.parse(
      await readFile(at(dialect, names.find((one) => one.endsWith(".link")) ?? ""), "utf8"),
    ) as {
      readonly signed?: { readonly products: Readonly<Record<string, { readonly sha256: string }>> };
    };
    const own = Object.values(first.signed?.products ?? {})[0]?.sha256;
    const digest = own === undefined ? sha256 : ["--sha256", own];
    const ran = await verify(...foo, ...digest, ...named, "--links", at(dialect));
    assert.deepEqual(
      shown(ran),
      [0, "reproduced", "passed", "rebuild 2/2"],
      `${dialect}: ${ran.out}${ran.err}`,
    );
    const stranger = await verify(
      ...foo,
      ...digest,
      "--layout",
      join(from, layout),
      "--layout-key",
      join(from, "rb1.pub"),
      "--links",
      at(dialect),
    );
    assert.deepEqual(shown(stranger), [3, "pending", "layout/bad-signature", ""], dialect);
  }
});

test("a policy's layout lies beside it; one that lacks, or is another's, lets nothing by", async () => {
  const policy = ["--policy", at("policy.toml"), "--links", at("good")];
  assert.deepEqual(shown(await verify(...policy)), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  await mkdir(at("alone"));
  await cp(at("policy.toml"), at("alone", "policy.toml"));
  const alone = ["--policy", at("alone", "policy.toml"), "--links", at("good")];
  assert.deepEqual(shown(await verify(...alone)), [2, "pending", "absent", ""]);
  await writeFile(at("alone", "hello.layout"), layoutBytes(DRAFT, ["mallory"]));
  assert.deepEqual(shown(await verify(...alone)), [3, "pending", "layout/bad-signature", ""]);
  const checked = await runCommand(["policy", "check", at("alone", "policy.toml"), "--json"], folder);
  assert.equal(checked.code, 3);
  const good = await runCommand(["policy", "check", at("policy.toml")], folder);
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /4 builders, 1 rule, 1 layout/);
  const words = await runCommand(["policy", "explain", PURL, "--policy", at("policy.toml")], folder);
  assert.match(words.out, /Step 1 "build": the same link from 2 of hello:/);
});

test("a trust domain's targets list the layout beside its policy; clients update it like any file", async () => {
  const machine = await Machine.open({ builders: [one], k: 1 });
  const { site } = machine;
  const purl = ["--sha256", SHA256, "--name", FILE, "--purl", PURL];
  const judged = async (): Promise<readonly unknown[]> => {
    const policy = ["--policy", `domain:${PIN}`, "--links", at("good")];
    return shown(await machine.run("verify", "--json", "--offline", ...purl, ...policy));
  };
  const policy = await site.file("policy.toml", `version = 1\n${LAYOUTS}${RULE}`);
  const release = async (version: number, layout: Uint8Array | null): Promise<void> => {
    const files = layout === null ? [] : [await site.file("hello.layout", new TextDecoder().decode(layout))];
    const targets = targetsOf(version, { files: [policy, ...files], expires: END });
    await site.put({ role: [] }, signedBy(targets, "targets", alice));
    const updated = await machine.run("trust", "update");
    assert.equal(updated.code, 0, updated.err);
  };
  await release(2, layoutBytes());
  assert.deepEqual(await judged(), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  await release(3, null);
  assert.deepEqual(await judged(), [2, "pending", "absent", ""]);
  await release(4, layoutBytes({ ...DRAFT, expires: Date.UTC(2026, 0) }));
  assert.deepEqual(await judged(), [3, "pending", "layout/expired", "build 0/2 sign 0/1"]);
});

test("an owner's release lists layouts, and is refused where one that a policy names lacks or is none", async () => {
  const owner = await newFolder();
  const home = await newFolder();
  await mkdir(join(owner, "targets"));
  await runCommand(["keygen", "k", "--out", owner], home);
  const key = ["--root-key", join(owner, "k.pub"), "--targets-key", join(owner, "k.pub")];
  const begun = await runCommand(["trust", "init", owner, ...key], home);
  assert.equal(begun.code, 0, begun.err);
  await runCommand(["trust", "sign", owner, "--key", join(owner, "k.key")], home);
  await writeFile(join(owner, "targets", "policy.toml"), `version = 1\n${LAYOUTS}${RULE}`);
  const released = (): Promise<Ran> => runCommand(["trust", "release", owner], home);
  const lacking = await released();
  assert.equal(lacking.code, 3, lacking.err);
  assert.match(lacking.err, /policy\.toml: layouts\.hello: hello\.layout is not among the files/);
  await writeFile(join(owner, "targets", "hello.layout"), "{}");
  assert.match((await released()).err, /hello\.layout: .*\(layout\/bad-document\)/);
  await writeFile(join(owner, "targets", "hello.layout"), layoutBytes());
  const good = await released();
  assert.equal(good.code, 0, good.err);
});

test("a bundle proves it offline, with the links that came out of a folder", async () => {
  const bundle = ["--layout", at("hello.layout"), "--layout-key", at("owner.pub"), "--links", at("good")];
  const file = ["--sha256", SHA256, "--name", FILE, "--purl", PURL];
  const made = await runCommand(
    ["bundle", "--json", "--offline", ...file, ...bundle, "-o", at("hello.bundle")],
    folder,
  );
  assert.equal(made.code, 0, made.err);
  const ran = await byLayout("--bundle", at("hello.bundle"));
  assert.deepEqual(shown(ran), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  const without = await byLayout();
  assert.deepEqual(shown(without), [69, "pending", "layout/too-few-links", "build 0/2 sign 0/1"]);
});

test("a file of the folder that is no link is told, and not used; nothing is followed out of it", async () => {
  const mixed = await links("mixed", ALL);
  await writeFile(join(mixed, "build.00000000.link"), "{");
  await mkdir(at("outside"));
  await writeFile(at("outside", linkFileName("build", signer("carol").key)), built("carol", "other"));
  await symlink(at("outside"), join(mixed, "build.11111111"));
  await symlink(
    at("outside", linkFileName("build", signer("carol").key)),
    join(mixed, linkFileName("build", signer("carol").key)),
  );
  const ran = await byLayout("--links", mixed);
  assert.deepEqual(shown(ran), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  assert.match(ran.err, /build\.00000000\.link: not used: .*\[bundle\/bad-file\]/);
});

test("what the options can't mean is said", async () => {
  await mkdir(at("empty"), { recursive: true });
  await writeFile(at("private.key"), toPkcs8Pem(new Uint8Array(32)));
  const bad: readonly (readonly [argv: readonly string[], code: number, words: RegExp])[] = [
    [["--layout", at("hello.layout")], 64, /needs --layout-key/],
    [["--layout-key", at("owner.pub")], 64, /--layout-key goes with --layout/],
    [["--parameter", "A=b"], 64, /--parameter goes with --layout/],
    [["--layout", at("nowhere"), "--layout-key", at("owner.pub")], 66, /input\/missing/],
    [["--layout", at("hello.layout"), "--layout-key", at("private.key")], 66, /key\/bad-file/],
    [["--layout", at("hello.layout"), "--layout-key", at("owner.pub"), at("owner.pub")], 64, /named twice/],
  ];
  for (const [argv, code, words] of bad) {
    const ran = await verify(...argv);
    assert.equal(ran.code, code, ran.err);
    assert.match(ran.err, words);
  }
  const more: readonly (readonly [argv: readonly string[], code: number, words: RegExp])[] = [
    [["--layout-threshold", "2"], 64, /from 1 to 1/],
    [["--parameter", "A=$(x)"], 64, /NAME=VALUE expected/],
    [["--parameter", "A=1", "A=2"], 64, /given twice/],
    [["--policy", at("policy.toml")], 64, /not both/],
    [["--links", at("empty")], 66, /no \*\.link in it/],
    [["--links", at("nowhere")], 66, /input\/missing/],
    [["--allow-inspections=maybe"], 64, /--allow-inspections=maybe/],
  ];
  for (const [argv, code, words] of more) {
    const ran = await byLayout(...argv);
    assert.equal(ran.code, code, ran.err);
    assert.match(ran.err, words);
  }
  assert.equal(keyIdKha(signer("owner").key).length, 64);
});

test("parameters fill in what the layout leaves open; without one it can't be used", async () => {
  const [build, sign] = DRAFT.steps;
  assert.ok(build && sign);
  const expectedMaterials = [
    { kind: "allow" as const, pattern: "hello-{VERSION}.tar.gz" },
    { kind: "disallow" as const, pattern: "*" },
  ];
  const draft = { ...DRAFT, steps: [{ ...build, expectedMaterials }, sign] };
  await writeFile(at("open.layout"), layoutBytes(draft));
  const open = ["--layout", at("open.layout"), "--layout-key", at("owner.pub"), "--links", at("good")];
  assert.deepEqual(shown(await verify(...open)), [3, "pending", "layout/parameter", "build 0/2 sign 0/1"]);
  const filled = await verify(...open, "--parameter", "VERSION=2.10");
  assert.deepEqual(shown(filled), [0, "reproduced", "passed", "build 2/2 sign 1/1"]);
  const other = await verify(...open, "--parameter", "VERSION=2.11");
  assert.deepEqual(shown(other), [1, "contradicted", "layout/rule", "build 2/2 sign 1/1"]);
});
