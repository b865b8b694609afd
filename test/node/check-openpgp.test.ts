/** OpenPGP's signatures as a node checks them: in the worker, whatever they are, and beside everything else (R30). */
import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { after, test } from "node:test";
import fc from "fast-check";
import { openChecker } from "../../node/check.ts";
import {
  concat,
  ed25519Key,
  MAX_CHECK_ITEMS,
  openPgpTail,
  publicFromSeed,
  readOpenPgpSignature,
  signDomain,
  utf8,
  verifySignature,
} from "../../protocol/index.ts";
import type { SignatureItem } from "../../protocol/index.ts";
import { openPgpSigner } from "../openpgp-keys.ts";

const checker = openChecker();
after(() => checker.close());

const DOCUMENT = utf8(`${"0".repeat(64)}  hello_2.10-3_amd64.deb\n`);
const signers = await Promise.all([
  openPgpSigner({ type: "curve25519" }),
  openPgpSigner({ type: "rsa", rsaBits: 2048 }),
  openPgpSigner({ type: "ecc", curve: "nistP256" }),
]);
const good = await Promise.all(
  signers.map(async ({ key, sign }): Promise<SignatureItem> => itemOf(key, await sign(DOCUMENT))),
);
const [curve, rsa, p256] = good;
assert.ok(curve && rsa && p256);

/** A packet over the document, with what such a signature adds to it. */
function itemOf(key: SignatureItem["key"], packet: Uint8Array, document = DOCUMENT): SignatureItem {
  const { signed } = readOpenPgpSignature(packet);
  return { key, message: concat(document, openPgpTail(signed)), signature: packet };
}

function flipped(octets: Uint8Array, at: number): Uint8Array {
  const changed = octets.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

test("of each kind of key what it signed holds, and with an octet of the document or the number changed does not", async () => {
  const bad = good.flatMap((item) => [
    { ...item, message: flipped(item.message, 3) },
    { ...item, signature: flipped(item.signature, item.signature.length - 2) },
  ]);
  const others = good.map((item, i) => ({ ...item, key: good[(i + 1) % good.length]?.key ?? item.key }));
  const answers = await checker.check([...good, ...bad, ...others]);
  assert.deepEqual(answers, [...good.map(() => true), ...bad.map(() => false), ...others.map(() => false)]);
});

test("one batch may have all kinds of keys, each answered in its place", async () => {
  const seed = new Uint8Array(32).fill(3);
  const message = utf8("DSSEv1 x");
  const plain = { key: ed25519Key(publicFromSeed(seed)), message, signature: signDomain(seed, message) };
  const answers = await checker.check([
    plain,
    curve,
    { ...plain, signature: flipped(plain.signature, 5) },
    rsa,
    { ...curve, signature: new Uint8Array(0) },
    p256,
    plain,
  ]);
  assert.deepEqual(answers, [true, true, false, true, false, true, true]);
});

test("what is oversized holds or not as anything else does, and takes nothing down", async () => {
  const large = new Uint8Array(4 * 1024 * 1024).fill(7);
  const [signer] = signers;
  const signed = itemOf(signer.key, await signer.sign(large), large);
  const padded = { ...curve, signature: concat(curve.signature, new Uint8Array(1024 * 1024)) };
  const answers = await checker.check([signed, padded, { ...curve, signature: large }, curve]);
  assert.deepEqual(answers, [true, false, false, true]);
});

test("hostile packets are answered with no, and the worker goes on", async () => {
  // Lengths: of the hashed subpackets, of the first of them, of the number.
  const places = [
    [curve, 4],
    [curve, 6],
    [rsa, rsa.signature.length - 258],
  ] as const;
  const lengths = places.flatMap(([item, at]) =>
    [0xffff, 0x8000, 1].map((claimed) => {
      const packet = item.signature.slice();
      packet[at] = claimed >> 8;
      packet[at + 1] = claimed & 255;
      return { ...item, signature: packet };
    }),
  );
  assert.deepEqual(await checker.check([...lengths, curve]), [...lengths.map(() => false), true]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...good),
      fc.array(fc.tuple(fc.nat(1_023), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(1_023),
      async (item, changes, cut) => {
        const packet = item.signature.slice(0, Math.max(1, cut % (item.signature.length + 1)));
        for (const [at, octet] of changes) packet[at % packet.length] = octet;
        const [holds, still] = await checker.check([{ ...item, signature: packet }, item]);
        // The unhashed part and the two octets of the digest are nobody's word, so that it may hold all the same.
        assert.equal(holds, await verifySignature(item.key, item.message, packet));
        assert.equal(still, true);
      },
    ),
    { numRuns: 60 },
  );
});

test("the event loop only hands over and takes back: nothing is hashed or checked there, and others have their turn meanwhile", async () => {
  const jobs: string[] = [];
  const hook = createHook({
    init: (_id, type) => {
      if (/^(HASH|SIGN|VERIFY|CHECKPRIME|DERIVE)/.test(type)) jobs.push(type);
    },
  });
  const items = Array.from({ length: MAX_CHECK_ITEMS }, (_, i) => good[i % good.length] ?? curve);
  const events: string[] = [];
  hook.enable();
  const turn = (): void => {
    if (events.includes("answered")) return;
    events.push("turn");
    setImmediate(turn);
  };
  setImmediate(turn);
  const answers = checker.check(items).then((all) => {
    events.push("answered");
    return all;
  });
  events.push("asked");
  assert.ok((await answers).every((holds) => holds));
  assert.deepEqual([events[0], events.at(-1)], ["asked", "answered"]);
  assert.ok(events.includes("turn"));
  assert.deepEqual(jobs, []);
  assert.equal(await verifySignature(curve.key, curve.message, curve.signature), true);
  hook.disable();
  assert.ok(jobs.length > 0, "and had it been done here, it would have been seen");
});
