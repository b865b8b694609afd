/** `--predicate legacy-link`: a samebits builder's results for clients that read nothing else, and never a second vote. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import {
  ed25519Key,
  fromUtf8,
  keyIdKha,
  linkReaders,
  parseAttestation,
  parsePublicKey,
  toSpkiPem,
  utf8,
} from "../../../protocol/index.ts";
import { FILE, packageDigest, run, VECTOR } from "../../e2e/apt-rig.ts";
import { builder } from "../../e2e/claims.ts";
import { layoutOf } from "../../e2e/layout.ts";
import { ownLink } from "../../e2e/own-link.ts";
import { SEEN } from "../../json-schemas.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { runCommand } from "../cli/run.ts";
import { Shop } from "../rebuild/shop.ts";

const alice = builder("alice");
const KEY = ed25519Key(alice.raw);
const skip = lacks("in-toto-verify", "in-toto-sign", "in-toto-keygen");
let folder = "";

before(async () => {
  folder = await newFolder();
});

test("every dialect of in-toto checks it; its bytes are those of the profile", async () => {
  const material = join(folder, "hello-att_1.0-1.dsc");
  await writeFile(material, "source");
  const link = await ownLink(alice, VECTOR, "--material", material);
  assert.deepEqual(linkReaders(parseAttestation(link), KEY), { rebuilderd: true, aptTransport: true });
  const { signed, signatures } = JSON.parse(fromUtf8(link)) as {
    signed: object;
    signatures: readonly { keyid: string }[];
  };
  assert.deepEqual(signed, {
    _type: "link",
    name: "rebuild",
    materials: { "hello-att_1.0-1.dsc": { sha256: createHash("sha256").update("source").digest("hex") } },
    products: { [FILE]: { sha256: packageDigest } },
    environment: {},
    byproducts: {},
    command: [],
  });
  assert.deepEqual(
    signatures.map(({ keyid }) => keyid),
    [keyIdKha(KEY)],
  );
});

test("one builder who signed both forms has one vote", async () => {
  const key = join(folder, "alice.key");
  await writeFile(key, alice.pem, { mode: 0o600 });
  const links = join(folder, "links.jsonl");
  await writeFile(links, await ownLink(alice, VECTOR));
  const envelopes = join(folder, "envelopes");
  const attested = await runCommand(["attest", VECTOR, "--key", key, "-o", envelopes, "--json"]);
  const envelope = String(attested.objects[0]?.["envelope"]);
  const both = join(folder, "both.jsonl");
  await writeFile(both, `${await readFile(links, "utf8")}\n${await readFile(envelope, "utf8")}`);
  const judged = async (bundle: string, k: number): Promise<unknown> => {
    const policy = join(folder, `policy-${k}.toml`);
    const other = toSpkiPem(ed25519Key(builder("bob").raw));
    await writeFile(
      policy,
      [
        "version = 1",
        `[builders.alice]\nkey = """${toSpkiPem(KEY)}"""\nroles = ["rebuilder"]`,
        `[builders.bob]\nkey = """${other}"""\nroles = ["rebuilder"]`,
        `[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = ${k}, of = "role:rebuilder" }`,
        "",
      ].join("\n"),
    );
    const argv = ["verify", VECTOR, "--policy", policy, "--bundle", bundle, "--offline", "--json"];
    const { objects, err } = await runCommand([...argv, "--purl", "pkg:deb/debian/hello-att@1.0-1?arch=all"]);
    const { verdict, agreeing } = objects[0] ?? assert.fail(err);
    return `${String(verdict)} ${String(agreeing)}`;
  };
  assert.equal(await judged(links, 1), "reproduced 1");
  assert.equal(await judged(envelope, 1), "reproduced 1");
  assert.equal(await judged(both, 1), "reproduced 1");
  assert.equal(await judged(both, 2), "pending 1");
});

test("a second digest is refused in either form, and --replace takes the first back", async () => {
  const shop = await Shop.open();
  const file = shop.at("tool.bin");
  const attest = async (...options: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(
      ["attest", file, "--purl", "pkg:generic/tool@1.0", "--key", shop.at("tu.key"), ...options],
      shop.folder,
    );
  const old = ["--predicate", "legacy-link"];
  await writeFile(file, "one");
  const said = [await attest(...old, "--json"), await attest("--json")];
  assert.deepEqual(
    said.map(({ code }) => code),
    [0, 0],
    "the same result in both forms",
  );
  await writeFile(file, "two");
  assert.equal((await attest()).code, 4);
  assert.equal((await attest(...old)).code, 4);
  const replaced = await attest(...old, "--replace", "--json");
  assert.equal(replaced.code, 0, replaced.err);
  assert.deepEqual(
    replaced.objects.map(({ kind }) => kind),
    ["retraction", "retraction", "positive"],
  );
  assert.deepEqual(
    replaced.objects.flatMap(({ retracts }) => retracts),
    said.flatMap(({ objects }) => objects.map(({ id }) => id)),
  );
  const text = await readFile(String(replaced.objects[2]?.["envelope"]), "utf8");
  const key = parsePublicKey(await readFile(shop.at("tu.pub"), "utf8"));
  const [last = ""] = text.trimEnd().split("\n").slice(-1);
  assert.ok(linkReaders(parseAttestation(utf8(last)), key).aptTransport);
  for (const options of [["--emit-unsigned"], ["--predicate", "links"], ["--git", "HEAD"]])
    assert.equal((await attest(...old, ...options)).code, 64, options.join(" "));
  const printed = await attest(...old, "-o", "-", "--json");
  assert.equal(printed.objects.length, 1);
  assert.ok(SEEN.has("legacy-link"));
  const failed = ["--failed", "no", "--purl", "pkg:generic/x@1", "--name", "x", "--key", shop.at("tu.key")];
  assert.equal((await runCommand(["attest", ...failed, ...old], shop.folder)).code, 64);
});

test("a command's result goes into such a link too, its failure into a statement", async () => {
  const shop = await Shop.open();
  const options = [
    "--purl",
    "pkg:generic/tool@1.0",
    "--predicate",
    "legacy-link",
    "--material",
    shop.at("src"),
  ];
  const built = await shop.shell(
    "cat src/a.txt > a.tar",
    ...options,
    "--product",
    shop.at("a.tar"),
    "--json",
  );
  assert.equal(built.code, 0, built.err);
  const link = JSON.parse(await readFile(String(built.objects[0]?.["envelope"]), "utf8")) as {
    signed: { materials: object; products: object };
  };
  assert.deepEqual(Object.keys(link.signed.materials), ["src/a.txt", "src/deep/b.txt"]);
  assert.deepEqual(Object.keys(link.signed.products), ["a.tar"]);
  const failed = await shop.shell(
    "false",
    ...options,
    "--product",
    shop.at("b.tar"),
    "--json",
    "-o",
    shop.folder,
  );
  assert.equal(failed.objects[0]?.["kind"], "failed");
});

test(
  "in-toto 1.x: a layout with this builder's key takes the link, and no other builder's",
  { skip },
  async () => {
    const where = await newFolder();
    await mkdir(join(where, "links"));
    await copyFile(VECTOR, join(where, FILE));
    const made = await run("in-toto-keygen", ["-t", "ed25519", join(where, "owner")]);
    assert.equal(made.code, 0, made.output);
    const keyid = keyIdKha(KEY);
    const layout = join(where, "root.layout");
    await writeFile(layout, JSON.stringify({ signatures: [], signed: layoutOf([alice], 1) }));
    const sealed = await run("in-toto-sign", ["-f", layout, "-k", join(where, "owner"), "-t", "ed25519"]);
    assert.equal(sealed.code, 0, sealed.output);
    const verify = async (link: Uint8Array): Promise<number> => {
      await writeFile(join(where, "links", `rebuild.${keyid.slice(0, 8)}.link`), link);
      const argv = [
        "-l",
        layout,
        "-k",
        join(where, "owner.pub"),
        "-t",
        "ed25519",
        "--link-dir",
        join(where, "links"),
      ];
      return (await run("in-toto-verify", argv)).code;
    };
    assert.equal(await verify(await ownLink(alice, VECTOR)), 0);
    assert.notEqual(await verify(await ownLink(builder("bob"), VECTOR)), 0);
  },
);
