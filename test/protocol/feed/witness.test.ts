/** The recorded requests of a witness (torchwood, litewitness), and what no sequence of requests may bring about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../../protocol/bytes/index.ts";
import { parseVkey, toVkey } from "../../../protocol/crypto/index.ts";
import type { Vkey } from "../../../protocol/crypto/index.ts";
import {
  cosignatureLine,
  cosignatureMessage,
  decideAddCheckpoint,
  parseNote,
  readAddCheckpoint,
  verifyCosignature,
  verifyNote,
  withSignatureLine,
} from "../../../protocol/feed/index.ts";
import type { WitnessDecision, Witnessed } from "../../../protocol/feed/index.ts";
import { refused, testFeed, text, vector } from "./cases.ts";

interface Recorded {
  logKeyHex: string;
  requests: { body: string; status: number; assert: string }[];
  sumdb: { vkey: string; origin: string; requests: { body: string; status: number }[] };
}

const recorded = vector("tlog/witness/add-checkpoint.json") as Recorded;
const ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
const sigsum = parseVkey(toVkey(ORIGIN, fromHex(recorded.logKeyHex)));
const bodies = recorded.requests.map(({ body }) => body);

const STATUS: Readonly<Record<WitnessDecision["kind"], number>> = {
  cosign: 200,
  "unknown-origin": 404,
  unsigned: 403,
  "old-too-large": 400,
  conflict: 409,
  "not-consistent": 422,
};

function decide(body: string, keys: ReadonlyMap<string, Vkey>, held: Witnessed | null): WitnessDecision {
  const request = readAddCheckpoint(text(body));
  const key = keys.get(request.body.origin);
  return decideAddCheckpoint(request, key === undefined ? null : [key], held);
}

const known = new Map([[ORIGIN, sigsum]]);

/** What a witness holds after the recorded requests up to this one. */
function heldAfter(count: number): Witnessed | null {
  let held: Witnessed | null = null;
  for (const body of bodies.slice(0, count)) {
    const decision = decide(body, known, held);
    if (decision.kind === "cosign") held = decision.next;
  }
  return held;
}

test("the nine recorded requests, with today's 404 where the older text has 403 for an origin that is not known", () => {
  const expected = recorded.requests.map(({ status, assert: said }) =>
    said.includes("unknown log") ? 404 : status,
  );
  const decisions = bodies.map((body, i) => decide(body, known, heldAfter(i)));
  assert.deepEqual(
    decisions.map(({ kind }) => STATUS[kind]),
    expected,
  );
  assert.deepEqual(expected, [200, 403, 404, 422, 422, 200, 409, 200, 409]);
  assert.deepEqual(
    [decisions[6], decisions[8]],
    [
      { kind: "conflict", size: 3 },
      { kind: "conflict", size: 5 },
    ],
  );
});

test("a checkpoint of the Go checksum database", () => {
  const { vkey, origin, requests } = recorded.sumdb;
  const keys = new Map([[origin, parseVkey(vkey)]]);
  assert.deepEqual(
    requests.map(({ body }) => STATUS[decide(body, keys, null).kind]),
    requests.map(({ status }) => status),
  );
});

test("what is answered goes beside the log's own line, and both hold for whoever has the two keys", () => {
  const { body, bytes } = readAddCheckpoint(text(bodies[0] ?? ""));
  const { key, sign } = testFeed(9);
  const witness = { name: "example.com/witness", raw: key };
  const octets = text(parseNote(bytes).text);
  const line = cosignatureLine(witness, 1_700_000_000, sign(cosignatureMessage(1_700_000_000, octets)));
  const cosigned = withSignatureLine(bytes, line);
  assert.equal(body.size, 1);
  assert.deepEqual(verifyNote(parseNote(cosigned), [sigsum]), [sigsum]);
  assert.equal(verifyCosignature(cosigned, witness), 1_700_000_000);
});

test("an old size above the checkpoint's is 400, whatever is held", () => {
  const body = bodies[0]?.replace("old 0", "old 2") ?? "";
  assert.equal(decide(body, known, null).kind, "old-too-large");
});

test("the same size with another root is a conflict, as of today's text", () => {
  const held = heldAfter(1);
  assert.ok(held);
  const other = { size: 1, root: new Uint8Array(32).fill(7) };
  const again = bodies[0]?.replace("old 0", "old 1") ?? "";
  assert.equal(decide(again, known, held).kind, "cosign");
  assert.deepEqual(decide(again, known, other), { kind: "conflict", size: 1 });
});

test("of two requests that were both fit for one state, the second is decided anew: the smaller never follows the larger", () => {
  // The race of the specification: A leads from 1 to 3, B from 1 to what is larger; whichever is written first, the other conflicts.
  const start = heldAfter(1);
  const a = bodies[5] ?? "";
  const first = decide(a, known, start);
  assert.ok(first.kind === "cosign");
  const b = bodies[7] ?? "";
  const second = decide(b, known, first.next);
  assert.ok(second.kind === "cosign");
  assert.deepEqual(decide(a, known, second.next), { kind: "conflict", size: 5 });
});

test("what is no request", () => {
  const [body = ""] = bodies;
  const hash = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  for (const bad of [
    body.replace("old 0", "old 00"),
    body.replace("old 0", "old -1"),
    body.replace("old 0", "old  0"),
    body.replace("old 0", "Old 0"),
    body.replace("old 0\n", "old 0\n!\n"),
    body.replace("old 0\n", `old 0\n${hash.repeat(64)}`),
    "old 0\n",
    " ".repeat(20_481),
  ]) {
    refused("witness/malformed", () => readAddCheckpoint(text(bad)), bad.slice(0, 40));
  }
  refused("witness/malformed", () => readAddCheckpoint(text("old 0\n\nno note\n")));
  refused("checkpoint/malformed", () => readAddCheckpoint(text("old 0\n\nno\ntext\n\n— a AAAA\n")));
  assert.equal(
    readAddCheckpoint(text(body.replace("old 0\n", `old 0\n${hash.repeat(63)}`))).proof.length,
    63,
  );
});
