/** Trust domains in the mesh: who has pinned one carries it, who knows its fingerprint finds him, and liars cost little (DESIGN 4.5, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../protocol/bytes/index.ts";
import {
  CARRIER_ASK_MS,
  DOMAIN_NAME_BYTES,
  MAX_CARRIED_BYTES,
  MAX_CARRIERS,
  MAX_TARGET_FILE_BYTES,
  PROVIDER_MS,
} from "../../../protocol/limits.ts";
import { readTilesRequest, writeTilesAnswer, writeTilesRequest } from "../../../protocol/wire/index.ts";
import type { TilesAnswer } from "../../../protocol/wire/index.ts";
import { throwsCode } from "../attestation/made.ts";
import { Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";

const DOMAIN = new Uint8Array(DOMAIN_NAME_BYTES).fill(7);
const ROOT = utf8('{"signed":"root"}\n');
/** More than one answer holds. */
const LONG = new Uint8Array(MAX_TARGET_FILE_BYTES).map((_, i) => i % 251);
const FILE = `files/${"ab".repeat(32)}`;
const DOCUMENTS: ReadonlyMap<string, Uint8Array> = new Map([
  ["1.root.json", ROOT],
  ["targets.json", utf8("{}")],
  [FILE, LONG],
]);
const WHOLE = { domain: DOMAIN, path: FILE, most: MAX_TARGET_FILE_BYTES };

function carrier(rig: Rig, name = "carrier"): RigPeer {
  const peer = rig.peer(name);
  assert.deepEqual(peer.command({ do: "carry", domain: DOMAIN, documents: DOCUMENTS }), {
    ok: true,
    do: "carry",
  });
  return peer;
}

/** Who carries it, as one peer finds out, and after how many ms, in steps of 100. */
function carriers(
  rig: Rig,
  peer: RigPeer,
  withinMs: number,
  except: readonly string[] = [],
): { readonly peers: readonly string[]; readonly took: number } {
  const began = rig.now;
  const results = (): readonly (readonly string[])[] =>
    peer.seen.flatMap((effect) =>
      effect.kind === "done" && effect.result.ok && effect.result.do === "carriers"
        ? [effect.result.peers]
        : [],
    );
  const before = results().length;
  peer.command({ do: "carriers", domain: DOMAIN, deadline: began + withinMs, except });
  while (results().length === before && rig.now < began + 2 * withinMs) rig.pass(100);
  const found = results()[before];
  assert.ok(found !== undefined);
  return { peers: found, took: rig.now - began };
}

function fetched(peer: RigPeer, from: string, wanted: typeof WHOLE): Uint8Array | null | string {
  const result = peer.command({ do: "fetch", from, ...wanted });
  assert.ok(result !== null);
  if (!result.ok) return result.code;
  assert.ok(result.do === "fetch");
  return result.bytes;
}

/** A peer that answers questions about domains so. */
function stub(
  rig: Rig,
  name: string,
  answer: (from: number) => Partial<TilesAnswer> | null | "silent",
): Stub {
  return rig.stub(name, (stream, bytes) => {
    const request = stream === "tiles" ? readTilesRequest(bytes) : null;
    if (request?.kind !== "domain") return null;
    const given = answer(request.from);
    return given === null || given === "silent"
      ? given
      : writeTilesAnswer({ blobs: [], next: 0, code: "", ...given });
  });
}

test("a newcomer that knows one peer, which has nothing, finds who carries a domain, and fetches it in pages", () => {
  const rig = new Rig();
  const bootstrap = rig.peer("bootstrap");
  rig.connect(carrier(rig), bootstrap);
  rig.pass(2_000);
  const newcomer = rig.peer("newcomer", { light: true });
  rig.connect(newcomer, bootstrap);
  assert.deepEqual(carriers(rig, newcomer, 20_000).peers, ["carrier"]);
  assert.deepEqual(fetched(newcomer, "carrier", WHOLE), LONG);
  assert.deepEqual(fetched(newcomer, "carrier", { ...WHOLE, path: "1.root.json" }), ROOT);
  assert.equal(fetched(newcomer, "carrier", { ...WHOLE, path: "2.root.json" }), null);
  assert.equal(fetched(newcomer, "bootstrap", WHOLE), null);
  assert.equal(fetched(newcomer, "carrier", { ...WHOLE, domain: new Uint8Array(DOMAIN_NAME_BYTES) }), null);
});

