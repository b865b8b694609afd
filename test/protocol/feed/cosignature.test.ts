import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromHex, fromUtf8, toHex } from "../../../protocol/bytes/index.ts";
import { NOTE_COSIGNATURE, NOTE_ED25519, noteKeyId, parseVkey } from "../../../protocol/crypto/index.ts";
import {
  cosignatureLine,
  cosignatureMessage,
  isCosignatureOf,
  originHash,
  parseCheckpoint,
  parseNote,
  parseOrigin,
  verifyCosignature,
  verifyCosignatureLine,
  verifyNote,
  withSignatureLine,
} from "../../../protocol/feed/index.ts";
import { codeOf, flipped, refused, testFeed, text, vector, vectorBytes } from "./cases.ts";

interface Armored {
  checkpoints: string[];
  witnessVkeys: string[];
  logs: { origin: string; type: string; vkey: string }[];
}

const armored = vector("tlog/cosignature/armored-witness.json") as Armored;

test("four production cosignatures of Armored Witness, by keys published with type 01", () => {
  const witnesses = armored.witnessVkeys.map(parseVkey);
  const times = armored.checkpoints.map((note) =>
    witnesses.flatMap((witness) => {
      const time = verifyCosignature(text(note), witness);
      return time === null ? [] : [`${witness.name} ${new Date(time * 1000).toISOString().slice(0, 10)}`];
    }),
  );
  assert.deepEqual(times, [
    ["ArmoredWitness-floral-sky 2024-10-23", "ArmoredWitness-weathered-rain 2024-10-23"],
    ["ArmoredWitness-autumn-wood 2025-02-05", "ArmoredWitness-small-breeze 2025-02-05"],
  ]);
});

test("the log's own line beside them verifies as a plain signature", () => {
  const log = armored.logs.find(({ origin }) => armored.checkpoints[0]?.startsWith(`${origin}\n`));
  assert.ok(log);
  const key = parseVkey(log.vkey);
  assert.deepEqual(verifyNote(parseNote(text(armored.checkpoints[0] ?? "")), [key]), [key]);
});

test("C2SP's and sunlight's cosignatures, by vkeys of type 04", () => {
  const witness = JSON.parse(fromUtf8(vectorBytes("tlog/tiles-300/witness.json"))) as {
    verifier_keys: string[];
  };
  const mirror = JSON.parse(fromUtf8(vectorBytes("tlog/tiles-300/mirror.json"))) as {
    verifier_keys: string[];
  };
  for (const [path, vkey] of [
    ["tlog/tiles-300/witness-checkpoint-ct-and-cosig.txt", witness.verifier_keys[0]],
    ["tlog/tiles-300/checkpoint", mirror.verifier_keys[0]],
  ] as const) {
    const key = parseVkey(vkey ?? "");
    assert.equal(key.type, NOTE_COSIGNATURE);
    assert.equal(verifyCosignature(vectorBytes(path), key), Date.parse("2025-12-31T00:00:00Z") / 1000);
    // A cosignature is never taken for a signature over the text itself.
    refused("note/unsigned", () => verifyNote(parseNote(vectorBytes(path)), [key]));
  }
});

test("any changed octet of a cosigned checkpoint is refused, or leaves this cosigner unknown", () => {
  const note = text(armored.checkpoints[0] ?? "");
  const witness = parseVkey(armored.witnessVkeys.find((vkey) => vkey.includes("floral-sky")) ?? "");
  const lines = armored.checkpoints[0]?.split("\n") ?? [];
  const ours = text(lines.slice(0, -2).join("\n")).length;
  const codes = new Set<string | null>();
  for (const { bytes, at } of flipped(note)) {
    const code = codeOf(() => {
      const time = verifyCosignature(bytes, witness);
      // What stands between the body and our line is of others.
      const others = at > text(lines.slice(0, 4).join("\n")).length && at < ours;
      if (!others) assert.equal(time, null, `octet ${at}`);
    });
    codes.add(code);
  }
  assert.ok(
    codes.has("cosignature/bad-signature") &&
      codes.has("note/malformed") &&
      codes.has("checkpoint/malformed"),
  );
});

