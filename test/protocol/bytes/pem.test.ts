import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  concat,
  fromHex,
  readEcdsaSignature,
  readPem,
  readPkcs8,
  readSpki,
  toHex,
  writeEd25519Spki,
  writePem,
  writePkcs8,
  writeRebuilderdSpki,
} from "../../../protocol/bytes/index.ts";

const RAW = new Uint8Array(32).fill(0xab);

test("PEM: round trip with LF and CRLF, with and without the last line end", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom("\n" as const, "\r\n" as const),
      (der, lineEnd) => {
        const pem = writePem("PUBLIC KEY", der, lineEnd);
        assert.deepEqual(readPem(pem), { label: "PUBLIC KEY", der });
        assert.deepEqual(readPem(pem.slice(0, -lineEnd.length)), { label: "PUBLIC KEY", der });
      },
    ),
  );
});

test("PEM: anything but one exact block is refused", () => {
  const pem = writePem("PUBLIC KEY", writeEd25519Spki(RAW));
  const [begin = "", body = "", end = ""] = pem.split("\n");
  const bad = [
    "",
    begin,
    ` ${pem}`,
    `\n${pem}`,
    `${pem}\n`,
    `${pem}x`,
    `${pem}${pem}`,
    pem.replace("\n", "\r\n"),
    pem.replaceAll("\n", "\r"),
    [begin, body, "-----END PRIVATE KEY-----", ""].join("\n"),
    [begin, end, ""].join("\n") + "x",
    [begin, body.slice(0, 30), body.slice(30), end, ""].join("\n"),
    [begin, "Proc-Type: 4,ENCRYPTED", "", body, end, ""].join("\n"),
    pem.replace("BEGIN PUBLIC", "BEGIN public"),
    [begin, body].join("\n"),
  ];
  for (const text of bad) {
    assert.throws(() => readPem(text), { code: "der/bad-pem" }, JSON.stringify(text));
  }
  assert.throws(() => readPem(`${begin}\n${"A".repeat(5000)}`), { code: "der/bad-pem" });
});

test("SPKI: both writings of Ed25519 are one key, 44 and 46 octets", () => {
  const standard = writeEd25519Spki(RAW);
  const rebuilderd = writeRebuilderdSpki(RAW);
  assert.deepEqual([standard.length, rebuilderd.length], [44, 46]);
  assert.equal(toHex(rebuilderd.subarray(0, 14)), "302c300706032b65700500032100");
  for (const der of [standard, rebuilderd]) {
    assert.deepEqual(readSpki(der), { type: "ed25519", key: RAW, spki: standard });
  }
  assert.deepEqual(
    createPublicKey({ key: Buffer.from(standard), format: "der", type: "spki" }).export({ format: "jwk" })[
      "crv"
    ],
    "Ed25519",
  );
});

test("SPKI: P-256 and RSA of 2048 to 4096 bits as OpenSSL writes them", () => {
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
    format: "der",
    type: "spki",
  });
  assert.equal(readSpki(new Uint8Array(p256)).type, "ecdsa-p256");
  for (const [bits, exponent] of [
    [2048, 65537],
    [3072, 65537],
    [2048, 3],
  ] as const) {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: bits, publicExponent: exponent });
    const { type, key, spki } = readSpki(new Uint8Array(publicKey.export({ format: "der", type: "spki" })));
    assert.deepEqual([type, key.length], ["rsa", bits / 8]);
    assert.ok(spki.length < 600);
  }
  for (const make of [
    () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
    () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
    () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
    () => generateKeyPairSync("x25519"),
    () => generateKeyPairSync("ed448"),
  ]) {
    const der = new Uint8Array(make().publicKey.export({ format: "der", type: "spki" }));
    assert.throws(() => readSpki(der), { code: "key/unsupported" });
  }
});

test("SPKI and PKCS#8: every truncation, every appended octet and every change of the frame is refused", () => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  const p256 = new Uint8Array(
    generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }),
  );
  const seed = new Uint8Array(32).fill(1);
  const samples: [Uint8Array, (der: Uint8Array) => unknown, number][] = [
    [writeEd25519Spki(RAW), readSpki, 12],
    [writeRebuilderdSpki(RAW), readSpki, 14],
    [p256, readSpki, 27],
    [rsa, readSpki, 32],
    [writePkcs8(seed), readPkcs8, 16],
  ];
  for (const [der, read, frame] of samples) {
    assert.doesNotThrow(() => read(der));
    for (let length = 0; length < der.length; length++)
      assert.throws(() => read(der.slice(0, length)), { name: "ProtocolError" });
    assert.throws(() => read(concat(der, Uint8Array.of(0))), { name: "ProtocolError" });
    for (let at = 0; at < frame; at++) {
      const bad = der.slice();
      bad[at] = (bad[at] ?? 0) ^ 1;
      assert.throws(() => read(bad), { name: "ProtocolError" }, `octet ${at} of ${toHex(der)}`);
    }
  }
});

