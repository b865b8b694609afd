/** `samebits unsign`: what it prints, writes and refuses. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, copyFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Hex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign");
const [BARE, SIGNED] = [join(VECTORS, "pe/tiny.efi"), join(VECTORS, "pe/tiny.a.efi")];
const FORM = "ca44ddff465b9935423b215c20d442023cb7be355e811e4fb74bfe3ab6c93727";
const AUTHENTICODE = "547bfda78c26484334b2d706d41d597baa5f7b2af310ba104beaf9d7e392880e";

test("--digest prints one digest for the signed file and the unsigned one, as sha256sum does", async () => {
  const { code, out } = await runCommand(["unsign", "--digest", BARE, SIGNED]);
  assert.equal(code, 0);
  assert.equal(out, `${FORM}  ${BARE}\n${FORM}  ${SIGNED}\n`);
});

test("--digest escapes a name that would break the line, as sha256sum does", async () => {
  const folder = await newFolder();
  for (const name of ["two\nlines", "a\\b", "a\rb", "plain"]) {
    const file = join(folder, name);
    await copyFile(BARE, file);
    const { out } = await runCommand(["unsign", "--digest", file]);
    // The normal form is the file itself here, but for what pads it: the names are what is compared.
    const theirs = execFileSync("sha256sum", [file], { encoding: "utf8" });
    assert.equal(out, theirs.replace(/[0-9a-f]{64}/, FORM));
  }
});

test("-o writes the normal form, whose SHA-256 is the digest that is told; never over the file itself", async () => {
  const folder = await newFolder();
  const out = join(folder, "bare");
  const { code, objects } = await runCommand(["unsign", SIGNED, "-o", out, "--authenticode", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(objects, [
    {
      samebits: 1,
      file: SIGNED,
      format: "pe",
      sha256: FORM,
      size: 544,
      signatures: [{ kind: "authenticode", at: 544, length: 1_472, detail: "PKCS #7, 1 signed" }],
      remarks: [],
      authenticode: AUTHENTICODE,
      written: out,
    },
  ]);
  assert.equal(sha256Hex(new Uint8Array(await readFile(out))), FORM);
  const mine = join(folder, "mine.efi");
  await copyFile(SIGNED, mine);
  assert.equal((await runCommand(["unsign", mine, "-o", mine])).code, 64);
  assert.equal((await runCommand(["unsign", mine, BARE, "-o", out])).code, 64);
  assert.deepEqual(await readFile(mine), await readFile(SIGNED));
});

test("a bad file is refused with 4, what is not there with 66; nothing is written", async () => {
  const folder = await newFolder();
  const odd = join(folder, "odd.efi");
  await copyFile(SIGNED, odd);
  await appendFile(odd, "one more thing..");
  const out = join(folder, "out");
  const refused = await runCommand(["unsign", odd, "-o", out, "--json"]);
  assert.equal(refused.code, 4);
  assert.match(refused.err, /"code":"normal-form\/not-a-signature".*octet 2016/);
  await assert.rejects(stat(out), /ENOENT/);
  const lenient = await runCommand(["unsign", odd, "--lenient", "--json"]);
  assert.equal(lenient.code, 0);
  assert.deepEqual(lenient.objects[0]?.["remarks"], [
    "octet 2016: 16 octets stand behind the certificate table",
  ]);
  assert.match((await runCommand(["unsign", odd, "--lenient"])).err, /octet 2016/);
  assert.equal((await runCommand(["unsign", join(folder, "none")])).code, 66);
  await mkdir(join(folder, "sub"));
  assert.equal((await runCommand(["unsign", join(folder, "sub")])).code, 66);
  assert.equal((await runCommand(["unsign", SIGNED, "-o", join(folder, "no/out")])).code, 73);
  assert.equal((await runCommand(["unsign", "--authenticode", join(folder, "sub")])).code, 66);
});

test("any other file is its own normal form, an empty one too", async () => {
  const folder = await newFolder();
  for (const text of ["", "M", "some text\n"]) {
    const file = join(folder, "other");
    await writeFile(file, text);
    const { code, objects } = await runCommand(["unsign", file, "--json"]);
    assert.equal(code, 0);
    assert.equal(objects[0]?.["format"], "other");
    assert.equal(objects[0]["sha256"], sha256Hex(new TextEncoder().encode(text)));
  }
});

test("a file of many chunks is read in chunks: 96 MB behind a header, in less memory than that", async () => {
  const folder = await newFolder();
  const file = join(folder, "long");
  await writeFile(file, "not signed");
  await truncate(file, 96 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  const { code, out } = await runCommand(["unsign", "--digest", file]);
  assert.equal(code, 0);
  assert.match(out, /^[0-9a-f]{64} {2}/);
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});
