import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { concat, equalBytes, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { crc32, inflate } from "../../../protocol/normal-form/inflate.ts";
import { assertEachCounts, assertOneForm, assertStreams, fuzz, normal, refusal, vector } from "./rig.ts";
import { ended, zipOf } from "./zips.ts";

/** Signed by apksigner in each combination of schemes. */
const SPIKE = {
  unsigned: vector("apk/spike.unsigned.apk"),
  v1: vector("apk/spike.v1.apk"),
  v2v3: vector("apk/spike.v2v3.apk"),
  v1v2v3: vector("apk/spike.v1v2v3.apk"),
};
/** With a manifest in the unsigned one, and a file that apksigner aligns: signed once, by others on top, by two at once, with ECDSA. */
const MINIMAL = {
  unsigned: vector("apk/minimal_targetsdk_30_unsigned.apk"),
  once: vector("apk/minimal.a.apk"),
  again: vector("apk/minimal.ab.apk"),
  two: vector("apk/minimal.2.apk"),
  ec: vector("apk/minimal.ec.apk"),
};
const BLOCK = 4_096;
const DIRECTORY = 8_192;

test("an APK has one normal form: unsigned, signed by v1, v2, v3, all of them", () => {
  assertOneForm(SPIKE);
  assert.deepEqual(
    normal(SPIKE.v1v2v3).signatures.map(({ kind, detail }) => [kind, detail]),
    [
      ["jar", "META-INF/A.SF: digests of 2 files"],
      ["jar", "META-INF/A.RSA: PKCS #7, 1 signed"],
      ["jar", "META-INF/MANIFEST.MF: digests of 2 files"],
      ["apk-block", "v2: 1 signed, v3: 1 signed"],
    ],
  );
  assert.deepEqual(normal(SPIKE.unsigned).signatures, []);
});

test("signed again by others, or by two at once, it stays the same: what apksigner aligns or fills is not part of it", () => {
  assertOneForm(MINIMAL);
  assert.equal(normal(MINIMAL.two).signatures.at(-1)?.detail, "v2: 2 signed");
});

test("two packages whose programs differ have two normal forms", () => {
  const [unsigned, signed] = [vector("apk/urzip-release-unsigned.apk"), vector("apk/urzip-release.apk")];
  assert.ok(!equalBytes(normal(unsigned).bytes, normal(signed).bytes));
  assertOneForm({ signed });
  assertOneForm({ other: vector("apk/v1.v2.sig_1020.apk") });
});

test("every octet counts outside of signatures, their records, and what is only room between files", () => {
  assert.ok(normal(SPIKE.unsigned).size < SPIKE.unsigned.length, "what aligns goes, too");
  assertEachCounts(SPIKE.unsigned, []);
  assertEachCounts(SPIKE.v2v3, [], 7);
  // Times and attributes in the records of the three files that sign go with these: they are the last ones of the directory.
  const name = utf8("META-INF/A.SF");
  const record =
    SPIKE.v1.findLastIndex((_, i) => equalBytes(SPIKE.v1.subarray(i, i + name.length), name)) - 46;
  assertEachCounts(SPIKE.v1, [[record, SPIKE.v1.length - 22]]);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of [...Object.values(SPIKE), MINIMAL.again]) assertStreams(file);
});

test("names beyond ASCII are in the list of a signed package as in the package", () => {
  const names = ["AndroidManifest.xml", "assets/straße–日本.txt"];
  const files = names.map((name) => ({ name, data: utf8(name) }));
  const digest = "SHA-256-Digest: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const list = names.map((name) => `Name: ${name}\r\n${digest}\r\n\r\n`).join("");
  const manifest = { name: "META-INF/MANIFEST.MF", data: utf8(`Manifest-Version: 1.0\r\n\r\n${list}`) };
  assertOneForm({ unsigned: zipOf(files), signed: zipOf([...files, manifest]) });
});

test("lists that take minutes to read are refused before they are", () => {
  const files = Array.from({ length: 5 }, (_, i) => ({
    name: `META-INF/${i}.SF`,
    data: utf8("Signature-Version: 1.0\r\n"),
    size: 16_000_000,
  }));
  const { code, message } = refusal(zipOf([{ name: "AndroidManifest.xml", data: utf8("x") }, ...files]));
  // The first is shorter than its header says: strictly it is refused for that.
  assert.equal(code, "normal-form/not-a-signature", message);
  const lenient = (): unknown =>
    normal(zipOf([{ name: "AndroidManifest.xml", data: utf8("x") }, ...files]), true);
  assert.throws(lenient, /80000000 octets; at most 67108864 are read/);
});

