import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  environmentDigest,
  formatTime,
  packagesDigest,
  parseBuildinfo,
  parseTime,
  showTime,
} from "../../../protocol/attestation/index.ts";
import type { Buildinfo } from "../../../protocol/attestation/index.ts";
import { fromUtf8, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { throwsCode, vector } from "./made.ts";

const CATDOC = vector("debian/catdoc_0.95-6~deb12u1_amd64.buildinfo");
const text = fromUtf8(CATDOC);
const parse = (changed: string): Buildinfo => parseBuildinfo(utf8(changed));

test("a real .buildinfo: the files and the environment", () => {
  const catdoc = parseBuildinfo(CATDOC);
  assert.deepEqual(
    [catdoc.source, catdoc.sourceVersion, catdoc.version, catdoc.architectures],
    ["catdoc", null, "1:0.95-6~deb12u1", ["amd64"]],
  );
  assert.deepEqual(
    catdoc.files.map(({ file, size }) => [file, size]),
    [
      ["catdoc-dbgsym_0.95-6~deb12u1_amd64.deb", 116000],
      ["catdoc_0.95-6~deb12u1_amd64.deb", 85356],
    ],
  );
  assert.equal(
    toHex(catdoc.files[1]?.sha256 ?? assert.fail()),
    "aea9c9734da3387238965404f0de104b11e669a76ec0e2a3c8fcc7032c784bfd",
  );
  assert.equal(catdoc.environment.architecture, "amd64");
  const installed = [...text.matchAll(/^ (\S+ \(= \S+\)),?$/gm)].map(([, line]) => `${line}\n`);
  assert.ok(installed.length > 150);
  const packages = createHash("sha256").update(installed.sort().join("")).digest();
  assert.deepEqual(catdoc.environment.packages, new Uint8Array(packages));
  assert.equal(
    environmentDigest(catdoc.environment),
    createHash("sha256").update("amd64\n").update(packages).digest("hex"),
  );
});

test("the environment is the toolchain: date, path, files and variables are the run's", () => {
  const environment = environmentDigest(parseBuildinfo(CATDOC).environment);
  const sameRun = text
    .replace(/^Build-Date: .*$/m, "Build-Date: Sun, 22 Nov 2026 00:00:00 +0000")
    .replace(/^Build-Path: .*$/m, "Build-Path: /elsewhere")
    .replace('LANG="C.UTF-8"', 'LANG="de_AT.UTF-8"');
  assert.equal(environmentDigest(parse(sameRun).environment), environment);
  assert.notEqual(
    environmentDigest(
      parse(text.replace("gcc-12 (= 12.2.0-14+deb12u1)", "gcc-12 (= 12.2.0-14)")).environment,
    ),
    environment,
  );
  assert.notEqual(
    environmentDigest(
      parse(text.replace("Build-Architecture: amd64", "Build-Architecture: i386")).environment,
    ),
    environment,
  );
  const others = [
    "debian/usrmerge_37~deb12u1_all.buildinfo",
    "debian/hostname_3.23+nmu1_amd64.buildinfo",
  ].map((path) => environmentDigest(parseBuildinfo(vector(path)).environment));
  assert.equal(new Set([environment, ...others]).size, 3);
});

test("packagesDigest() sorts by octets and counts once", () => {
  assert.deepEqual(packagesDigest(["b (= 1)", "a (= 1)", "b (= 1)"]), packagesDigest(["a (= 1)", "b (= 1)"]));
  assert.notDeepEqual(packagesDigest(["a (= 1)"]), packagesDigest(["a (= 2)"]));
});

test("clear-signed, as archives publish them; a binNMU's source", () => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n`;
  assert.deepEqual(parse(signed), parseBuildinfo(CATDOC));
  const binNmu = parse(text.replace("Source: catdoc", "Source: catdoc (1:0.95-5)"));
  assert.deepEqual([binNmu.source, binNmu.sourceVersion], ["catdoc", "1:0.95-5"]);
});

test("anything else has a code", () => {
  const bad = [
    "",
    "Format",
    " continuation\n",
    text.replace("Source: catdoc", "Source: a/b"),
    text.replace(/^Version:.*\n/m, ""),
    text.replace(/^Version:/m, "Source: x\nVersion:"),
    text.replace(/ 116000 /g, " "),
    `${text}\nSource: second\n`,
    `-----BEGIN PGP SIGNED MESSAGE-----\n${text}`,
  ];
  for (const changed of bad) throwsCode(() => parse(changed), "buildinfo/bad-syntax", changed.slice(0, 60));
  throwsCode(() => parse(text.replaceAll("catdoc_0", "../catdoc_0")), "target/bad-file-name");
  throwsCode(() => parse(text.replaceAll(" 116000 ", " 0116000 ")), "bytes/bad-decimal");
  throwsCode(() => parseBuildinfo(new Uint8Array(2_000_000)), "bytes/too-big");
  for (let length = 0; length < text.length; length += 97) {
    try {
      parse(text.slice(0, length));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
  }
});

test("times have one writing", () => {
  for (const ms of [0, 1000, Date.UTC(2026, 1, 28, 23, 59, 59), Date.UTC(2028, 1, 29), 253_402_300_799_000]) {
    assert.equal(parseTime(formatTime(ms)), ms);
  }
  assert.equal(formatTime(1999), "1970-01-01T00:00:01Z");
  for (const ms of [-1, Number.NaN, Infinity, 253_402_300_800_000])
    throwsCode(() => formatTime(ms), "attestation/bad-time");
  assert.equal(showTime(253_402_300_799_999), "9999-12-31T23:59:59Z");
  assert.equal(showTime(253_402_300_800_000), "253402300800 s since 1970, after the year 9999");
  const bad = [
    "",
    "now",
    "2026-11-21T03:25:00",
    "2026-11-21 03:25:00Z",
    "2026-11-31T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T03:60:00Z",
    "2026-11-21T03:25:60Z",
    "+012026-11-21T03:25:00Z",
    "2026-11-21T03:25:00Z\n",
    "1969-12-31T23:59:59Z",
  ];
  for (const time of bad) throwsCode(() => parseTime(time), "attestation/bad-time", time);
});
