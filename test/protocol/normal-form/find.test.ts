import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { applyEdits, normalForm, runReads } from "../../../protocol/normal-form/index.ts";
import { cut, editsOf, put, zero } from "../../../protocol/normal-form/edits.ts";
import { normal, refusal } from "./rig.ts";

test("a signature beside a file is its own normal form, and so is any other file", () => {
  const cases = [
    ["detached", "-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n"],
    ["detached", "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"],
    ["detached", "untrusted comment: signature from minisign secret key\nRUQf\n"],
    ["other", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"],
    ["other", ""],
    ["other", "\u007fELF"],
  ] as const;
  for (const [format, text] of cases) {
    const file = utf8(text);
    const form = normal(file);
    assert.equal(form.format, format);
    assert.ok(equalBytes(form.bytes, file));
    assert.deepEqual(form.signatures, []);
  }
});

test("a disk image is refused: what is in it is to be compared", () => {
  const image = concat(new Uint8Array(1_000), utf8("koly"), new Uint8Array(508));
  const { code, message } = refusal(image);
  assert.equal(code, "normal-form/unsupported");
  assert.match(message, /^octet 1000: an Apple disk image/);
});

test("a reader that is given fewer octets than it asked for ends with a code", () => {
  assert.throws(
    () => runReads(normalForm(100, { lenient: false }), () => new Uint8Array(3)),
    (error) => error instanceof ProtocolError && error.code === "normal-form/malformed",
  );
});

test("edits come out in order; those that overlap or leave the file are refused", () => {
  const text = (edits: Parameters<typeof editsOf>[1]): string =>
    new TextDecoder().decode(
      concat(
        ...[...applyEdits(editsOf(10, edits), [utf8("01234"), utf8("56789")])].map((each) => each.slice()),
      ),
    );
  assert.equal(text([]), "0123456789");
  assert.equal(text([cut(3, 4)]), "012789");
  assert.equal(text([put(10, 0, utf8("x")), put(0, 0, utf8("y"))]), "y0123456789x");
  assert.equal(text([put(4, 2, utf8("abc")), zero(0, 1), cut(6, 4)]), "\u0000123abc");
  assert.equal(text([put(5, 0, utf8("-")), cut(5, 1)]), "01234-6789");
  assert.equal(text([cut(0, 10)]), "");
  for (const edits of [[cut(3, 4), zero(6, 1)], [cut(8, 3)], [put(11, 0, utf8("x"))]]) {
    assert.throws(
      () => editsOf(10, edits),
      (error) => error instanceof ProtocolError && error.code === "normal-form/malformed",
    );
  }
});
