/** Others' layouts and links: each gets the verdict that `recorded.ts` has of it, here and from Debian's in-toto where that is installed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readCertificate } from "../../client/keys/certificate.ts";
import {
  canonicalJson,
  checkSigners,
  dearmor,
  ed25519Key,
  fromHex,
  keyIdKha,
  keysOf,
  parseDocument,
  parsePublicKey,
  placeOfFile,
  readJson,
  toHex,
} from "../../protocol/index.ts";
import type { Document, Inspected, Inspection, PublicKey } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { castOf } from "./cast.ts";
import type { Actor } from "./cast.ts";
import { InToto, lacksInToto } from "./in-toto.ts";
import type { Said } from "./in-toto.ts";
import { artifactsIn, judgeHere } from "./ours.ts";
import { RECORDED } from "./recorded.ts";
import type { Recorded } from "./recorded-row.ts";
import { FAR } from "./sketch.ts";
import { FILES, hurt, LAYOUT, LINKS, place } from "./write.ts";

const VECTORS = join(import.meta.dirname, "../vectors/in-toto");
const skip = lacksInToto();
const owner = ownerOf();
let folder: string;

before(async () => {
  folder = await newFolder();
});

function ownerOf(): Actor {
  const found = castOf().get("owner");
  assert.ok(found !== undefined);
  return found;
}

/** The case as files in a folder of its own. */
function laidOut({ layout, sign, links, files, harm }: Recorded, at: string): void {
  const source = readFileSync(join(VECTORS, layout), "utf8");
  place(join(at, LAYOUT), sign === true ? signedByUs(source) : source);
  mkdirSync(join(at, LINKS), { recursive: true });
  mkdirSync(join(at, FILES), { recursive: true });
  for (const [name, path] of Object.entries(links)) copyFileSync(join(VECTORS, path), join(at, LINKS, name));
  for (const [name, path] of Object.entries(files)) {
    place(join(at, FILES, name), path.startsWith("=") ? path.slice(1) : readFileSync(join(VECTORS, path)));
  }
  if (harm === undefined) return;
  const [start, damage] = harm;
  const victims = readdirSync(join(at, LINKS)).filter((name) => name.startsWith(start));
  assert.equal(victims.length, 1);
  hurt(join(at, LINKS, victims.join("")), damage);
}

/** A template of in-toto's tests, with what these put in: expiry, a tar that is here, and a signature. */
function signedByUs(template: string): string {
  const { signed } = JSON.parse(template) as {
    signed: { inspect: { run: string[] }[] } & Record<string, unknown>;
  };
  const [inspection] = signed.inspect;
  assert.ok(inspection !== undefined);
  inspection.run = ["tar", "xfz", "foo.tar.gz"];
  signed["expires"] = FAR;
  const bytes = canonicalJson(readJson(JSON.stringify(signed), { maxBytes: 1e5 }));
  const signature = { keyid: keyIdKha(owner.key), sig: toHex(owner.sign(bytes)) };
  return JSON.stringify({ signatures: [signature], signed });
}

async function ownerKey(path: string): Promise<PublicKey> {
  if (path === "owner") return owner.key;
  const bytes = readFileSync(join(VECTORS, path));
  if (path.endsWith(".asc")) return keyOfCertificate(bytes);
  const text = bytes.toString();
  if (!text.startsWith("{")) return parsePublicKey(text);
  const { keyval } = JSON.parse(text) as { readonly keyval: { readonly public: string } };
  return ed25519Key(fromHex(keyval.public, 32));
}

async function keyOfCertificate(bytes: Uint8Array): Promise<PublicKey> {
  const [key] = (await readCertificate(bytes)).keys;
  assert.ok(key !== undefined);
  return key;
}

/** Runs it in a copy of the files, as in-toto does in the folder itself. */
function inspector(files: string): (inspection: Inspection) => Inspected {
  return ({ name, run: [program = "", ...args] }) => {
    const cwd = join(files, "..", `inspected by ${name}`);
    cpSync(files, cwd, { recursive: true });
    const materials = artifactsIn(cwd);
    const { status } = spawnSync(program, args, { cwd });
    if (status !== 0) return { ran: false, why: `${program} ended with ${status}` };
    return { ran: true, materials, products: artifactsIn(cwd) };
  };
}