test("a domain is told of again before its records expire, and no more when it is not carried", () => {
  const rig = new Rig();
  const peer = carrier(rig);
  rig.connect(
    peer,
    rig.stub("quiet", () => null),
  );
  const told = (): number => peer.seen.filter(({ kind }) => kind === "provide").length;
  rig.pass(2_000);
  assert.equal(told(), 2, "both slots, at once");
  for (let hours = 0; hours < 48; hours++) {
    const before = told();
    for (let i = 0; i < PROVIDER_MS / 3_600_000 / 2; i++) rig.pass(3_600_000);
    assert.ok(told() > before, `after ${hours} hours`);
    hours += PROVIDER_MS / 3_600_000 / 2;
  }
  assert.equal(peer.status().counters.get("domains-provided"), told() / 2);
  peer.command({ do: "carry", domain: DOMAIN, documents: new Map() });
  const last = told();
  rig.pass(2 * PROVIDER_MS);
  assert.equal(told(), last);
  assert.equal(fetched(peer, "carrier", WHOLE), null);
});

test("newer documents stand in the place of older ones; what is too much is not carried at all", () => {
  const rig = new Rig();
  const peer = carrier(rig);
  const other = rig.peer("other");
  rig.connect(peer, other);
  const documents = new Map([["1.root.json", ROOT]]);
  peer.command({ do: "carry", domain: DOMAIN, documents });
  assert.equal(fetched(other, "carrier", WHOLE), null);
  const parts = MAX_CARRIED_BYTES / MAX_TARGET_FILE_BYTES;
  const full = new Map(Array.from({ length: parts }, (_, i) => [`files/${i}`, LONG] as const));
  const domain = DOMAIN.slice().fill(8);
  const refused = peer.command({ do: "carry", domain, documents: full });
  assert.equal(refused?.ok === false && refused.code, "peer/no-room");
  assert.deepEqual(fetched(other, "carrier", { ...WHOLE, path: "1.root.json" }), ROOT);
  peer.command({ do: "carry", domain: DOMAIN, documents: new Map() });
  assert.equal(peer.command({ do: "carry", domain, documents: full })?.ok, true, "its room is free again");
});

test("who is silent, empty or wrong is no carrier; the search ends when all have answered, or in time", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  rig.connect(peer, carrier(rig));
  rig.connect(
    peer,
    stub(rig, "empty", () => ({ code: "peer/not-held" })),
  );
  rig.connect(
    peer,
    stub(rig, "refuses", () => null),
  );
  rig.connect(
    peer,
    rig.stub("junk", (stream) => (stream === "tiles" ? Uint8Array.of(0xff) : null)),
  );
  const { peers, took } = carriers(rig, peer, 5_000);
  assert.deepEqual(peers, ["carrier"]);
  assert.ok(took < 1_000, "all have answered");
  assert.ok(peer.dropped.has("junk"));
  rig.connect(
    peer,
    stub(rig, "silent", () => "silent"),
  );
  const slow = carriers(rig, peer, CARRIER_ASK_MS / 2);
  assert.deepEqual(slow.peers, ["carrier"]);
  assert.ok(slow.took >= CARRIER_ASK_MS / 2 && slow.took < CARRIER_ASK_MS);
});

