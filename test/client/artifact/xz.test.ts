/** xz: the same octets however they come in, several streams in a row, and no end that is not one. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readArMembers, readAt } from "../../../client/artifact/ar.ts";
import { unpackXz } from "../../../client/artifact/xz.ts";

const PACKAGE = join(import.meta.dirname, "../../../client/cli/demo/artefacts/usrmerge_37~deb12u1_all.deb");
const CONTROL_BYTES = 20_480;

const packed = controlOf(PACKAGE);

function controlOf(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const member = readArMembers(file, path).find(({ name }) => name === "control.tar.xz");
    assert.ok(member);
    return readAt(file, member.offset, member.size);
  } finally {
    closeSync(file);
  }
}

async function unpacked(...chunks: readonly Uint8Array[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of unpackXz(chunks)) parts.push(part);
  return Buffer.concat(parts);
}

test("in pieces of any size it is the same archive", async () => {
  const whole = await unpacked(packed);
  assert.equal(whole.length, CONTROL_BYTES);
  assert.equal(whole.toString("latin1", 257, 262), "ustar");
  for (const size of [1, 7, 1_000]) {
    const count = Math.ceil(packed.length / size);
    const pieces = Array.from({ length: count }, (_, i) => packed.subarray(i * size, (i + 1) * size));
    assert.deepEqual(await unpacked(new Uint8Array(), ...pieces), whole);
  }
  const [one, other] = await Promise.all([unpacked(packed), unpacked(packed)]);
  assert.deepEqual([one, other], [whole, whole], "side by side");
});

test("streams in a row are one, also where they are more than the decoder's room", async () => {
  const count = 40;
  const whole = await unpacked(packed);
  const row = Buffer.concat(Array.from({ length: count }, () => packed));
  assert.deepEqual(await unpacked(row), Buffer.concat(Array.from({ length: count }, () => whole)));
});

test("cut off, changed or empty it is refused", async () => {
  for (let length = 0; length < packed.length; length += 61) {
    await assert.rejects(unpacked(packed.subarray(0, length)), /^Error: xz: /);
    const changed = packed.slice();
    changed[length] = (changed[length] ?? 0) ^ 0x81;
    await assert.rejects(unpacked(changed), /^Error: xz: /);
  }
});
