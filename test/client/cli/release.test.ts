/**
 * The worked examples of docs/release.md: files of each format that is signed inside, from the rebuilders' unsigned file to what users get. The
 * chain is found from the signed file alone.
 */
import assert from "node:assert/strict";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { lacks } from "../../programs.ts";
import { certificate, run, withKeys } from "../artifact/signing.ts";
import { BUILT, chainOf, makeKeys, Release } from "./release-stage.ts";

let keys = "";
before(async () => {
  keys = await makeKeys();
});

interface Example {
  readonly what: string;
  readonly purl: string;
  /** Paths and vectors: as it was built, and as it was signed. */
  readonly built: readonly [path: string, vector: string];
  readonly signed: readonly [path: string, vector: string];
  /** Signs a copy of what was built anew, where its programs are installed. */
  readonly anew?: { readonly programs: readonly string[]; readonly sign: SignAnew };
  /** Members of the step `sign`, as TOML. */
  readonly renames?: string;
  readonly forms?: readonly string[];
  /** An octet outside of the signature, in both. */
  readonly octets: readonly [built: number, signed: number];
}

type SignAnew = (folder: string, built: string, signed: string) => void | Promise<void>;

const signPe: SignAnew = (folder, built, signed) => {
  certificate(folder, "rsa", "rsa:2048");
  const how = ["-h", "sha256", "-certs", "rsa.crt", "-key", "rsa.key"];
  run(folder, "osslsigncode", "sign", ...how, "-in", built, "-out", signed);
};

const signApk: SignAnew = (folder, built, signed) => {
  certificate(folder, "rsa", "rsa:2048");
  const key = ["-in", "rsa.key", "-out", "rsa.pk8"];
  run(folder, "openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER", ...key);
  const how = ["--key", "rsa.pk8", "--cert", "rsa.crt", "--min-sdk-version", "21"];
  run(folder, "apksigner", "sign", ...how, "--in", built, "--out", signed);
};

const signDeb: SignAnew = async (folder, built, signed) => {
  await copyFile(join(folder, built), join(folder, signed));
  await withKeys(folder, ["ed25519"], async () => {
    run(folder, "debsigs", "--sign=origin", "-k", "ed25519@example.org", signed);
    return Promise.resolve();
  });
};

const signRpm: SignAnew = async (folder, built, signed) => {
  await copyFile(join(folder, built), join(folder, signed));
  await withKeys(folder, ["ed25519"], async () => {
    run(folder, "rpmsign", "--define", "_gpg_name ed25519@example.org", "--resign", signed);
    return Promise.resolve();
  });
};

const EXAMPLES: readonly Example[] = [
  {
    what: "an EFI program with an Authenticode signature",
    purl: "pkg:generic/example/program@1.0",
    built: ["built/program.efi", "pe/tiny.efi"],
    signed: ["signed/program.efi", "pe/tiny.a.efi"],
    anew: { programs: ["osslsigncode", "openssl"], sign: signPe },
    octets: [530, 530],
  },
  {
    what: "an APK",
    purl: "pkg:generic/example/app@1.0",
    built: ["built/app-unsigned.apk", "apk/minimal_targetsdk_30_unsigned.apk"],
    signed: ["signed/app.apk", "apk/minimal.a.apk"],
    anew: { programs: ["apksigner", "openssl"], sign: signApk },
    renames: `renames = { "-unsigned.apk" = ".apk" }`,
    octets: [60, 60],
  },
  {
    what: "a .deb with debsigs' signature",
    purl: "pkg:deb/debian/ed@1.19-1?arch=amd64",
    built: ["built/ed_1.19-1_amd64.deb", "deb/ed_1.19-1_amd64.deb"],
    signed: ["signed/ed_1.19-1_amd64.deb", "deb/ed_1.19-1_amd64.gpgorigin.deb"],
    anew: { programs: ["debsigs", "gpg"], sign: signDeb },
    forms: ["--normal-form"],
    octets: [30_000, 30_000],
  },
  {
    what: "an RPM",
    purl: "pkg:rpm/example/spike-hello@1.0-1?arch=noarch",
    built: ["built/spike-hello-1.0-1.noarch.rpm", "rpm/spike-hello.unsigned.rpm"],
    signed: ["signed/spike-hello-1.0-1.noarch.rpm", "rpm/spike-hello.signed.rpm"],
    anew: { programs: ["rpmsign", "gpg"], sign: signRpm },
    octets: [6_000, 6_000],
  },
  {
    what: "a MAR",
    purl: "pkg:generic/example/update@1.0",
    built: ["built/update.mar", "mar/tool.mar"],
    signed: ["signed/update.mar", "mar/tool.sha384.mar"],
    octets: [41, 561],
  },
];