const body = text("log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
const feed = testFeed(3);
const cosigner = { name: "witness.example/w", raw: feed.key };

test("the message and the line, octet by octet", () => {
  const time = 1_700_000_000;
  assert.deepEqual(cosignatureMessage(time, body), concat(text("cosignature/v1\ntime 1700000000\n"), body));
  const line = cosignatureLine(cosigner, time, feed.sign(cosignatureMessage(time, body)));
  assert.deepEqual(line.keyId4, noteKeyId(cosigner.name, NOTE_COSIGNATURE, cosigner.raw));
  assert.deepEqual(line.signature.subarray(0, 8), Uint8Array.of(0, 0, 0, 0, 0x65, 0x53, 0xf1, 0x00));
  assert.equal(line.signature.length, 72);
  assert.equal(verifyCosignatureLine(body, line, cosigner), time);
  assert.ok(isCosignatureOf(line, cosigner));
  refused("bytes/bad-decimal", () => cosignatureMessage(-1, body));
  refused("bytes/bad-decimal", () => cosignatureMessage(1.5, body));
});

test("lines of others, of other lengths, of other times or bodies", () => {
  const time = 1_700_000_000;
  const signature = feed.sign(cosignatureMessage(time, body));
  const line = cosignatureLine(cosigner, time, signature);
  refused("cosignature/malformed", () => verifyCosignatureLine(body, { ...line, name: "other" }, cosigner));
  refused("cosignature/malformed", () =>
    verifyCosignatureLine(body, line, { ...cosigner, raw: testFeed(4).key }),
  );
  for (const blob of [
    signature,
    concat(line.signature, text("x")),
    line.signature.subarray(1),
    new Uint8Array(0),
  ]) {
    refused("cosignature/malformed", () =>
      verifyCosignatureLine(body, { ...line, signature: blob }, cosigner),
    );
  }
  const huge = new Uint8Array(72).fill(255);
  refused("cosignature/malformed", () => verifyCosignatureLine(body, { ...line, signature: huge }, cosigner));
  refused("cosignature/bad-signature", () => verifyCosignatureLine(text("log\n2\n"), line, cosigner));
  const later = cosignatureLine(cosigner, time + 1, signature);
  refused("cosignature/bad-signature", () => verifyCosignatureLine(body, later, cosigner));
  // A signature over the body alone is not a cosignature of any time.
  const plain = cosignatureLine(cosigner, time, feed.sign(body));
  refused("cosignature/bad-signature", () => verifyCosignatureLine(body, plain, cosigner));
});

test("the newest of several lines of one cosigner counts, and all must hold", () => {
  const note = text(armored.checkpoints[0] ?? "");
  const { body } = parseCheckpoint(note);
  assert.equal(verifyCosignature(note, cosigner), null);
  const lineAt = (time: number) => cosignatureLine(cosigner, time, feed.sign(cosignatureMessage(time, body)));
  const once = withSignatureLine(note, lineAt(1000));
  assert.equal(verifyCosignature(once, cosigner), 1000);
  assert.equal(verifyCosignature(withSignatureLine(once, lineAt(2000)), cosigner), 2000);
  const whole = fromUtf8(once);
  const ours = whole.slice(whole.lastIndexOf("—"));
  const twice = text(fromUtf8(withSignatureLine(note, lineAt(2000))) + ours);
  assert.equal(verifyCosignature(twice, cosigner), 2000);
  const bad = cosignatureLine(cosigner, 3000, new Uint8Array(64));
  const spoilt = text(fromUtf8(withSignatureLine(note, bad)) + ours);
  refused("cosignature/bad-signature", () => verifyCosignature(spoilt, cosigner));
});

interface OurMessages {
  key: string;
  origin: string;
  originHash: string;
  body: string;
  time: number;
  cosignatureMessage: string;
  keyId01: string;
  keyId04: string;
  timeBlob: string;
}

test("our vectors: origin, messages, key ids and the octets of a time line", () => {
  const ours = vector("feed/messages.json") as OurMessages;
  const self = { name: ours.origin, raw: parseOrigin(ours.origin).key };
  assert.deepEqual([toHex(self.raw), toHex(originHash(ours.origin))], [ours.key, ours.originHash]);
  assert.equal(fromUtf8(cosignatureMessage(ours.time, text(ours.body))), ours.cosignatureMessage);
  const line = cosignatureLine(self, ours.time, fromHex(ours.timeBlob).slice(8));
  assert.deepEqual([toHex(line.keyId4), toHex(line.signature)], [ours.keyId04, ours.timeBlob]);
  assert.equal(toHex(noteKeyId(self.name, NOTE_ED25519, self.raw)), ours.keyId01);
  assert.equal(verifyCosignatureLine(text(ours.body), line, self), ours.time);
});