test("nothing hides in the signing block", () => {
  const at = (offset: number, octets: Uint8Array): Uint8Array => {
    const file = SPIKE.v2v3.slice();
    file.set(octets, offset);
    return file;
  };
  const block = viewOf(SPIKE.v2v3);
  const second = BLOCK + 8 + 8 + Number(block.getBigUint64(BLOCK + 8, true));
  const cases = [
    [at(BLOCK + 16, utf8("what")), BLOCK + 8, /a part 0x74616877 of the signing block/],
    [at(second + 8, SPIKE.v2v3.subarray(BLOCK + 16, BLOCK + 20)), second, /a second part 0x7109871a/],
    [at(BLOCK + 8, new Uint8Array(8).fill(0xff)), BLOCK + 8, /a part of \d+ octets where \d+ are left/],
    [at(BLOCK + 20, Uint8Array.of(1)), BLOCK + 8, /signing block/],
    [at(DIRECTORY - 25, Uint8Array.of(1)), 0, /padding in the signing block is not zero/],
  ] as const;
  for (const [file, offset, reason] of cases) {
    const { code, message } = refusal(file);
    assert.equal(code, "normal-form/not-a-signature", message);
    assert.match(message, reason);
    if (offset > 0) assert.ok(message.startsWith(`octet ${offset}: `), message);
    assert.ok(equalBytes(normal(file, true).bytes, normal(SPIKE.unsigned).bytes), "leniently it is cut");
  }
});

test("a second signing block, or one whose lengths differ or reach into files, is refused", () => {
  const block = SPIKE.v2v3.subarray(BLOCK, DIRECTORY);
  const twice = ended(concat(SPIKE.v2v3.subarray(0, DIRECTORY), block), SPIKE.v2v3.subarray(DIRECTORY));
  const longer = SPIKE.v2v3.slice();
  viewOf(longer).setBigUint64(DIRECTORY - 24, BigInt(DIRECTORY - 16), true);
  const huge = SPIKE.v2v3.slice();
  viewOf(huge).setBigUint64(DIRECTORY - 24, 2n ** 63n, true);
  const differs = SPIKE.v2v3.slice();
  viewOf(differs).setBigUint64(BLOCK, 1n, true);
  for (const [file, reason] of [
    [twice, /second signing block/],
    [longer, /overlaps what ends at octet/],
    [huge, /a signing block of/],
    [differs, /two lengths of the signing block differ/],
  ] as const) {
    const { code, message } = refusal(file);
    assert.equal(code, "normal-form/malformed");
    assert.match(message, reason);
  }
});

test("a signing block among the data is data: only one before the directory is a signature", () => {
  const block = SPIKE.v2v3.subarray(BLOCK, DIRECTORY);
  const file = zipOf([
    { name: "AndroidManifest.xml", data: utf8("x") },
    { name: "assets/block", data: block },
    { name: "z", data: utf8("z") },
  ]);
  const { bytes, signatures } = normal(file);
  assert.deepEqual(signatures, []);
  assert.ok(equalBytes(bytes, file));
});

const MANIFEST =
  "Manifest-Version: 1.0\r\nCreated-By: 1.0 (Android)\r\n\r\nName: AndroidManifest.xml\r\nSHA-256-Digest: ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\r\n\r\n";

/** An APK of one file, and others in META-INF/. */
function jar(...files: readonly (readonly [name: string, text: string])[]): Uint8Array {
  return zipOf([
    { name: "AndroidManifest.xml", data: utf8("x") },
    ...files.map(([name, text]) => ({ name: `META-INF/${name}`, data: utf8(text) })),
  ]);
}

test("files of META-INF/ that sign are cut, others stay", () => {
  const bare = normal(jar(["services/x", "kept"])).bytes;
  const signed = jar(
    ["services/x", "kept"],
    ["MANIFEST.MF", MANIFEST],
    ["CERT.SF", MANIFEST.replaceAll("Manifest-V", "Signature-V")],
  );
  assert.ok(equalBytes(normal(signed).bytes, bare));
  assert.deepEqual(
    normal(signed).signatures.map(({ detail }) => detail),
    ["META-INF/MANIFEST.MF: digests of 1 files", "META-INF/CERT.SF: digests of 1 files"],
  );
});

