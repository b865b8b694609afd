import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { legacyKey, parseAttestation } from "../../../protocol/attestation/index.ts";
import { fromUtf8, toHex } from "../../../protocol/bytes/index.ts";
import { parsePublicKey } from "../../../protocol/crypto/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { origin } from "../../../protocol/feed/index.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");
const vector = (path: string): Uint8Array => new Uint8Array(readFileSync(join(VECTORS, path)));
const debianKey = parsePublicKey(fromUtf8(vector("keys/reproduce-debian-net-amd64.pub")));
const link = vector("rebuilderd/librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto.link");
const FILE = "librust-as-slice-dev_0.2.1-1+b2_amd64.deb";

const carrier = new Builder(1);
const author = new Builder(2);
const CARRIER = origin(NETWORK, carrier.key.raw);

function carrying(rig: Rig, ...entries: Uint8Array[]): RigPeer {
  const peer = rig.peer("carrier", { seed: carrier.seed, first: true, follow: { builders: [debianKey] } });
  const result = peer.publish(...entries);
  assert.equal(result?.ok, true);
  return peer;
}

test("a link of reproduce.debian.net, carried verbatim, is found by digest and by signer and file name (R5)", () => {
  const rig = new Rig();
  const peer = carrying(rig, link);
  const [claim] = parseAttestation(link).claims;
  const digest = claim?.sha256 ?? assert.fail();
  const byDigest = peer.find({ digests: [digest], builders: [debianKey.raw] });
  assert.deepEqual(
    byDigest.found.map(({ entry }) => entry),
    [link],
  );
  assert.equal(toHex(byDigest.found[0]?.signer ?? assert.fail()), toHex(debianKey.raw));
  const byName = peer.find({ targets: [legacyKey(debianKey.raw, FILE)], builders: [debianKey.raw] });
  assert.equal(byName.found.length, 1);
  assert.deepEqual(peer.find({ targets: [legacyKey(author.key.raw, FILE)] }).found, []);
});

test("a follower of the carrier alone shows a carried attestation to who names its builder's key", () => {
  const rig = new Rig();
  const peer = carrying(rig, link, author.link(packageNumber(1), "same"));
  const follower = rig.peer("f", { follow: { origins: [CARRIER] } });
  rig.connect(peer, follower);
  rig.pass(2_000);
  const [claim] = parseAttestation(link).claims;
  const digests = [claim?.sha256 ?? assert.fail()];
  assert.equal(follower.find({ digests, builders: [debianKey.raw] }).found.length, 1);
  assert.deepEqual(follower.find({ digests, builders: [author.key.raw] }).found, []);
  const targets = [packageNumber(1).key];
  assert.equal(follower.find({ targets, builders: [author.key.raw] }).found.length, 1);
  assert.deepEqual(follower.findings, [], "carrying is no offence");
});

test("carried links go into the DHT under digest and file name, and are found there when the carrier is gone", () => {
  const rig = new Rig();
  const storer = rig.peer("s");
  const peer = carrying(rig, link);
  rig.connect(peer, storer);
  rig.pass(5_000);
  assert.equal(storer.status().records, 4);
  peer.stop();
  rig.peers.delete(peer.name);
  const light = rig.peer("light", { light: true });
  const targets = [legacyKey(debianKey.raw, FILE)];
  const found = light.find({ targets, builders: [debianKey.raw] }, true);
  assert.deepEqual(
    found.found.map(({ entry }) => entry),
    [link],
  );
});
