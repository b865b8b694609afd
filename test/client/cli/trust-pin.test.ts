/** `samebits trust` for those who rely on a domain. */
import assert from "node:assert/strict";
import { chown, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { before, test } from "node:test";
import { locked } from "../../../client/lock.ts";
import { readArchive } from "../../../client/trust/archive.ts";
import { sha256Hex } from "../../../protocol/index.ts";
import { assertFits } from "../../json-schemas.ts";
import { fails } from "./failing.ts";
import { at, begun, good, json, makeKeys, POLICY } from "./trust-rig.ts";

before(makeKeys);

test("who relies on a domain adds, shows, updates, exports and removes it", async () => {
  const dir = at("relied");
  const fingerprint = await begun(dir);
  const data = ["--data", at("relied-data")];
  await fails(
    64,
    "usage/bad-option",
    /--bootstrap MULTIADDR, or --from/,
    "trust",
    "add",
    fingerprint,
    ...data,
  );
  await fails(
    66,
    "input/missing",
    /no such file/,
    "trust",
    "add",
    fingerprint,
    "--from",
    at("nothing"),
    ...data,
  );
  await fails(
    3,
    "trust/bad-document",
    /trust\/wrong-fingerprint/,
    "trust",
    "add",
    "00".repeat(32),
    "--from",
    dir,
    ...data,
  );
  await fails(4, "trust/bad-fingerprint", /40 to 64/, "trust", "add", "00".repeat(8), "--from", dir, ...data);
  await fails(3, "trust/not-pinned", /no trust domain is pinned/, "trust", "update", ...data);
  await fails(
    69,
    "trust/unreachable",
    /http:\/\/127\.0\.0\.1:1\//,
    "trust",
    "add",
    fingerprint,
    "--from",
    "http://127.0.0.1:1",
    ...data,
  );
  const first = await good("trust", "add", "--from", dir, ...data);
  assert.match(first.err, /FIRST USE, unverified: .*Compare the fingerprint/);
  assert.match(first.out, /UNVERIFIED/);
  assert.equal((await json("trust", "show", fingerprint.slice(0, 12), ...data))["verified"], false);
  const added = await json("trust", "add", fingerprint, "--from", dir, ...data);
  assert.deepEqual([added["verified"], added["from"]], [true, [dir]]);
  const file = at("relied.json");
  const exported = await json("trust", "export", fingerprint, "-o", file, ...data);
  const bytes = new Uint8Array(await readFile(file));
  assert.equal(exported["octets"], bytes.length);
  assertFits(["trust-archive"], JSON.parse(await readFile(file, "utf8")), file);
  assert.deepEqual(
    readArchive(bytes).files.map((octets) => sha256Hex(octets)),
    [sha256Hex(new TextEncoder().encode(POLICY))],
  );
  const carried = await json("trust", "add", fingerprint, "--from", file, "--data", at("carried"));
  assert.deepEqual([carried["domain"], carried["targets"]], [added["domain"], added["targets"]]);
  await writeFile(at("bad.json"), '{"samebits":1,"documents":{"../x":""},"files":[]}');
  await fails(
    3,
    "trust/bad-document",
    /bad\.json: .*trust\/bad-path/,
    "trust",
    "add",
    fingerprint,
    "--from",
    at("bad.json"),
    ...data,
  );
  assert.equal((await json("trust", "update", ...data))["problem"], null);
  await json("trust", "add", fingerprint, "--from", file, ...data);
  await rename(file, `${file}.away`);
  const updated = await good("trust", "update", ...data);
  assert.match(
    updated.err,
    /relied\.json: no such file \[input\/missing\]/,
    "one that is gone hinders none of the others",
  );
  assert.match(
    (await good("trust", "show", ...data)).out,
    new RegExp(`^${fingerprint} {2}root 1 {2}targets 1\n$`),
  );
  await fails(3, "trust/not-pinned", /begins so/, "trust", "show", "00".repeat(8), ...data);
  assert.equal((await json("trust", "remove", fingerprint, ...data))["removed"], true);
  assert.match((await good("trust", "show", ...data)).err, /no trust domain is pinned here/);
});

test("a document that can't be read is told with its path; another command at work is waited for, not for ever", async () => {
  for (const [text, says] of [
    ["[".repeat(1_000), /deep\.json: .*json\/too-deep/],
    ['{"signatures":[],"signed":{"_type":"root","_type":"root"}}', /json\/duplicate-key/],
    ['{"signatures":[],"signed":{"_type":"policy"}}', /shape\/out-of-range/],
  ] as const) {
    await writeFile(at("deep.json"), text);
    await fails(3, "trust/bad-document", says, "trust", "show", at("deep.json"));
  }
  const lock = at("lock");
  await locked(lock, "trust/busy", () =>
    assert.rejects(
      locked(lock, "trust/busy", () => Promise.resolve(), 100),
      { code: "trust/busy" },
    ),
  );
});

test(
  "who pins a domain for another user is told that this one can't read it",
  { skip: process.getuid?.() === 0 ? false : "only root can write into others' folders" },
  async () => {
    const dir = at("for-another");
    const fingerprint = await begun(dir);
    const data = at("of-another");
    await mkdir(data);
    await chown(data, 65_534, 65_534);
    const words = ["trust", "add", fingerprint, "--from", dir, "--data"];
    const ended = await good(...words, data);
    assert.match(ended.err, /belongs to user 65534, .*chown -R --reference=\S+ \S+of-another\/trust,/);
    assert.doesNotMatch((await good(...words, at("of-one-self"))).err, /belongs to/);
  },
);
