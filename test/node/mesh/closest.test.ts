import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { closestFirst } from "../../../node/mesh/closest.ts";
import { spread } from "../../../protocol/peer/index.ts";
import { LOOKUP_PEERS, sha256 } from "../../../protocol/index.ts";

test("closest: who has the key's own id comes first, and the order is that of the distance", async () => {
  const peers = await Promise.all(
    Array.from({ length: 12 }, async () => peerIdFromPrivateKey(await generateKeyPair("Ed25519"))),
  );
  for (const wanted of peers) {
    const target = sha256(wanted.toMultihash().bytes);
    const distances = closestFirst(peers, target).map((peer) =>
      BigInt(
        `0x${Buffer.from(sha256(peer.toMultihash().bytes).map((octet, i) => octet ^ (target[i] ?? 0))).toString("hex")}`,
      ),
    );
    assert.equal(distances[0], 0n);
    assert.deepEqual(
      distances,
      [...distances].sort((a, b) => (a < b ? -1 : 1)),
    );
  }
});

test("closest: a neighbourhood gives two answers, however many peers it has; the exempt give all", () => {
  const rented = Array.from({ length: 50 }, (_, i) => `rented ${i}`);
  const others = Array.from({ length: 5 }, (_, i) => `other ${i}`);
  const place = (peer: string): string | null => (peer.startsWith("rented") ? "203.0.113" : peer);
  assert.deepEqual(spread([...rented, ...others], place), ["rented 0", "rented 1", ...others]);
  assert.equal(spread(rented, () => null).length, LOOKUP_PEERS);
  assert.deepEqual(spread([], place), []);
});
