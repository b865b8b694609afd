/** FILE.unsigned: who builds a file and who signs it agree about its normal form, in a target of its own. */
import assert from "node:assert/strict";
import { appendFile, copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { parseAttestation, sha256Hex, utf8 } from "../../../protocol/index.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { Shop } from "../rebuild/shop.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign");
const PURL = "pkg:generic/tool@1.0";
/** Of tiny.efi, and of all that were signed. */
const FORM = "ca44ddff465b9935423b215c20d442023cb7be355e811e4fb74bfe3ab6c93727";

let shop: Shop;

before(async () => {
  shop = await Shop.open();
  for (const name of ["builder", "signer"])
    await runCommand(["keygen", name, "--out", shop.folder], shop.folder);
});

/** A vector under the name that it has in the release. */
async function bring(vector: string, name: string = basename(vector)): Promise<string> {
  await copyFile(join(VECTORS, vector), shop.at(name));
  return shop.at(name);
}

const attest = (file: string, key: string, ...options: readonly string[]): Promise<Ran> =>
  runCommand(
    ["attest", file, "--key", shop.at(`${key}.key`), "--json", "-o", shop.at(`of-${key}`), ...options],
    shop.folder,
  );

interface Subject {
  readonly purl: string | null;
  readonly file: string;
  readonly sha256: string;
}

function subjects({ code, objects, err }: Ran): readonly Subject[] {
  assert.equal(code, 0, err);
  return objects.flatMap((object) => object["subjects"] as Subject[]);
}

const names = (ran: Ran): readonly string[] => subjects(ran).map(({ file }) => file);
const digestAt = async (path: string): Promise<string> => sha256Hex(new Uint8Array(await readFile(path)));

test("who builds it and who signs it name one digest for FILE.unsigned, which is a file of its own", async () => {
  const file = await bring("pe/tiny.efi", "tool.efi");
  const built = await attest(file, "builder", "--purl", PURL);
  assert.deepEqual(subjects(built), [
    { purl: PURL, file: "tool.efi", sha256: await digestAt(file) },
    { purl: PURL, file: "tool.efi.unsigned", sha256: FORM },
  ]);
  await bring("pe/tiny.ab.efi", "tool.efi");
  const signed = await attest(file, "signer", "--purl", PURL);
  assert.deepEqual(subjects(signed)[1], subjects(built)[1]);
  assert.notEqual(subjects(signed)[0]?.sha256, subjects(built)[0]?.sha256);
  const verdict = await judge(shop.at("tool.efi"), built, signed);
  assert.deepEqual([verdict["verdict"], verdict["contradiction"]], ["contradicted", "split"]);
  await runCommand(["unsign", file, "-o", `${file}.unsigned`]);
  const unsigned = await judge(`${file}.unsigned`, built, signed);
  assert.deepEqual([unsigned["verdict"], unsigned["agreeing"]], ["reproduced", 2]);
  await appendFile(`${file}.unsigned`, "changed");
  assert.equal((await judge(`${file}.unsigned`, built, signed))["contradiction"], "file");
});

/** The verdict by a policy of both, by what they signed alone. */
async function judge(file: string, ...said: readonly Ran[]): Promise<Record<string, unknown>> {
  const texts = await Promise.all(
    said.map(({ objects }) => readFile(String(objects[0]?.["envelope"]), "utf8")),
  );
  await writeFile(shop.at("said"), texts.join(""));
  const keys = await Promise.all(
    ["builder", "signer"].map(async (name) => {
      const pem = await readFile(shop.at(`${name}.pub`), "utf8");
      return `[builders.${name}]\nkey = """${pem}"""\nroles = ["rebuilder"]`;
    }),
  );
  const rule = `[[rules]]\nname = "r"\nmatch = "pkg:generic/*"\nrequire = { k = 2, of = "role:rebuilder" }`;
  await writeFile(shop.at("policy.toml"), ["version = 1", ...keys, rule, ""].join("\n"));
  const options = ["--policy", shop.at("policy.toml"), "--bundle", shop.at("said"), "--offline", "--json"];
  const { objects, err } = await runCommand(["verify", file, "--purl", PURL, ...options], shop.folder);
  return objects[0] ?? assert.fail(err);
}

test("PE, RPM, APK, MAR and Mach-O files have it by themselves, a .deb for the asking, any other file never", async () => {
  const rpm = "pkg:rpm/fedora/spike-hello@1.0-1?arch=noarch";
  const rows: readonly (readonly [string, string, string | null, string])[] = [
    ["rpm/spike-hello.signed.rpm", "spike-hello-1.0-1.noarch.rpm", rpm, "usual"],
    ["apk/spike.v1v2v3.apk", "spike.apk", PURL, "usual"],
    ["mar/tool.sha384.mar", "tool.mar", PURL, "usual"],
    ["macho/fsevents.node", "fsevents.node", PURL, "usual"],
    ["deb/tiny.twice.deb", "tiny.deb", null, "asked"],
    ["README.md", "README.md", PURL, "never"],
  ];
  for (const [vector, name, purl, when] of rows) {
    const file = await bring(vector, name);
    const what = purl === null ? [] : ["--purl", purl];
    const [first] = subjects(await attest(file, "builder", ...what, "--no-normal-form"));
    const both = [first?.file ?? "", `${first?.file ?? ""}.unsigned`];
    assert.deepEqual(names(await attest(file, "builder", ...what, "--no-normal-form")), [both[0]], name);
    assert.deepEqual(
      names(await attest(file, "builder", ...what)),
      when === "usual" ? both : [both[0]],
      name,
    );
    const asked = await attest(file, "builder", ...what, "--normal-form");
    assert.deepEqual(names(asked), when === "never" ? [both[0]] : both, name);
    if (when === "never") continue;
    const told = await runCommand(["unsign", file, "--json"]);
    assert.deepEqual(subjects(asked)[1], {
      purl: subjects(asked)[0]?.purl,
      file: both[1],
      sha256: told.objects[0]?.["sha256"],
    });
  }
});

test("the normal form of a .deb is verified as what it says of itself", async () => {
  const file = await bring("deb/tiny.twice.deb", "signed.deb");
  const said = await attest(file, "builder", "--normal-form", "--replace");
  const [deb, unsigned] = subjects(said);
  assert.equal(unsigned?.purl, deb?.purl);
  assert.match(String(deb?.purl), /^pkg:deb\//);
  await runCommand(["unsign", file, "-o", shop.at(unsigned?.file ?? "")]);
  const shown = await runCommand([
    "attest",
    shop.at(unsigned?.file ?? ""),
    "--key",
    shop.at("builder.key"),
    "--json",
  ]);
  assert.deepEqual(subjects(shown), [unsigned]);
});

test("provenance has it; a step's link for the asking alone; a link of the old form, a list and a failure never", async () => {
  const file = await bring("pe/tiny.a.efi", "step.efi");
  const slsa = await attest(file, "builder", "--purl", PURL, "--predicate", "slsa");
  assert.deepEqual(names(slsa), ["step.efi", "step.efi.unsigned"]);
  const products = async (...options: readonly string[]): Promise<Record<string, object>> => {
    const step = ["--predicate", "step-link", "--step", "sign", "--strip", shop.folder];
    const { objects, code, err } = await attest(file, "builder", ...step, ...options);
    assert.equal(code, 0, err);
    const link = JSON.parse(await readFile(String(objects[0]?.["envelope"]), "utf8")) as {
      signed: { products: Record<string, object> };
    };
    return link.signed.products;
  };
  assert.deepEqual(Object.keys(await products()), ["step.efi"]);
  assert.deepEqual((await products("--normal-form"))["step.efi.unsigned"], { sha256: FORM });
  assert.deepEqual(names(await attest(file, "builder", "--purl", PURL, "--predicate", "legacy-link")), [
    "step.efi",
  ]);
  const senseless = [
    [file, "--purl", PURL, "--predicate", "legacy-link"],
    ["--sums", file, "--purl", PURL],
    ["--failed", "no", "--purl", PURL, "--name", "x"],
  ] as const;
  for (const [first, ...rest] of senseless) {
    const refused = await attest(first, "builder", ...rest, "--normal-form");
    assert.equal(refused.code, 64, refused.err);
  }
});

test("a file whose signature can't be read is attested without, and a warning says so", async () => {
  const file = await bring("pe/tiny.a.efi", "odd.efi");
  await appendFile(file, "one more thing..");
  const said = await attest(file, "builder", "--purl", PURL);
  assert.deepEqual(names(said), ["odd.efi"]);
  assert.match(said.err, /odd\.efi: octet 2016.*not-a-signature.*without its normal form/);
  // Of a .deb, whatever its name, nobody asked for it.
  const deb = await bring("deb/tiny.origin.deb", "broken.bin");
  await writeFile(deb, (await readFile(deb)).subarray(0, -40));
  const quiet = await attest(deb, "builder", "--purl", PURL);
  assert.deepEqual([names(quiet), quiet.err], [["broken.bin"], ""]);
  assert.match((await attest(deb, "builder", "--purl", PURL, "--normal-form")).err, /malformed.*without/);
});

test("a file that is named as a normal form has to be one, and is attested alone", async () => {
  const file = await bring("pe/tiny.a.efi", "named.efi");
  await runCommand(["unsign", file, "-o", `${file}.unsigned`]);
  assert.deepEqual(names(await attest(`${file}.unsigned`, "builder", "--purl", PURL)), [
    "named.efi.unsigned",
  ]);
  // Both at once, in one envelope: it stands there once.
  const one = await runCommand(
    ["attest", file, `${file}.unsigned`, "--one", "--purl", PURL, "--key", shop.at("builder.key"), "--json"],
    shop.folder,
  );
  assert.deepEqual(names(one), ["named.efi", "named.efi.unsigned"]);
  await bring("pe/tiny.efi", "wrong.efi.unsigned");
  const refused = await attest(shop.at("wrong.efi.unsigned"), "builder", "--purl", PURL);
  assert.equal(refused.code, 3, refused.err);
  assert.match(refused.err, /artifact\/mismatch.*wrong\.efi/);
});

test("the environment asks for it and leaves it out as the options do", async () => {
  const [pe, deb] = [await bring("pe/tiny.a.efi", "env.efi"), await bring("deb/tiny.deb", "env.bin")];
  for (const [name, value, file, expected] of [
    ["SAMEBITS_NO_NORMAL_FORM", "1", pe, 1],
    ["SAMEBITS_NORMAL_FORM", "0", pe, 1],
    ["SAMEBITS_NO_NORMAL_FORM", "0", pe, 2],
    ["SAMEBITS_NORMAL_FORM", "1", deb, 2],
  ] as const) {
    const undo = setVariable(name, value);
    try {
      assert.equal(names(await attest(file, "builder", "--purl", PURL)).length, expected, `${name}=${value}`);
    } finally {
      undo();
    }
  }
});

test("a second digest of the normal form is a contradiction, and --replace takes both back (R13)", async () => {
  const file = await bring("pe/tiny.a.efi", "twice.efi");
  const first = await attest(file, "builder", "--purl", PURL);
  // Signed again: another file, the same normal form; and another program under a name that only the normal form gives away.
  await bring("pe/fbx64.efi", "twice.efi");
  assert.equal((await attest(file, "builder", "--purl", PURL)).code, 4);
  assert.equal((await attest(file, "builder", "--purl", PURL, "--replace", "--no-normal-form")).code, 4);
  const replaced = await attest(file, "builder", "--purl", PURL, "--replace");
  assert.deepEqual(
    replaced.objects.map(({ kind, retracts }) => [kind, retracts]),
    [
      ["retraction", [first.objects[0]?.["id"]]],
      ["positive", []],
    ],
  );
  const [retraction] = replaced.objects;
  assert.equal((retraction?.["subjects"] as Subject[] | undefined)?.length, 2);
});

test("rebuild says it of what a command made", async () => {
  await bring("pe/tiny.a.efi", "made.efi");
  const options = ["--product", shop.at("out.efi"), "--purl", PURL, "-o", shop.at("rebuilt")];
  for (const [more, expected] of [
    [[], 2],
    [["--no-normal-form"], 1],
  ] as const) {
    const { code, err } = await shop.shell("rm -f out.efi; cp made.efi out.efi", ...options, ...more);
    assert.equal(code, 0, err);
    const claims = shop.said("rebuilt").get("out.efi")?.at(-1)?.claims ?? assert.fail();
    assert.equal(claims.length, expected);
    if (expected === 2) assert.equal(Buffer.from(claims[1]?.sha256 ?? []).toString("hex"), FORM);
  }
});

test("what is signed keeps what was built among its inputs, though it is its normal form", async () => {
  const bare = await bring("deb/tiny.deb", "bare.deb");
  const signed = await bring("deb/tiny.origin.deb", "released.deb");
  const said = await attest(signed, "signer", "--normal-form", "--step", "sign", "--material", bare);
  assert.equal(subjects(said)[1]?.sha256, await digestAt(bare));
  const { claims } = parseAttestation(await envelopeOf(said));
  assert.deepEqual(
    claims.map(({ inputs, source }) => [inputs, source?.files]),
    [1, 2].map(() => [sha256Hex(utf8(`sha256:${subjects(said)[1]?.sha256}\n`)), [subjects(said)[1]?.sha256]]),
  );
  const link = ["--predicate", "step-link", "--material", bare, "--strip", shop.folder];
  const step = await attest(signed, "signer", "--normal-form", "--step", "sign", ...link);
  assert.deepEqual(
    parseAttestation(await envelopeOf(step)).claims.map(({ inputs }) => inputs),
    claims.map(({ inputs }) => inputs),
  );
});

async function envelopeOf({ objects, err }: Ran): Promise<Uint8Array> {
  assert.ok(objects[0] !== undefined, err);
  const text = await readFile(String(objects[0]["envelope"]), "utf8");
  return utf8(text.trimEnd());
}
