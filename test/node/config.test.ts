import assert from "node:assert/strict";
import { readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openCarrier } from "../../node/carrier.ts";
import { checkConfig, defaultConfig, lightConfig } from "../../node/config.ts";
import { openOwnFeed } from "../../node/own-feed.ts";
import { openSigner } from "../../node/signer.ts";
import { openWitness } from "../../node/witness-key.ts";
import { ownHeadFile } from "../../node/store/index.ts";
import { ed25519Key, origin, toHex, toPkcs8Pem, utf8, verifyEd25519 } from "../../protocol/index.ts";
import { newFolder } from "./folder.ts";

const pem = toPkcs8Pem(new Uint8Array(32).fill(1));

test("config: what no node can start with is refused with a code", () => {
  const good = defaultConfig("/nowhere");
  checkConfig(good);
  checkConfig(lightConfig("main", []));
  assert.throws(() => checkConfig({ ...good, network: "Main!" }), { code: "config/bad-network" });
  assert.throws(() => checkConfig({ ...good, maxStoreBytes: 1 }), { code: "config/out-of-range" });
  assert.throws(() => checkConfig({ ...good, maxFollowedBytes: 1 }), { code: "config/out-of-range" });
  assert.throws(() => checkConfig({ ...good, first: true }), { code: "config/out-of-range" });
  assert.throws(() => checkConfig({ ...good, dataDir: null }), { code: "config/out-of-range" });
});

test("signer: signs our formats and nothing else", () => {
  const signer = openSigner(pem, "key");
  const message = utf8("DSSEv1 0  0 ");
  assert.equal(verifyEd25519(signer.publicKey, message, signer.sign(message)), true);
  assert.throws(() => signer.sign(utf8("hello")), { code: "key/foreign-domain" });
  assert.throws(() => openSigner("not a key", "key"), { code: "data/bad-key" });
});

test("witness key: signs cosignatures alone, and is none of a feed or a builder", () => {
  const config = { ...defaultConfig("/nowhere"), witnessKey: pem };
  const opened = openWitness(config, null);
  assert.ok(opened);
  const message = utf8("cosignature/v1\n");
  assert.equal(verifyEd25519(opened.cosigner.raw, message, opened.signer.sign(message)), true);
  assert.throws(() => opened.signer.sign(utf8("DSSEv1 0  0 ")), { code: "data/bad-key" });
  assert.equal(openWitness(defaultConfig("/nowhere"), null), null);
  const key = ed25519Key(opened.cosigner.raw);
  const follow = { all: false, origins: [], builders: [] };
  const used = { code: "config/out-of-range", message: /--witness-key is the key of a feed or of a builder/ };
  assert.throws(() => openWitness(config, key.raw), used);
  assert.throws(() => openWitness({ ...config, follow: { ...follow, builders: [key] } }, null), used);
  const origins = [origin("main", key.raw)];
  assert.throws(() => openWitness({ ...config, follow: { ...follow, origins } }, null), used);
});

test("carrier: a key that did not begin its feed yet is offered again, one that did is not fresh", async () => {
  const folder = await newFolder();
  const first = await openCarrier(folder);
  const again = await openCarrier(folder);
  assert.deepEqual([first.fresh, again.fresh, again.pem], [true, true, first.pem]);
  await again.begun();
  const later = await openCarrier(folder);
  assert.deepEqual([later.fresh, later.pem], [false, first.pem]);
  assert.deepEqual(await readdir(folder), ["carrier.key"]);
  assert.equal((await stat(join(folder, "carrier.key"))).mode & 0o777, 0o600);
});

test("own feed: a carrier's begins by itself once, and never after its own head was there", async () => {
  const folder = await newFolder();
  const config = defaultConfig(folder);
  const own = await openOwnFeed(config);
  assert.equal(own.first, true);
  await own.begun();
  // Nothing was written by the engine: the feed has not begun.
  assert.equal((await openOwnFeed(config)).first, true);
  await own.ownHead.swap(null, utf8("head"));
  // A crash before `begun`: the own head decides.
  assert.equal((await openOwnFeed(config)).first, false);
  await own.begun();
  await rename(join(folder, "own-head"), join(folder, "own-head.away"));
  assert.equal((await openOwnFeed(config)).first, false);
});

test("own feed: --first is refused where the feed was begun, and a light peer has none", async () => {
  const folder = await newFolder();
  const config = { ...defaultConfig(folder), publishKey: pem, first: true };
  assert.equal((await openOwnFeed(config)).first, true);
  await ownHeadFile(folder, toHex(openSigner(pem, "key").publicKey)).swap(null, utf8("head"));
  await assert.rejects(openOwnFeed(config), { code: "own-head/begun" });
  assert.equal((await openOwnFeed({ ...config, first: false })).first, false);
  assert.equal((await openOwnFeed(lightConfig("main", []))).signer, null);
});

test("own feed: a folder that cannot be written says so", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "file"), "in the way");
  await assert.rejects(openOwnFeed(defaultConfig(join(folder, "file"))), { code: "data/unusable" });
});
