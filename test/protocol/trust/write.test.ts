/** What we write: signed on one machine after the other, and read by tuf-js as it is by us. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Metadata, MetadataKind } from "@tufjs/models";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import {
  addSignature,
  fingerprintOf,
  firstRoot,
  keyIdPlain,
  nextRoot,
  ProtocolError,
  readTargets,
  signDomain,
  signersOf,
  readMetadata,
  sha256,
  utf8,
} from "../../../protocol/index.ts";
import { delegationTo, LATER, opened, owner, rootOf, signedBy, targetsOf } from "./domains.ts";
import type { Owner } from "./domains.ts";

const [alice, bob, carol, dave] = [owner(1), owner(2), owner(3), owner(4)];

test("owners sign on different machines, in any order, and once each", () => {
  const root = rootOf(1, [alice, bob, carol], 2);
  const ab = signedBy(signedBy(root, "root", alice), "root", bob);
  assert.deepEqual(signedBy(root, "root", bob, alice), ab);
  assert.deepEqual(signedBy(ab, "root", alice), ab, "signing again changes nothing");
  const role = firstRoot(ab, fingerprintOf(ab)).root;
  const one = readMetadata(signedBy(root, "root", carol), "root", 65_536);
  assert.deepEqual(
    signersOf(one, role).map(keyIdPlain),
    [keyIdPlain(carol.key)],
    "who has signed so far can be told",
  );
  assert.throws(
    () => addSignature(root, "root", [role], dave.key, (message) => signDomain(dave.seed, message)),
    (error) => error instanceof ProtocolError && error.code === "trust/not-a-signer",
  );
});

test("a place that a tool left for a signature is none, and is filled", () => {
  const root = rootOf(1, [alice, bob], 2);
  const document = opened(signedBy(root, "root", alice));
  document.signatures.push({ keyid: keyIdPlain(bob.key), sig: "" });
  const waiting = utf8(JSON.stringify(document));
  assert.throws(() => firstRoot(waiting, fingerprintOf(root)), { code: "trust/not-signed" });
  assert.equal(firstRoot(signedBy(waiting, "root", bob), fingerprintOf(root)).version, 1);
});

test("tuf-js walks our chain of roots, and takes our targets", () => {
  const chain: readonly [Owner[], Owner[]][] = [
    [
      [alice, bob, carol],
      [alice, bob],
    ],
    [
      [bob, carol, dave],
      [alice, bob, dave],
    ],
    [
      [bob, dave],
      [bob, carol, dave],
    ],
    [
      [bob, dave],
      [bob, dave],
    ],
  ];
  const documents = chain.map(([owners, by], i) => signedBy(rootOf(i + 1, owners, 2), "root", ...by));
  const [first = new Uint8Array(0), ...rest] = documents;
  const store = new TrustedMetadataStore(Buffer.from(first));
  let root = firstRoot(first, fingerprintOf(first));
  for (const bytes of rest) {
    root = nextRoot(root, bytes);
    assert.equal(store.updateRoot(Buffer.from(bytes)).signed.version, root.version);
  }
  const files = [{ path: "policy.toml", length: 3, sha256: sha256(utf8("abc")) }];
  const bytes = signedBy(
    targetsOf(1, { files, delegations: [delegationTo("debian", carol)] }),
    "targets",
    bob,
  );
  const theirs = Metadata.fromJSON(MetadataKind.Targets, opened(bytes) as never);
  store.root.verifyDelegate("targets", theirs);
  assert.deepEqual(Object.keys(theirs.signed.targets), [...readTargets(root, bytes).files.keys()]);
  assert.equal(theirs.signed.targets["policy.toml"]?.path, "policy.toml");
  const delegated = signedBy(targetsOf(1), "targets", carol);
  theirs.verifyDelegate("debian", Metadata.fromJSON(MetadataKind.Targets, opened(delegated) as never));
});

test("tuf-js refuses what we refuse of a chain", () => {
  const first = signedBy(rootOf(1, [alice, bob, carol], 2), "root", alice, bob);
  const one = firstRoot(first, fingerprintOf(first));
  const bad = [
    signedBy(rootOf(2, [bob, dave], 2), "root", bob, dave),
    signedBy(rootOf(2, [bob, dave], 2), "root", alice, bob),
    signedBy(rootOf(3, [alice, bob], 2), "root", alice, bob),
    signedBy(rootOf(1, [alice, bob], 2, { expires: LATER + 1_000 }), "root", alice, bob),
  ];
  for (const bytes of bad) {
    assert.throws(() => nextRoot(one, bytes), ProtocolError);
    assert.throws(() => new TrustedMetadataStore(Buffer.from(first)).updateRoot(Buffer.from(bytes)));
  }
});