test("RSA: even, negative, padded and tiny numbers are refused", () => {
  const part = (tag: number, ...contents: Uint8Array[]): Uint8Array => {
    const body = concat(...contents);
    return body.length < 128
      ? concat(Uint8Array.of(tag, body.length), body)
      : concat(Uint8Array.of(tag, 0x82, body.length >> 8, body.length & 255), body);
  };
  const key = (modulus: Uint8Array, exponent: Uint8Array): Uint8Array =>
    part(
      0x30,
      fromHex("300d06092a864886f70d0101010500"),
      part(0x03, Uint8Array.of(0), part(0x30, part(2, modulus), part(2, exponent))),
    );
  const modulus = (first: number, last: number, length = 256): Uint8Array => {
    const bytes = new Uint8Array(length + 1);
    bytes[1] = first;
    bytes[length] = last;
    return bytes;
  };
  const e = fromHex("010001");
  assert.equal(readSpki(key(modulus(0x80, 1), e)).type, "rsa");
  const bad: [Uint8Array, Uint8Array, string][] = [
    [modulus(0x80, 2), e, "der/bad-key"],
    [modulus(0x80, 1), fromHex("02"), "der/bad-key"],
    [modulus(0x80, 1), fromHex("01"), "der/bad-key"],
    [modulus(0x80, 1), fromHex("0100000001"), "der/bad-key"],
    [modulus(0x80, 1), fromHex("00010001"), "der/bad-key"],
    [modulus(0x80, 1), fromHex("81"), "der/bad-key"],
    [modulus(0x80, 1), fromHex(""), "der/bad-key"],
    [modulus(0x7f, 1), e, "der/bad-key"],
    [concat(Uint8Array.of(0), modulus(0x80, 1)), e, "der/bad-key"],
    [modulus(0x7f, 1).subarray(1), e, "key/unsupported"],
    [modulus(0x80, 1, 513), e, "key/unsupported"],
  ];
  for (const [n, exponent, code] of bad) {
    assert.throws(
      () => readSpki(key(n, exponent)),
      { code },
      `${toHex(n.subarray(0, 4))} ${toHex(exponent)}`,
    );
  }
});

test("PKCS#8: what we write OpenSSL reads, and the other way round", () => {
  const seed = new Uint8Array(32).fill(5);
  const key = createPrivateKey({ key: Buffer.from(writePkcs8(seed)), format: "der", type: "pkcs8" });
  assert.deepEqual(readPkcs8(new Uint8Array(key.export({ format: "der", type: "pkcs8" }))), {
    seed,
    publicKey: null,
  });
  assert.throws(
    () =>
      readPkcs8(
        new Uint8Array(generateKeyPairSync("x25519").privateKey.export({ format: "der", type: "pkcs8" })),
      ),
    { code: "der/bad-key" },
  );
});

test("PKCS#8 version 2, as rebuilderd writes it, carries the public key", () => {
  const seed = new Uint8Array(32).fill(5);
  const der = concat(fromHex("3051020101300506032b657004220420"), seed, fromHex("812100"), RAW);
  assert.equal(der.length, 83);
  assert.deepEqual(readPkcs8(der), { seed, publicKey: RAW });
  for (const at of [48, 49, 50]) {
    const bad = der.slice();
    bad[at] = (bad[at] ?? 0) ^ 1;
    assert.throws(() => readPkcs8(bad), { code: "der/bad-key" });
  }
});

test("ECDSA signatures: one DER writing for each pair of numbers", () => {
  assert.deepEqual(readEcdsaSignature(fromHex("3007020101020200ff"), 2), Uint8Array.of(0, 1, 0, 255));
  for (const bad of [
    "",
    "30",
    "3006020101020101ff",
    "300702010102020001",
    "3006020101028001",
    "300602010102 01".replace(" ", ""),
    "3006020181020101",
    "3006020100020101",
    "308106020101020101",
    "3106020101020101",
    "30080201010203010001",
    "3009020101020101020101",
  ]) {
    assert.throws(() => readEcdsaSignature(fromHex(bad), 2), { name: "ProtocolError" }, bad);
  }
});
