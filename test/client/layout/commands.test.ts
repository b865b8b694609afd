/** `samebits layout new|sign|show|key`: what owners type, and what comes of it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { keyIdKha, parseDocument, parsePublicKey, toHex, utf8 } from "../../../protocol/index.ts";
import { lacks } from "../../programs.ts";
import { run, Yard } from "./yard.ts";

const YEAR_MS = 365 * 86_400_000;
let yard: Yard;

before(async () => {
  yard = await Yard.open("owner", "other", "a", "b", "c");
});
after(() => yard.close());

const keys = ["a.pub", "b.pub", "c.pub"];
const idOf = async (name: string): Promise<string> =>
  keyIdKha(parsePublicKey(await readFile(yard.at(`${name}.pub`), "utf8")));

interface Shown {
  readonly form: string;
  readonly expires: string;
  readonly expired: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly threshold: number;
    readonly functionaries: readonly { readonly keyid: string }[];
    readonly command: readonly string[];
    readonly materials: readonly string[];
    readonly products: readonly string[];
  }[];
  readonly inspections: readonly { readonly run: readonly string[]; readonly materials: readonly string[] }[];
  readonly signed: readonly { readonly name: string; readonly keyid: string }[];
  readonly unknown: readonly (string | null)[];
}
const shown = async (...argv: readonly string[]): Promise<Shown> =>
  (await yard.done("layout", "show", ...argv)) as unknown as Shown;

test("the simplest layout takes one line", async () => {
  await yard.done("layout", "new", "--step", "rebuild", "--key", ...keys, "--threshold", "2", "-o", "simple");
  const { form, steps, inspections, expires, expired, signed } = await shown("simple");
  assert.equal(form, "unsigned");
  assert.deepEqual(steps, [
    {
      name: "rebuild",
      threshold: 2,
      functionaries: await Promise.all(
        ["a", "b", "c"].map(async (name) => ({ keyid: await idOf(name), type: "ed25519", name: null })),
      ),
      command: [],
      materials: [],
      products: ["CREATE *.deb", "DISALLOW *"],
    },
  ]);
  assert.deepEqual(inspections, [
    {
      name: "rebuild-files",
      run: ["true"],
      materials: ["MATCH *.deb WITH PRODUCTS FROM rebuild", "DISALLOW *.deb"],
      products: [],
    },
  ]);
  assert.ok(Math.abs(Date.parse(expires) - Date.now() - YEAR_MS) < 60_000, expires);
  assert.equal(expired, false);
  assert.deepEqual(signed, []);
  const words = (await yard.samebits("layout", "show", "simple")).out;
  assert.match(words, /^step {7}rebuild: 2 of 3 keys$/m);
  assert.match(words, /^ {2}takes {4}anything$/m);
  assert.match(words, /^ {2}gives {4}\*\.deb, new; nothing else$/m);
  assert.match(words, /^signed {5}by nobody yet$/m);
  assert.ok(words.split("\n").length < 20);
});

const FULL = `version = 1
readme = "From the tag to the package"
expires = "2046-01-31"

[keys]
alice = "a.pub"

[[steps]]
name = "tag"
keys = ["alice"]
materials = ["DISALLOW *"]
products = ["CREATE source", "DISALLOW *"]

[[steps]]
name = "build"
keys = ["b.pub", "keys/c.json"]
threshold = 2
command = "make all"
materials = ["MATCH source WITH PRODUCTS FROM tag", "DISALLOW *"]
products = [["CREATE", "a file"], "MATCH * IN src WITH MATERIALS IN old/src FROM tag", "ALLOW *"]

[[inspections]]
name = "unpack"
run = ["tar", "xf", "tool.tar"]
materials = ["REQUIRE tool.tar"]
products = ["DELETE x", "MODIFY y", "DISALLOW *"]
`;

test("a description says steps, keys and rules", async () => {
  await yard.write("keys/c.json", (await yard.samebits("layout", "key", "c.pub")).out);
  await yard.write("full.toml", FULL);
  await yard.done("layout", "new", "full.toml", "-o", "full");
  const { steps, inspections, expires } = await shown("full", "--key", "a.pub");
  assert.equal(expires, "2046-01-31T00:00:00Z");
  const [tag, build] = steps;
  assert.deepEqual(tag?.functionaries, [{ keyid: await idOf("a"), type: "ed25519", name: "a.pub" }]);
  assert.equal(tag?.threshold, 1);
  assert.deepEqual(tag?.products, ["CREATE source", "DISALLOW *"]);
  assert.deepEqual(
    build?.functionaries.map(({ keyid }) => keyid),
    [await idOf("b"), await idOf("c")],
  );
  assert.deepEqual(build?.command, ["make", "all"]);
  assert.deepEqual(build?.products, [
    "CREATE a file",
    "MATCH * IN src WITH MATERIALS IN old/src FROM tag",
    "ALLOW *",
  ]);
  assert.deepEqual(inspections[0]?.run, ["tar", "xf", "tool.tar"]);
  const words = (await yard.samebits("layout", "show", "full")).out;
  assert.match(words, /^ {2}takes {4}source as tag gave it; nothing else$/m);
  assert.match(words, /gives {4}a file, new; src\/\* as tag took it in old\/src; \*; and anything else$/m);
  assert.match(words, /gives {4}x, which it takes away; y, which it changes; nothing else$/m);
  assert.match(words, /takes {4}tool\.tar must be there; and anything else$/m);
  await yard.refused(73, "layout", "new", "full.toml", "-o", "full");
});

test("a fault of a description has its line and column", async () => {
  const fault = async (from: string | RegExp, to: string): Promise<string> => {
    assert.notEqual(FULL.replace(from, to), FULL);
    await yard.write("bad.toml", FULL.replace(from, to));
    return yard.refused(4, "layout", "new", "bad.toml", "-o", "bad", "--json");
  };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["version = 1", "version = 2", /bad\.toml:1:\d+: version/],
    ["readme =", "readmee =", /bad\.toml:2:1: readmee/],
    ['expires = "2046-01-31"', 'expires = "soon"', /bad\.toml:3:\d+: expires/],
    ["CREATE source", "MAKE source", /bad\.toml:12:\d+: steps\[0\]\.products\[0\]/],
    ["CREATE source", "CREATE source twice", /is no rule/],
    ["WITH PRODUCTS FROM", "WITH MATERIAL FROM", /bad\.toml:19:\d+/],
    [" FROM tag", "", /bad\.toml:19:\d+/],
    ["threshold = 2", "threshold = 0", /bad\.toml:17:\d+: steps\[1\]\.threshold/],
    ["run =", "runs =", /inspections\[0\]/],
    ["threshold = 2", "threshold = 3", /bad\.toml:17:\d+: steps\[1\]\.threshold: 3 of 2 keys/],
    ['name = "build"', 'name = "tag"', /bad\.toml:15:\d+: steps\[1\]\.name/],
    ["PRODUCTS FROM tag", "PRODUCTS FROM nobody", /bad\.toml:19:\d+: .*there is no step \\"nobody\\"/],
    ['alice = "a.pub"', "alice = 1", /bad\.toml:6:\d+: keys\.alice/],
    ["[[steps]]", "[[steps]", /bad\.toml:8:/],
    ['keys = ["b.pub", ', 'keys = ["c.pub", ', /bad\.toml:16:\d+: steps\[1\]\.keys\[1\]: .*one vote/],
    ['keys = ["alice"]', 'keys = ["b.pub"]', /bad\.toml:6:\d+: keys\.alice: no step has this key/],
  ];
  for (const [from, to, words] of cases) {
    const err = await fault(from, to);
    assert.match(err, words, `${from} → ${to}`);
    assert.ok(err.includes('"code":"layout/bad-file"'), err);
  }
  await yard.write("bad.toml", FULL.replace('"a.pub"', '"nobody.pub"'));
  assert.match(
    await yard.refused(66, "layout", "new", "bad.toml", "-o", "bad"),
    /bad\.toml:6:\d+: .*nobody\.pub/,
  );
  await yard.write("bad.toml", FULL.replace('"a.pub"', '"a.key"'));
  assert.match(await yard.refused(66, "layout", "new", "bad.toml", "-o", "bad"), /PRIVATE KEY/);
});

test("options that make no sense are usage errors", async () => {
  const step = ["layout", "new", "--step", "rebuild", "-o", "x"];
  for (const argv of [
    ["layout", "new", "-o", "x"],
    step,
    [...step, "--key", "a.pub", "--threshold", "no"],
    [...step, "--key", "a.pub", "--expires", "yesterday"],
    [...step, "--key", "a.pub", "--expires", "2001-01-01"],
    ["layout", "new", "full.toml", "--step", "rebuild", "-o", "x"],
    [...step, "--key", "a.pub", "--threshold", "2"],
    [...step, "--key", "a.pub", "b.pub", "a.pub"],
    ["layout", "sign", "simple"],
    ["layout", "sign", "simple", "--emit-unsigned", "--key", "a.pub"],
  ])
    await yard.refused(64, ...argv);
});

test("owners sign one after the other, and the others' signatures stay", async () => {
  await yard.done("layout", "new", "--step", "rebuild", "--key", ...keys, "-o", "root.layout");
  const [ownerId, otherId] = [await idOf("owner"), await idOf("other")];
  const once = await yard.done("layout", "sign", "root.layout", "--key", "owner.key");
  assert.deepEqual(once["signed"], [{ name: "owner.key", keyid: ownerId }]);
  assert.equal(once["form"], "metablock");
  const first = await yard.json("root.layout");
  const twice = await yard.done("layout", "sign", "root.layout", "--key", "other.key");
  assert.deepEqual(twice["unknown"], [ownerId]);
  const second = await yard.json("root.layout");
  assert.deepEqual(second["signed"], first["signed"]);
  assert.deepEqual((second["signatures"] as unknown[])[0], (first["signatures"] as unknown[])[0]);
  const both = await shown("root.layout", "--key", "owner.pub", "other.pub");
  assert.deepEqual(both.signed, [
    { name: "owner.pub", keyid: ownerId },
    { name: "other.pub", keyid: otherId },
  ]);
  assert.deepEqual(both.unknown, []);
  assert.deepEqual((await shown("root.layout", "--key", "a.pub")).unknown, [ownerId, otherId]);
  await yard.done("layout", "sign", "root.layout", "--key", "owner.key");
  assert.equal(((await yard.json("root.layout"))["signatures"] as unknown[]).length, 2, "signed again");
  const words = (await yard.samebits("layout", "show", "root.layout", "--key", "owner.pub")).out;
  assert.match(words, /^signed {5}by owner\.pub$/m);
  assert.match(words, /^signed {5}with a key that it calls [0-9a-f]{64}: none at hand/m);
  const plain = await yard.done("show", "root.layout", "--key", "owner.pub");
  assert.deepEqual(plain["proven"], ["owner.pub signed exactly this."]);
  assert.ok((plain["facts"] as string[]).includes("step       rebuild: 2 of 3 keys"));
});

test("an envelope is signed as such, under both ids of a key; a signed metablock becomes none", async () => {
  await yard.done("layout", "new", "--step", "rebuild", "--key", ...keys, "-o", "wrapped");
  const once = await yard.done("layout", "sign", "wrapped", "--dsse", "--key", "owner.key");
  assert.equal(once["form"], "dsse");
  const twice = await yard.done("layout", "sign", "wrapped", "--key", "other.key", "-o", "wrapped.2");
  assert.equal(twice["form"], "dsse");
  const envelope = await yard.json("wrapped.2");
  assert.equal((envelope["signatures"] as unknown[]).length, 4);
  assert.equal(envelope["payload"], (await yard.json("wrapped"))["payload"]);
  await yard.write("empty", JSON.stringify({ ...envelope, signatures: [] }));
  assert.deepEqual((await shown("empty")).signed, []);
  assert.equal((await yard.done("layout", "sign", "empty", "--key", "owner.key"))["form"], "dsse");
  assert.deepEqual((await yard.json("empty"))["signatures"], (await yard.json("wrapped"))["signatures"]);
  const { signed, unknown } = await shown("wrapped.2", "--key", "owner.pub", "other.pub");
  assert.equal(signed.length, 2);
  assert.deepEqual(unknown, []);
  const err = await yard.refused(4, "layout", "sign", "root.layout", "--dsse", "--key", "a.key", "--json");
  assert.ok(err.includes('"code":"layout/not-signable"'), err);
});

test("what is over, or no layout, is not signed", async () => {
  await yard.write("over.toml", FULL.replace("2046-01-31", "2020-01-31"));
  await yard.done("layout", "new", "over.toml", "-o", "over");
  assert.equal((await shown("over")).expired, true);
  assert.match((await yard.samebits("layout", "show", "over")).out, /^expired {4}2020-01-31T00:00:00Z$/m);
  const over = await yard.refused(4, "layout", "sign", "over", "--key", "owner.key", "--json");
  assert.ok(over.includes('"code":"layout/not-signable"'), over);
  const text = await readFile(yard.at("simple"), "utf8");
  for (const bad of [
    "",
    "{}",
    text.replace('"signatures":[]', '"signatures":{}'),
    text.replace('"readme"', '"more":1,"readme"'),
    text.replace("CREATE", "CREAT"),
    `${text}${text}`,
  ]) {
    await yard.write("bad", bad);
    const err = await yard.refused(4, "layout", "sign", "bad", "--key", "owner.key", "--json");
    assert.ok(err.includes('"code":"layout/bad-file"'), err);
  }
  assert.equal((await yard.samebits("layout", "show", "missing")).code, 66);
});

test("a key without a network signs octets", { skip: lacks("openssl") }, async () => {
  await yard.done("layout", "new", "--step", "rebuild", "--key", ...keys, "-o", "far");
  await yard.done("layout", "sign", "far", "--emit-unsigned");
  const octets = await readFile(yard.at("far.unsigned"));
  await yard.done("layout", "sign", "far", "--key", "other.key");
  assert.equal(
    toHex(parseDocument(utf8(await readFile(yard.at("far"), "utf8"))).signedBytes),
    octets.toString("hex"),
  );
  const sign = ["pkeyutl", "-sign", "-rawin", "-inkey", "owner.key", "-in", "far.unsigned", "-out", "sig"];
  assert.equal((await run("openssl", sign)).code, 0);
  assert.match(
    await yard.refused(66, "layout", "sign", "far", "--attach", "sig", "--key", "a.pub"),
    /nothing was written/,
  );
  const signed = await yard.done("layout", "sign", "far", "--attach", "sig", "--key", "owner.pub");
  assert.deepEqual(signed["signed"], [{ name: "owner.pub", keyid: await idOf("owner") }]);
  assert.deepEqual(signed["unknown"], [await idOf("other")]);
  assert.match(await yard.refused(66, "layout", "sign", "far", "--key", "owner.pub"), /public key/);
});