test("nothing hides in files of META-INF/ that sign", () => {
  const cases = [
    [jar(["MANIFEST.MF", `${MANIFEST}anything`]), /line 7 of it is no attribute/],
    [
      jar(["MANIFEST.MF", MANIFEST.replace("Created-By", "Main-Class")]),
      /line 2 of it says what no signature says/,
    ],
    [
      jar(["MANIFEST.MF", MANIFEST.replace("AndroidManifest", "Other")]),
      /line 4 of it names a file that is not there/,
    ],
    [jar(["MANIFEST.MF", MANIFEST.replace("ungW", "!ngW")]), /base64|octet|character/],
    [jar(["MANIFEST.MF", MANIFEST.replace("1.0 (Android)", "x".repeat(200))]), /says what no signature says/],
    [jar(["CERT.RSA", "anything"]), /octet|tag|signature/],
    [jar(["SIG-X", "anything"]), /SIG-/],
    [
      zipOf([
        { name: "AndroidManifest.xml", data: utf8("x") },
        { name: "META-INF/MANIFEST.MF", data: utf8(MANIFEST), extra: utf8("hidden") },
      ]),
      /extra field/,
    ],
    [
      zipOf([
        { name: "AndroidManifest.xml", data: utf8("x") },
        { name: "META-INF/MANIFEST.MF", data: utf8(MANIFEST), comment: utf8("hidden") },
      ]),
      /comment/,
    ],
    [
      zipOf([
        { name: "AndroidManifest.xml", data: utf8("x") },
        { name: "META-INF/MANIFEST.MF", data: utf8(MANIFEST), behind: utf8("hidden") },
      ]),
      /does not unpack: something stands behind/,
    ],
    [
      zipOf([
        { name: "AndroidManifest.xml", data: utf8("x") },
        { name: "META-INF/MANIFEST.MF", data: utf8(MANIFEST), crc: 7 },
      ]),
      /CRC/,
    ],
    [vector("apk/urzip-badsig.apk"), /headers differ/],
  ] as const;
  for (const [file, reason] of cases) {
    const { code, message } = refusal(file);
    assert.equal(code, "normal-form/not-a-signature", message);
    assert.match(message, reason);
    assert.ok(normal(file, true).remarks.length > 0);
  }
});

test("zip files that readers read differently are refused: two directories, parts that overlap, names that are twice there", () => {
  const one = { name: "AndroidManifest.xml", data: utf8("x") };
  const plain = zipOf([one]);
  const with32 = (at: number, value: number): Uint8Array => {
    const file = plain.slice();
    viewOf(file).setUint32(at < 0 ? file.length + at : at, value, true);
    return file;
  };
  const inside = concat(plain.subarray(0, -2), Uint8Array.of(22, 0), plain.subarray(-22));
  const cases = [
    ["normal-form/malformed", inside, /readers differ/],
    ["normal-form/malformed", zipOf([one, one]), /a second file of the same name/],
    ["normal-form/malformed", zipOf([one, { name: "b", data: utf8("b"), at: 0 }]), /another name|overlap/],
    ["normal-form/malformed", zipOf([one, { name: "b", data: utf8("b"), packed: 400 }]), /overlap/],
    ["normal-form/malformed", concat(plain, utf8("x")), /no end of a zip file/],
    ["normal-form/malformed", with32(-6, 0), /does not end here/],
    ["normal-form/malformed", with32(-10, 0xffff), /does not end here/],
    ["normal-form/unsupported", with32(-6, 0xffff_ffff), /64-bit/],
    ["normal-form/unsupported", zipOf([{ name: "META-INF/A.SF", data: utf8(MANIFEST) }]), /signed JAR/],
  ] as const;
  for (const [code, file, reason] of cases) {
    const found = refusal(file);
    assert.equal(found.code, code, found.message);
    assert.match(found.message, reason);
  }
});

test("a zip file that is no APK is its own normal form", () => {
  const file = zipOf([{ name: "wheel/METADATA", data: utf8("Name: x") }]);
  assert.equal(normal(file).format, "other");
  assert.ok(equalBytes(normal(file).bytes, file));
});

test("inflate() unpacks what zlib packed, to the last octet, and nothing else", () => {
  const text = utf8(Array.from({ length: 3_000 }, (_, i) => `line ${(i * 7919) % 1_000}`).join("\n"));
  for (const level of [0, 1, 6, 9]) {
    for (const strategy of [0, 2, 3, 4]) {
      const packed = new Uint8Array(deflateRawSync(text, { level, strategy }));
      assert.ok(equalBytes(inflate(packed, text.length), text), `${level} ${strategy}`);
      assert.throws(() => inflate(packed, text.length - 1), /more than/);
      assert.throws(() => inflate(packed, text.length + 1), /octets come out/);
      assert.throws(() => inflate(concat(packed, utf8("x")), text.length), /stands behind/);
      assert.throws(() => inflate(packed.slice(0, -1), text.length), /does not unpack/);
    }
  }
  assert.equal(crc32(utf8("123456789")), 0xcbf4_3926);
});

test("whatever is changed, an APK has a normal form of its own or is refused", () => {
  const small = [SPIKE.unsigned, SPIKE.v1, MINIMAL.unsigned, jar(["MANIFEST.MF", MANIFEST])];
  assert.ok(fuzz(small, 3_000) > 50);
  assert.ok(fuzz([SPIKE.v1v2v3, MINIMAL.two], 1_000) > 10);
});
