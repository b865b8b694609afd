/** Files signed anew by the programs that everybody signs with, each time with another key: their normal form stays the same. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { authenticodeDigest, unsignFile } from "../../../client/artifact/index.ts";
import { toHex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { certificate, run, withKeys } from "./signing.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign");

async function form(folder: string, file: string): Promise<string> {
  const { form, sha256 } = await unsignFile(join(folder, file), { lenient: false });
  return `${toHex(sha256)} ${form.signatures.length}`;
}

/** A folder with some vectors in it. */
async function folderOf(...vectors: readonly string[]): Promise<string> {
  const folder = await newFolder();
  for (const path of vectors) await copyFile(join(VECTORS, path), join(folder, path.split("/").at(-1) ?? ""));
  return folder;
}

test("a PE file signed anew with osslsigncode", { skip: lacks("osslsigncode", "openssl") }, async () => {
  const folder = await folderOf("pe/tiny.efi", "pe/fbx64.efi");
  certificate(folder, "rsa", "rsa:2048");
  certificate(folder, "ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
  for (const file of ["tiny.efi", "fbx64.efi"]) {
    const [unsigned] = (await form(folder, file)).split(" ");
    const digest = toHex(await authenticodeDigest(join(folder, file)));
    for (const [name, hash] of [
      ["rsa", "sha256"],
      ["ec", "sha256"],
      ["rsa", "sha1"],
    ] as const) {
      const signed = `${name}.${hash}.${file}`;
      run(
        folder,
        "osslsigncode",
        "sign",
        "-h",
        hash,
        "-certs",
        `${name}.crt`,
        "-key",
        `${name}.key`,
        "-in",
        file,
        "-out",
        signed,
      );
      assert.equal(await form(folder, signed), `${unsigned} 1`);
      assert.equal(toHex(await authenticodeDigest(join(folder, signed))), digest);
    }
    assert.equal(digestBy(folder, `rsa.sha256.${file}`), digest, "osslsigncode says the same digest");
    const removed = `removed.${file}`;
    run(folder, "osslsigncode", "remove-signature", "-in", `ec.sha256.${file}`, "-out", removed);
    assert.equal(await form(folder, removed), `${unsigned} 0`);
    // The other way round: the published signature on our own build is the published file.
    const [signature, attached] = [`${file}.p7`, `attached.${file}`];
    run(folder, "osslsigncode", "extract-signature", "-in", `rsa.sha256.${file}`, "-out", signature);
    run(
      folder,
      "osslsigncode",
      "attach-signature",
      "-sigin",
      signature,
      "-in",
      file,
      "-out",
      attached,
      "-CAfile",
      "rsa.crt",
    );
    assert.deepEqual(
      await readFile(join(folder, attached)),
      await readFile(join(folder, `rsa.sha256.${file}`)),
    );
  }
});

/** What osslsigncode calculates of a file, whatever it thinks of its certificates. */
function digestBy(folder: string, file: string): string {
  const shown = run(folder, "osslsigncode", "verify", "-CAfile", "rsa.crt", "-in", file);
  return /^Calculated message digest *: ([0-9A-F]{64})/m.exec(shown)?.[1]?.toLowerCase() ?? shown;
}

test("a PE file signed by two, and signed over", { skip: lacks("osslsigncode", "openssl") }, async () => {
  const folder = await folderOf("pe/tiny.efi");
  const [unsigned] = (await form(folder, "tiny.efi")).split(" ");
  for (const name of ["one", "two"]) certificate(folder, name, "rsa:2048");
  const sign = (name: string, from: string, to: string, ...how: readonly string[]): string => {
    const key = ["-certs", `${name}.crt`, "-key", `${name}.key`];
    return run(folder, "osslsigncode", "sign", "-h", "sha256", ...how, ...key, "-in", from, "-out", to);
  };
  sign("one", "tiny.efi", "one.efi");
  sign("two", "one.efi", "nested.efi", "-nest");
  sign("two", "one.efi", "over.efi");
  for (const file of ["one.efi", "nested.efi", "over.efi"])
    assert.equal(await form(folder, file), `${unsigned} 1`, file);
});

test("a PE file signed with sbsign, twice", { skip: lacks("sbsign", "openssl") }, async () => {
  const folder = await folderOf("pe/tiny.efi");
  certificate(folder, "rsa", "rsa:2048");
  const [unsigned] = (await form(folder, "tiny.efi")).split(" ");
  run(folder, "sbsign", "--key", "rsa.key", "--cert", "rsa.crt", "--output", "one.efi", "tiny.efi");
  run(folder, "sbsign", "--key", "rsa.key", "--cert", "rsa.crt", "--output", "two.efi", "one.efi");
  assert.equal(await form(folder, "one.efi"), `${unsigned} 1`);
  assert.equal(await form(folder, "two.efi"), `${unsigned} 2`);
});

test("a package signed anew with debsigs, in several roles", { skip: lacks("debsigs", "gpg") }, async () => {
  const folder = await folderOf("deb/tiny.deb", "deb/ed_1.19-1_amd64.deb");
  await withKeys(folder, ["ed25519", "rsa2048", "nistp256"], async () => {
    for (const file of ["tiny.deb", "ed_1.19-1_amd64.deb"]) {
      const [unsigned] = (await form(folder, file)).split(" ");
      await copyFile(join(folder, file), join(folder, "signed.deb"));
      for (const [count, [role, kind]] of [
        ["origin", "ed25519"],
        ["maint", "rsa2048"],
        ["archive", "nistp256"],
      ].entries()) {
        run(folder, "debsigs", `--sign=${role}`, "-k", `${kind}@example.org`, "signed.deb");
        assert.equal(await form(folder, "signed.deb"), `${unsigned} ${count + 1}`);
      }
      // The other way round: what was cut, behind our own build, is the published file.
      const { form: cut } = await unsignFile(join(folder, "signed.deb"), { lenient: false });
      const [own, published] = await Promise.all(
        [file, "signed.deb"].map((name) => readFile(join(folder, name))),
      );
      const members = cut.signatures.map(
        ({ at, length }) => published?.subarray(at, at + length) ?? assert.fail(),
      );
      assert.deepEqual(Buffer.concat([own ?? assert.fail(), ...members]), published);
      // Signed over in one of the roles.
      run(folder, "debsigs", "--sign=origin", "-k", "rsa2048@example.org", "signed.deb");
      assert.equal((await form(folder, "signed.deb")).split(" ")[0], unsigned);
    }
  });
});

test(
  "an RPM signed anew with rpmsign, and with its signature taken off",
  { skip: lacks("rpmsign", "gpg") },
  async () => {
    const folder = await folderOf("rpm/spike-hello.unsigned.rpm");
    const [unsigned] = (await form(folder, "spike-hello.unsigned.rpm")).split(" ");
    await withKeys(folder, ["ed25519", "rsa2048"], async () => {
      const signed = "signed.rpm";
      await copyFile(join(folder, "spike-hello.unsigned.rpm"), join(folder, signed));
      for (const kind of ["rsa2048", "ed25519"]) {
        run(folder, "rpmsign", "--define", `_gpg_name ${kind}@example.org`, "--resign", signed);
        assert.equal(await form(folder, signed), `${unsigned} 1`);
      }
      run(folder, "rpmsign", "--delsign", signed);
      assert.equal(await form(folder, signed), `${unsigned} 0`);
    });
  },
);

test(
  "an APK signed anew with apksigner, by each scheme, by two, and signed over",
  { skip: lacks("apksigner", "openssl") },
  async () => {
    const file = "spike.unsigned.apk";
    const folder = await folderOf(`apk/${file}`);
    const [unsigned] = (await form(folder, file)).split(" ");
    const signer = (name: string, ...kind: readonly string[]): readonly string[] => {
      certificate(folder, name, ...kind);
      const key = ["-in", `${name}.key`, "-out", `${name}.pk8`];
      run(folder, "openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER", ...key);
      return ["--key", `${name}.pk8`, "--cert", `${name}.crt`];
    };
    const rsa = signer("rsa", "rsa:2048");
    const ec = signer("ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    const rows: readonly (readonly [from: string, to: string, how: readonly string[]])[] = [
      [file, "all.apk", [...rsa, "--v1-signing-enabled", "true"]],
      [file, "v2.apk", [...ec, "--v1-signing-enabled", "false", "--v3-signing-enabled", "false"]],
      [file, "two.apk", [...rsa, "--next-signer", ...ec, "--v3-signing-enabled", "false"]],
      ["all.apk", "over.apk", ec],
    ];
    for (const [from, to, how] of rows) {
      run(folder, "apksigner", "sign", "--min-sdk-version", "18", ...how, "--in", from, "--out", to);
      const [digest, signatures] = (await form(folder, to)).split(" ");
      assert.equal(digest, unsigned, to);
      assert.ok(Number(signatures) > 0, to);
    }
  },
);

test(
  "a program that lld signed ad hoc, signed anew by LLVM's objcopy",
  { skip: lacks("llvm-objcopy") },
  async () => {
    const folder = await folderOf("macho/lld.dylib");
    const [unsigned] = (await form(folder, "lld.dylib")).split(" ");
    run(folder, "llvm-objcopy", "lld.dylib", "a.dylib");
    run(folder, "llvm-objcopy", "a.dylib", "another.dylib");
    const files = await Promise.all(
      ["lld", "a", "another"].map((name) => readFile(join(folder, `${name}.dylib`))),
    );
    assert.equal(new Set(files.map((octets) => octets.toString("hex"))).size, 3, "three signatures");
    for (const name of ["a", "another"]) assert.equal(await form(folder, `${name}.dylib`), `${unsigned} 1`);
  },
);

test(
  "apksigcopier puts a published signature on the unsigned APK: the published file",
  { skip: lacks("apksigcopier") },
  async () => {
    const unsigned = "minimal_targetsdk_30_unsigned.apk";
    const signed = ["a", "ab", "2", "ec"].map((name) => `minimal.${name}.apk`);
    const folder = await folderOf(...[unsigned, ...signed].map((name) => `apk/${name}`));
    const [digest = ""] = (await form(folder, unsigned)).split(" ");
    for (const file of signed) {
      assert.ok((await form(folder, file)).startsWith(digest), file);
      // apksigner fills up what it had filled up before, and apksigcopier does not.
      if (file === "minimal.ab.apk") continue;
      run(folder, "apksigcopier", "copy", file, unsigned, "out.apk");
      assert.deepEqual(await readFile(join(folder, "out.apk")), await readFile(join(folder, file)));
    }
  },
);

/** scripts/debian.sh unpacks Debian's packages there: from the unsigned file to the signed one. */
const EFI = join(import.meta.dirname, "../../../scripts/efi/root/usr");
const PAIRS = [
  ["libexec/fwupd/efi/fwupdx64.efi", "libexec/fwupd/efi/fwupdx64.efi.signed"],
  ["lib/shim/shimx64.efi", "lib/shim/shimx64.efi.signed"],
  ["lib/shim/fbx64.efi", "lib/shim/fbx64.efi.signed"],
  ["lib/shim/mmx64.efi", "lib/shim/mmx64.efi.signed"],
  ["lib/grub/x86_64-efi/monolithic/grubx64.efi", "lib/grub/x86_64-efi-signed/grubx64.efi.signed"],
  ["lib/grub/x86_64-efi/monolithic/grubnetx64.efi", "lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"],
] as const;
const noEfi = existsSync(EFI) ? false : "no signed EFI programs here: scripts/debian.sh downloads them";

test("fwupd, shim and grub of Debian, signed by Debian and by Microsoft", { skip: noEfi }, async () => {
  for (const [unsigned, signed] of PAIRS) {
    const [digest = ""] = (await form(EFI, unsigned)).split(" ");
    assert.match(await form(EFI, signed), new RegExp(`^${digest} [12]$`), signed);
  }
});