for (const { what, purl, built, signed, anew, renames, forms = [], octets } of EXAMPLES) {
  test(`${what}: built by several, signed by one`, async (t) => {
    const signing = [
      `name = "sign", from = ["normal-form", "materials"], require = { k = 1, of = "role:release" }`,
      ...(renames === undefined ? [] : [renames]),
    ];
    const files = { [built[0]]: built[1], [signed[0]]: signed[1] };
    const release = await Release.open(keys, purl, files, [BUILT, `{ ${signing.join(", ")} }`]);
    const lacking = anew === undefined ? "its program is not run here" : lacks(...anew.programs);
    if (lacking === false)
      await rm(release.at(signed[0])).then(() => anew?.sign(release.folder, built[0], signed[0]));
    else t.diagnostic(`${signed[1]} was signed before: ${lacking}`);
    const builds = await release.built(built[0], ...forms);
    const sign = await release.made("release", "sign", signed[0], built[0]);

    const good = await release.verify(signed[0], [...builds, sign]);
    assert.equal(good.code, 0, good.out + good.err);
    const name = built[0].replace("built/", "");
    assert.deepEqual(chainOf(good), [
      `build ${name}.unsigned reproduced`,
      `sign ${signed[0].replace("signed/", "")} reproduced`,
    ]);
    // One rebuilder is no quorum, and without the release manager nobody has signed.
    for (const said of [[...builds.slice(0, 1), sign], builds]) {
      const pending = await release.verify(signed[0], said);
      assert.deepEqual([pending.code, pending.objects[0]?.["verdict"]], [2, "pending"], pending.out);
    }
    // A rebuilder dissents.
    const differently = await release.tampered(built[0], octets[0]);
    const dissent = await release.attest("three", "build", differently, ...forms);
    const split = await release.verify(signed[0], [...builds.slice(0, 2), dissent, sign]);
    assert.deepEqual([split.code, chainOf(split)[0]], [1, `build ${name}.unsigned contradicted`], split.out);
    // Somebody changed the signed file; and the release manager signs that one.
    const changed = await release.tampered(signed[0], octets[1]);
    const tampered = await release.verify(changed, [...builds, sign]);
    assert.deepEqual([tampered.code, tampered.objects[0]?.["verdict"]], [1, "contradicted"], tampered.out);
    const other = await release.made("release", "sign", changed, built[0]);
    const wrong = await release.verify(changed, [...builds, other]);
    assert.deepEqual([wrong.code, chainOf(wrong)[0]], [1, `build ${name}.unsigned contradicted`], wrong.out);
  });
}

test("a package of what was signed: three steps, of which the last two go by their materials", async () => {
  const files = { "built/tool.mar": "mar/tool.mar", "signed/tool.mar": "mar/tool.sha384.mar" };
  const release = await Release.open(
    keys,
    "pkg:generic/example/package@1.0",
    { ...files, "out/tool-de.pkg": "deb/tiny.deb" },
    [
      BUILT,
      `{ name = "sign", require = { k = 1, of = "role:release" } }`,
      `{ name = "localise", require = { k = 1, of = "role:packager" } }`,
    ],
  );
  const said = [
    ...(await release.built("built/tool.mar")),
    await release.made("release", "sign", "signed/tool.mar", "built/tool.mar"),
    await release.made("packager", "localise", "out/tool-de.pkg", "signed/tool.mar"),
  ];
  const good = await release.verify("out/tool-de.pkg", said);
  assert.equal(good.code, 0, good.out + good.err);
  assert.deepEqual(chainOf(good), [
    "build tool.mar reproduced",
    "sign tool.mar reproduced",
    "localise tool-de.pkg reproduced",
  ]);
  // The packager took what nobody has signed.
  const unsigned = await release.made("packager", "localise", "out/tool-de.pkg", "built/tool.mar");
  const bad = await release.verify("out/tool-de.pkg", [...said.slice(0, -1), unsigned]);
  assert.deepEqual([bad.code, chainOf(bad)[1]], [1, "sign tool.mar contradicted"], bad.out);
});