test("the DHT may name whom it likes: not more than so many are called, and those who most name first", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  rig.connect(
    peer,
    rig.stub("quiet", () => null),
  );
  const liars = 5 * MAX_CARRIERS;
  for (let i = 0; i < liars; i++) stub(rig, `liar-${i}`, () => ({ blobs: [utf8("lie")] }));
  peer.fault = (effect) => {
    if (effect.kind !== "providers") return null;
    const peers = Array.from({ length: liars }, (_, i) => ({ peer: `liar-${i}`, by: 1, net: `${i % 3}` }));
    peer.handle({ kind: "named", token: effect.token, peers });
    return "hang";
  };
  assert.ok(carriers(rig, peer, 20_000).peers.length <= MAX_CARRIERS);
  assert.ok(peer.seen.filter(({ kind }) => kind === "call").length <= 2 * MAX_CARRIERS);
});

test("16 connected liars who show the public first root leave places to the one whom the DHT names", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const honest = carrier(rig);
  for (let i = 0; i < MAX_CARRIERS; i++)
    rig.connect(
      peer,
      stub(rig, `liar-${i}`, () => ({ blobs: [ROOT] })),
    );
  // They are connected, quick, and many; it is neither.
  peer.fault = (effect) => {
    if (effect.kind !== "providers") return null;
    peer.handle({ kind: "named", token: effect.token, peers: [{ peer: honest.name, by: 3, net: "a" }] });
    return "hang";
  };
  const { peers } = carriers(rig, peer, 20_000);
  assert.equal(peers.length, MAX_CARRIERS);
  assert.ok(peers.slice(0, 2).includes("carrier"), "and it is asked before most of them");
  // Who brought nothing is passed over the next time: all places are free again.
  assert.deepEqual(carriers(rig, peer, 20_000, peers).peers.length, 1);
});

test("as many liars in the DHT, and one honest peer that is connected: it has its place, too", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  rig.connect(peer, carrier(rig));
  const liars = Array.from(
    { length: MAX_CARRIERS },
    (_, i) => stub(rig, `liar-${i}`, () => ({ blobs: [ROOT] })).name,
  );
  peer.fault = (effect) => {
    if (effect.kind !== "providers") return null;
    const named = liars.map((name, i) => ({ peer: name, by: 9, net: `${i}` }));
    peer.handle({ kind: "named", token: effect.token, peers: named });
    return "hang";
  };
  const { peers } = carriers(rig, peer, 20_000);
  assert.deepEqual([peers.length, peers.slice(0, 2).includes("carrier")], [MAX_CARRIERS, true]);
});

for (const [what, answer] of [
  ["never ends", (from: number) => ({ blobs: [LONG.subarray(0, 1_000)], next: from + 1_000 })],
  [
    "comes in crumbs",
    (from: number) => ({ blobs: [LONG.subarray(from, from + 200_000)], next: from + 200_000 }),
  ],
  ["goes back", () => ({ blobs: [LONG.subarray(0, 1_000)], next: 5 })],
  ["stands still", (from: number) => ({ blobs: [new Uint8Array(0)], next: from + 1 })],
  ["is too long", () => ({ blobs: [LONG.subarray(0, 900_001)] })],
] as const) {
  test(`a document that ${what} is no answer`, () => {
    const rig = new Rig();
    const peer = rig.peer("p");
    const liar = stub(rig, "liar", answer);
    rig.connect(peer, liar);
    assert.equal(fetched(peer, "liar", { ...WHOLE, most: 900_000 }), "peer/bad-answer");
    assert.ok(liar.questions.length <= 3, `${liar.questions.length} questions`);
  });
}

test("a question for a domain is exact: a fingerprint's beginning, a plain path, and an offset", () => {
  const good = { kind: "domain", domain: DOMAIN, path: "delegated/debian/kernel.json", from: 3 } as const;
  assert.deepEqual(readTilesRequest(writeTilesRequest(good)), good);
  for (const bad of [
    { domain: new Uint8Array(32) },
    { path: "" },
    { path: "../x" },
    { path: "/etc/passwd" },
    { path: "Targets.json" },
    { path: "a".repeat(256) },
    { from: MAX_TARGET_FILE_BYTES + 1 },
  ]) {
    throwsCode(() => writeTilesRequest({ ...good, ...bad }), "wire/bad-field");
  }
});