for (const [at, recorded] of RECORDED.entries()) {
  test(`${recorded.name}: ${recorded.ours}`, async () => {
    const place = join(folder, `${at}`);
    laidOut(recorded, place);
    const files = join(place, FILES);
    const { pass, why } = await judgeHere({
      layout: join(place, LAYOUT),
      links: join(place, LINKS),
      files,
      owners: [await ownerKey(recorded.owner)],
      parameters: null,
      inspect: inspector(files),
    });
    assert.equal(pass, recorded.ours === "passed", why);
    if (!pass) assert.ok(why.includes(`${recorded.ours}: `), `${why}; ${recorded.ours} is recorded`);
    if (recorded.upstream !== null) assert.equal(pass, recorded.upstream === "pass");
  });
}

test(`Debian's in-toto says of all ${RECORDED.length} what is recorded`, { skip }, async () => {
  const inToto = new InToto();
  const again = join(folder, "in-toto");
  for (const [at, recorded] of RECORDED.entries()) {
    const place = join(again, `${at}`);
    laidOut(recorded, place);
    const layout = join(place, LAYOUT);
    const said = await inToto.ask<Said>({
      do: "judge",
      layout,
      links: join(place, LINKS),
      files: join(place, FILES),
      owners: [await inTotoKey(inToto, recorded.owner, layout)],
      parameters: null,
    });
    assert.equal(said.pass, recorded.inToto === "pass", `${recorded.name}: ${said.why}`);
    if (recorded.inToto === "unreadable")
      assert.match(said.why, /^(FormatError: Invalid Metadata format|LinkNotFound|SignatureVerification)/);
  }
});

test("single documents of others: who signed them, and what is refused", async () => {
  const keys = keysOf(parsed("third-party/demo.dsse.layout"));
  const names: Readonly<Record<string, readonly string[]>> = {
    "third-party/foo.b7d643de.link": ["b7d643de"],
    "third-party/foo.d3ffd108.link": ["d3ffd108"],
    "third-party/write-code.b7d643de.link": ["b7d643de"],
    "third-party/package.d3ffd108.link": ["d3ffd108"],
    "third-party/package.2f89b927.link": [],
  };
  for (const [path, due] of Object.entries(names)) {
    const { signers } = await checkSigners(parsed(path), keys, placeOfFile(path));
    assert.deepEqual(
      signers.map((key) => keyIdKha(key).slice(0, 8)),
      due,
      path,
    );
  }
  for (const path of [
    "go-0.11.0-dsse/unsigned-dsse.layout",
    "third-party/demo/demo.layout.template",
    "third-party/demo-gpg/demo.layout.template",
    "third-party/apt-transport/root.layout",
  ]) {
    assert.throws(() => parsed(path), { code: "attestation/bad-signatures" }, path);
  }
});

function parsed(path: string): Document {
  return parseDocument(readFileSync(join(VECTORS, path)));
}

/** As in-toto has it, by the id that the layout's signature has it by: newer versions make others, and find no signature otherwise. */
async function inTotoKey(inToto: InToto, path: string, layout: string): Promise<object> {
  const bytes = path === "owner" ? new Uint8Array() : readFileSync(join(VECTORS, path));
  if (path.endsWith(".asc")) {
    const { fingerprint } = await readCertificate(bytes);
    const packets = toHex(dearmor(bytes, "PGP PUBLIC KEY BLOCK"));
    return inToto.ask<object>({ do: "openpgp", packets, fingerprint });
  }
  const key = await ownerKey(path);
  if (key.type === "rsa") return inToto.ask<object>({ do: "pem", pem: Buffer.from(bytes).toString() });
  const { signatures } = JSON.parse(readFileSync(layout, "utf8")) as {
    readonly signatures: readonly { readonly keyid: string }[];
  };
  const keyval = { public: toHex(key.raw) };
  return { keyid: signatures[0]?.keyid, keytype: "ed25519", scheme: "ed25519", keyval };
}
