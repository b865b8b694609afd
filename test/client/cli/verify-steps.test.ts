/** Rules with steps, from files to verdicts: real PE files, built by two, signed by somebody else, found by their normal form. */
import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { Shop } from "../rebuild/shop.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign/pe");
const PURL = "pkg:generic/tool@1.0";
const BUILDERS = ["one", "two", "release"] as const;
type Name = (typeof BUILDERS)[number];

const STEPS = `steps = [
  { name = "build", require = { k = 2, of = "role:rebuilder" } },
  { name = "sign", from = ["normal-form", "materials"], require = { k = 1, of = "role:release" } },
]`;

let shop: Shop;
const at = (name: string): string => shop.at(name);

before(async () => {
  shop = await Shop.open();
  for (const name of BUILDERS) await runCommand(["keygen", name, "--out", shop.folder], shop.folder);
  await copyFile(join(VECTORS, "tiny.efi"), at("unsigned.efi"));
  await copyFile(join(VECTORS, "tiny.a.efi"), at("signed.efi"));
});

/** Puts a file where the release has it, and attests it. */
async function says(by: Name, file: string, step: string, ...options: readonly string[]): Promise<string> {
  await copyFile(at(file), at("tool.efi"));
  const argv = [
    "attest",
    at("tool.efi"),
    "--key",
    at(`${by}.key`),
    "--step",
    step,
    "--purl",
    PURL,
    "-o",
    "-",
  ];
  const { code, out, err } = await runCommand([...argv, ...options], shop.folder);
  assert.equal(code, 0, err);
  return out;
}

async function policy(rule: string): Promise<string> {
  const builders = await Promise.all(
    BUILDERS.map(async (name) => {
      const pem = await readFile(at(`${name}.pub`), "utf8");
      const role = name === "release" ? "release" : "rebuilder";
      return `[builders.${name}]\nkey = """${pem}"""\nroles = ["${role}"]`;
    }),
  );
  const text = ["version = 1", ...builders, `[[rules]]\nname = "r"\nmatch = "pkg:generic/*"\n${rule}`, ""];
  await writeFile(at("policy.toml"), text.join("\n"));
  return at("policy.toml");
}

async function verify(
  file: string,
  said: readonly string[],
  { rule = STEPS, options = [] as readonly string[] } = {},
): Promise<Ran> {
  if (file !== "") await copyFile(at(file), at("tool.efi"));
  await writeFile(at("said.jsonl"), said.join(""));
  const by = ["--policy", await policy(rule), "--bundle", at("said.jsonl"), "--offline"];
  const what = file === "" ? [] : [at("tool.efi")];
  return runCommand(["verify", ...what, ...by, "--purl", PURL, ...options], shop.folder);
}

/** What everybody says of an honest release. */
const honest = async (): Promise<readonly [string, string, string]> => [
  await says("one", "unsigned.efi", "build"),
  await says("two", "unsigned.efi", "build"),
  await signs("unsigned.efi"),
];

async function signs(material: string, ...options: readonly string[]): Promise<string> {
  return says("release", "signed.efi", "sign", "--material", at(material), ...options);
}

test("a signed file is reproduced: two built what it is without its signature, and the signer says that it signed that", async () => {
  const { code, out } = await verify("signed.efi", await honest());
  assert.equal(code, 0, out);
  assert.match(
    out,
    /build: 2 of 2 on ca44ddff… \(tool\.efi\.unsigned\): one, two\n +sign: 1 of 1 on this file, from that: release/,
  );
  const { objects } = await verify("signed.efi", await honest(), { options: ["--json"] });
  const { chain, needed, agreeing } = objects[0] as {
    chain: Record<string, unknown>[];
    needed: number;
    agreeing: number;
  };
  assert.deepEqual(
    chain.map(({ step, file, from, verdict }) => [step, file, from, verdict]),
    [
      ["build", "tool.efi.unsigned", null, "reproduced"],
      ["sign", "tool.efi", ["materials", "normal-form"], "reproduced"],
    ],
  );
  assert.deepEqual([needed, agreeing], [3, 3]);
});

test("somebody is missing: pending", async () => {
  const [one, , sign] = await honest();
  assert.equal((await verify("signed.efi", [one, sign])).code, 2);
  const [, two] = await honest();
  const unsigned = await verify("signed.efi", [one, two]);
  assert.equal(unsigned.code, 2);
  assert.match(unsigned.out, /sign: 0 of 1 on this file/);
});

test("an octet outside of the signature changed: the signer says another file, and what is left is not what was built", async () => {
  const bytes = await readFile(at("signed.efi"));
  bytes[0x40] = (bytes[0x40] ?? 0) ^ 1; // of the DOS stub: the signature's tables stay as they are
  await writeFile(at("tampered.efi"), bytes);
  const { code, out } = await verify("tampered.efi", await honest());
  assert.equal(code, 1, out);
  assert.match(out, /build: 0 of 2/);
});

test("the signature changed: no signer says that file, and the rest is what was built", async () => {
  await copyFile(join(VECTORS, "tiny.b.efi"), at("other.efi"));
  const { code, out } = await verify("other.efi", await honest());
  assert.equal(code, 1, out);
  assert.match(out, /build: 2 of 2/);
});

