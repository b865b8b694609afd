import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromHex, toBase64, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import {
  isKeyName,
  NOTE_COSIGNATURE,
  NOTE_ED25519,
  noteKeyId,
  parseVkey,
  publicFromSeed,
  sha256,
  toVkey,
} from "../../../protocol/crypto/index.ts";

const RAW = publicFromSeed(new Uint8Array(32).fill(3));
const name = (): fc.Arbitrary<string> =>
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(isKeyName);

test("verifier keys: round trip for both types", () => {
  fc.assert(
    fc.property(
      name(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(NOTE_ED25519, NOTE_COSIGNATURE),
      (who, seed, type) => {
        const raw = publicFromSeed(seed);
        const text = toVkey(who, raw, type);
        const vkey = parseVkey(text);
        assert.deepEqual(vkey, { name: who, type, raw, keyId4: noteKeyId(who, type, raw) });
        assert.equal(toVkey(vkey.name, vkey.raw, vkey.type), text);
      },
    ),
  );
});

test("published keys of logs and witnesses are read", () => {
  // golang.org/x/mod/sumdb/note's documentation, and the checksum database's own key.
  assert.equal(
    parseVkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").name,
    "PeterNeumann",
  );
  assert.equal(
    parseVkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8").type,
    NOTE_ED25519,
  );
  const tessera = readFileSync(new URL("../../vectors/tlog/tiles-15/vkey", import.meta.url), "utf8").trim();
  assert.equal(toVkey(parseVkey(tessera).name, parseVkey(tessera).raw), tessera);
});

test("the key id is SHA-256(name ‖ 0x0a ‖ type ‖ key), its first four octets", () => {
  const expected = sha256(utf8("a"), fromHex("0a04"), RAW).slice(0, 4);
  assert.deepEqual(noteKeyId("a", NOTE_COSIGNATURE, RAW), expected);
  assert.notDeepEqual(noteKeyId("a", NOTE_ED25519, RAW), expected);
});

test("every changed character is noticed", () => {
  const text = toVkey("builder.example", RAW);
  for (let at = 0; at < text.length; at++) {
    for (const other of ["A", "b", "0", "+", " ", "=", "\n", "é"]) {
      const bad = text.slice(0, at) + other + text.slice(at + 1);
      if (bad === text) continue;
      assert.throws(() => parseVkey(bad), { name: "ProtocolError" }, bad);
    }
    assert.throws(() => parseVkey(text.slice(0, at)), { name: "ProtocolError" });
  }
  assert.throws(() => parseVkey(`${text}\n`), { name: "ProtocolError" });
});

test("malformed keys have stable codes", () => {
  const vkey = (
    who: string,
    typed: Uint8Array,
    id: Uint8Array = sha256(utf8(who), fromHex("0a"), typed).slice(0, 4),
  ): string => `${who}+${toHex(id)}+${toBase64(typed)}`;
  const good = concat(Uint8Array.of(1), RAW);
  assert.equal(parseVkey(vkey("a", good)).name, "a");
  const bad: [string, string][] = [
    ["", "key/bad-vkey"],
    ["a", "key/bad-vkey"],
    ["a+00000000", "key/bad-vkey"],
    [vkey("", good), "key/bad-vkey"],
    [vkey("a b", good), "key/bad-vkey"],
    [vkey("a\u00a0b", good), "key/bad-vkey"],
    [vkey("a\u2028b", good), "key/bad-vkey"],
    [vkey("a\u0000b", good), "key/bad-vkey"],
    [vkey("x".repeat(256), good), "key/bad-vkey"],
    [vkey("a", good, fromHex("00000000")), "key/bad-vkey"],
    [vkey("a", good, fromHex("0000")), "key/bad-vkey"],
    [vkey("a", good).toUpperCase(), "key/bad-vkey"],
    [vkey("a", good.subarray(0, 32)), "key/bad-vkey"],
    [vkey("a", concat(good, Uint8Array.of(0))), "key/bad-vkey"],
    [vkey("a", concat(Uint8Array.of(2), RAW)), "key/unsupported"],
    [vkey("a", concat(Uint8Array.of(6), new Uint8Array(1312))), "key/unsupported"],
    [vkey("a", new Uint8Array()), "key/unsupported"],
    [vkey("a", concat(Uint8Array.of(1), new Uint8Array(32))), "key/small-order"],
    [`${vkey("a", good)}=`, "key/bad-vkey"],
  ];
  for (const [text, code] of bad) assert.throws(() => parseVkey(text), { code }, JSON.stringify(text));
  assert.throws(() => toVkey("a+b", RAW), { code: "key/bad-vkey" });
  assert.throws(() => toVkey("a\ud800", RAW), { code: "key/bad-vkey" });
  assert.throws(() => toVkey("a", new Uint8Array(32)), { code: "key/small-order" });
});
