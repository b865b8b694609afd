/** .dsc files, as archives have them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fromUtf8,
  MAX_DSC_BYTES,
  MAX_MATERIALS,
  parseDsc,
  ProtocolError,
  toHex,
  utf8,
} from "../../../protocol/index.ts";
import type { SourcePackage } from "../../../protocol/index.ts";
import { throwsCode, vector } from "./made.ts";

const WEDGE = vector("debian/rebuildable/kernel-wedge_2.106~deb12u1.dsc");
const text = fromUtf8(WEDGE);
const parse = (changed: string): SourcePackage => parseDsc(utf8(changed));

test("a real one, clear-signed as the archive serves it", () => {
  const { name, version, architectures, files } = parseDsc(WEDGE);
  assert.deepEqual([name, version, architectures], ["kernel-wedge", "2.106~deb12u1", ["all"]]);
  assert.deepEqual(
    files.map(({ file, size, sha256 }) => [file, size, toHex(sha256).slice(0, 8)]),
    [["kernel-wedge_2.106~deb12u1.tar.xz", 40104, /^ ([0-9a-f]{8})[0-9a-f]{56} 40104/m.exec(text)?.[1]]],
  );
  assert.match(text, /^-----BEGIN PGP SIGNED MESSAGE-----/);
});

test("anything else has a code", () => {
  for (const changed of [
    "",
    "Source",
    text.replace("Source: kernel-wedge", "Source: ../x"),
    text.replace("Source: kernel-wedge", "Source: Kernel"),
    text.replace(/^Version: .*$/m, "Version: 1 2"),
    text.replace(/^Version:.*\n/m, ""),
    text.replace(/^Version:/m, "Source: x\nVersion:"),
    text.replace(/^Architecture:.*\n/m, ""),
    text.replace(/^Checksums-Sha256:/m, "Checksums-Sha512:"),
    text.replace(/^( [0-9a-f]{64} .*)$/m, "$1\n$1"),
    text.replace("-----BEGIN PGP SIGNATURE-----", "-----"),
    text.replace(
      /^( [0-9a-f]{64} 40104 ).*$/m,
      Array.from({ length: MAX_MATERIALS }, (_, n) => `$1${n}`).join("\n"),
    ),
  ])
    throwsCode(() => parse(changed), "dsc/bad-syntax", changed.slice(0, 60));
  throwsCode(() => parse(text.replaceAll(" kernel-wedge_", " ../kernel-wedge_")), "target/bad-file-name");
  throwsCode(() => parseDsc(new Uint8Array(MAX_DSC_BYTES + 1)), "bytes/too-big");
  for (let length = 0; length < text.length; length += 31) {
    try {
      parse(text.slice(0, length));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
  }
});
