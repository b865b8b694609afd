/** Whatever stands in a manifest: entries, or `input/bad-manifest` with words that can be shown; never anything else, never more memory than its size. */
import assert from "node:assert/strict";
import { writeFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { readManifest } from "../../../client/manifest/index.ts";
import { manifestOf } from "../../../client/manifest/read.ts";
import { concat, MAX_MANIFEST_BYTES, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { jsonMutants } from "../../protocol/parsers/mutants.ts";
import { BOM, LOCK, PURL, SUMS } from "./samples.ts";

const MAX_MESSAGE_CHARS = 2_000;
// oxlint-disable-next-line no-control-regex -- what a terminal would obey, and what turns text around
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** The code, or null for what was read. */
async function outcome(bytes: Uint8Array, purl?: string): Promise<string | null> {
  try {
    await manifestOf(bytes, "list", purl);
    return null;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    assert.ok(code === "input/bad-manifest" || code === "usage/bad-option", (error as Error).stack);
    assert.doesNotMatch(message, UNSHOWABLE);
    assert.ok(message.length <= MAX_MESSAGE_CHARS, `a message of ${message.length}`);
    return code;
  }
}

for (const [name, sample, purl] of [
  ["SHA256SUMS", SUMS, PURL],
  ["CycloneDX", BOM, undefined],
  ["package-lock.json", LOCK, undefined],
] as const) {
  const octets = utf8(sample);

  test(`${name}: cut short or changed in any place it is read otherwise, or has a code`, async () => {
    assert.equal(await outcome(octets, purl), null);
    const step = 1 + Math.floor(octets.length / 400);
    for (let at = 0; at < octets.length; at += step) {
      const cut = await outcome(octets.slice(0, at), purl);
      if (name !== "SHA256SUMS") assert.notEqual(cut, null, `${at} octets are read`);
      for (const mask of [1, 0x20, 0x80]) {
        const changed = octets.slice();
        changed[at] = (changed[at] ?? 0) ^ mask;
        await outcome(changed, purl);
      }
    }
  });

  test(`${name}: any octets and any of its parts in any order end in entries or a code`, async () => {
    const parts = sample.split(/(?<=[,\n])/).map(utf8);
    const piece = fc.oneof(
      fc.constantFrom(...parts),
      fc.uint8Array({ maxLength: 9 }),
      fc.constantFrom("__proto__", "\u202e", "\r\n", "\\", "{", "\u0000").map(utf8),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (some) => {
        await outcome(concat(...some), purl);
      }),
    );
  });
}

for (const [name, sample] of [
  ["CycloneDX", BOM],
  ["package-lock.json", LOCK],
] as const)
  test(`${name}: whatever stands in the place of any member`, async () => {
    const codes = new Set<string | null>();
    for (const text of jsonMutants(sample)) codes.add(await outcome(new TextEncoder().encode(text)));
    // What is no object at all is taken for a list of sums, which needs --purl.
    assert.deepEqual(codes, new Set(["usage/bad-option", "input/bad-manifest", null]));
    assert.equal("polluted" in {}, false);
  });

test("a manifest of a gigabyte is refused by its size, unread", async () => {
  const path = join(await newFolder(), "SHA256SUMS");
  writeFileSync(path, SUMS);
  truncateSync(path, 1024 ** 3);
  await assert.rejects(readManifest(path, PURL), { code: "input/too-big" });
  assert.ok(MAX_MANIFEST_BYTES < 1024 ** 3);
  await assert.rejects(readManifest("/", PURL), { code: "input/unreadable" });
});