test("what stands in the place of the signature is none: pending, and it says why", async () => {
  const bytes = await readFile(at("signed.efi"));
  await writeFile(at("hidden.efi"), Buffer.concat([bytes, Buffer.from("hidden")]));
  const { code, out } = await verify("hidden.efi", (await honest()).slice(0, 2));
  assert.equal(code, 2, out);
  assert.match(out, /can't be taken off: .*normal-form\//);
});

test("the signer says that it signed another file", async () => {
  await writeFile(at("evil.efi"), "evil");
  const [one, two] = await honest();
  const { code, out } = await verify("signed.efi", [one, two, await signs("evil.efi")]);
  assert.equal(code, 1, out);
  assert.match(out, /release: it got this file from .*evil\.efi .*, which is not what the step "build" gave/);
});

test("--unsigned: what was built may be attested without its normal form", async () => {
  const plain = [
    await says("one", "unsigned.efi", "build", "--no-normal-form"),
    await says("two", "unsigned.efi", "build", "--no-normal-form"),
    await signs("unsigned.efi"),
  ];
  assert.equal((await verify("signed.efi", plain)).code, 2);
  const options = ["--unsigned", at("unsigned.efi")];
  const { code, out, err } = await verify("signed.efi", plain, { options });
  assert.equal(code, 0, out + err);
  await copyFile(join(VECTORS, "fbx64.efi"), at("third.efi"));
  const third = await verify("signed.efi", plain, { options: ["--unsigned", at("third.efi"), "--json"] });
  assert.equal(third.code, 4, third.out + third.err);
  assert.ok(third.err.includes("artifact/not-unsigned"), third.err);
  const rule = 'require = { k = 1, of = "role:release" }\nstep = "sign"';
  const pointless = await verify("signed.efi", plain, { rule, options });
  assert.equal(pointless.code, 64, pointless.err);
});

test("the normal form of a file in between takes that file, verified together with what was made of it", async () => {
  await writeFile(at("tool.pkg"), "a package with the program in it");
  await copyFile(at("signed.efi"), at("tool.efi"));
  const argv = ["attest", at("tool.pkg"), "--key", at("release.key"), "--step", "pack", "--purl", PURL];
  const packed = await runCommand([...argv, "--material", at("tool.efi"), "-o", "-"], shop.folder);
  const rule = STEPS.replace(
    /\n\]$/,
    '\n  { name = "pack", renames = { ".efi" = ".pkg" }, require = { k = 1, of = "role:release" } },\n]',
  );
  const by = async (said: readonly string[], ...files: readonly string[]): Promise<Ran> => {
    await writeFile(at("said.jsonl"), said.join(""));
    const options = ["--policy", await policy(rule), "--bundle", at("said.jsonl"), "--offline", "--json"];
    return runCommand(["verify", ...files, ...options], shop.folder);
  };
  const said = [...(await honest()), packed.out];
  await copyFile(at("signed.efi"), at("tool.efi"));
  const alone = await by(said, at("tool.pkg"), "--purl", PURL);
  assert.equal(alone.code, 2, alone.err);
  assert.match(String(alone.objects[0]?.["next"]), /verify tool\.efi together with it/);
  const both = await by(said, at("tool.pkg"), at("tool.efi"), "--purl", PURL);
  assert.deepEqual(
    both.objects.map(({ verdict }) => verdict),
    ["reproduced", "pending"],
    both.err,
  );
  const deb = await runCommand([
    "verify",
    at("tool.pkg"),
    at("tool.efi"),
    "--purl",
    "pkg:deb/debian/tool@1?arch=all",
  ]);
  assert.equal(deb.code, 64);
});

test("a summary rests on what was said in all steps, and follows from that again", async () => {
  const said = await honest();
  const key = ["--key", at("one.key")];
  const made = await verify("signed.efi", said, { options: ["--vsa", at("tool.vsa"), ...key] });
  assert.equal(made.code, 0, made.err);
  const [statement] = (await readFile(at("tool.vsa"), "utf8")).split("\n").map((line) => {
    const { payload = "" } = JSON.parse(line || "{}") as { payload?: string };
    return JSON.parse(Buffer.from(payload, "base64").toString() || "{}") as {
      predicate?: { inputAttestations?: unknown[] };
    };
  });
  assert.equal(statement?.predicate?.inputAttestations?.length, 3);
  const pub = ["--key", at("one.pub")];
  const again = await verify("signed.efi", said, { options: ["--against", at("tool.vsa"), ...pub] });
  assert.equal(again.code, 0, again.out + again.err);
  const less = await verify("signed.efi", said.slice(1), { options: ["--against", at("tool.vsa"), ...pub] });
  assert.equal(less.code, 4, less.out);
});

test("--sha256: without the file its normal form is not known", async () => {
  const [one, two, sign] = await honest();
  const { objects } = await verify("signed.efi", [one, two, sign], { options: ["--json"] });
  const digest = ["--sha256", String(objects[0]?.["sha256"]), "--name", "tool.efi"];
  const { code, out } = await verify("", [one, two, sign], { options: digest });
  assert.equal(code, 2, out);
  assert.match(out, /Next: verify the file itself: samebits verify tool\.efi/);
});

test("policy explain says the steps in words, and policy check what makes no sense", async () => {
  await policy(STEPS);
  const { out } = await runCommand(["policy", "explain", PURL, "--policy", at("policy.toml")], shop.folder);
  assert.match(
    out,
    /Step 2 "sign" after "build" \(whoever counts names what that gave among the materials; without its signature the file is what that gave\): the same SHA-256 from 1 of the 1 with the role release/,
  );
  await policy('steps = [{ name = "build", require = { k = 1, of = "one" } }]');
  const bad = await runCommand(["policy", "check", at("policy.toml")], shop.folder);
  assert.equal(bad.code, 3);
  assert.match(bad.err, /policy\/bad-rule/);
});
