/** Which tools check a link as it is: what the real ones say of real links stands in reference vectors, the rest is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ed25519Key,
  jsonObject,
  keyIdPlain,
  linkReaders,
  parseAttestation,
  parsePublicKey,
  fromUtf8,
} from "../../../protocol/index.ts";
import type { LinkReaders } from "../../../protocol/index.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { linkOf } from "../../links.ts";
import type { LinkChoices } from "../../links.ts";
import { vector } from "./made.ts";

const alice = builder("alice");
const bob = builder("bob");
const key = ed25519Key(alice.raw);
const FILE = "hello_2.10-3_amd64.deb";

const readers = (choices: LinkChoices): LinkReaders =>
  linkReaders(parseAttestation(linkOf(alice, FILE, choices)), key);

test("real links are for clients of rebuilderd, and one whose signature is changed is for nobody", () => {
  const of = (link: string, pem: string): LinkReaders =>
    linkReaders(parseAttestation(vector(link)), parsePublicKey(fromUtf8(vector(pem))));
  // in-toto for Python refuses "environment": null
  const onlyRs = { rebuilderd: true, aptTransport: false };
  const deb = "rebuilderd/librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto.link";
  assert.deepEqual(of(deb, "keys/reproduce-debian-net-amd64.pub"), onlyRs);
  const arch = "rebuilderd/filesystem-2025.10.12-1-any";
  assert.deepEqual(of(`${arch}.in-toto.link`, "keys/reproducible-archlinux.pub"), onlyRs);
  const nobody = { rebuilderd: false, aptTransport: false };
  assert.deepEqual(of(`${arch}.INVALID.in-toto.link`, "keys/reproducible-archlinux.pub"), nobody);
  assert.deepEqual(of(deb, "keys/reproducible-archlinux.pub"), nobody, "another's key");
});

test("a link of the step rebuild whose first signature is the builder's is for apt-transport-in-toto too", () => {
  assert.deepEqual(readers({ name: "rebuild" }), { rebuilderd: true, aptTransport: true });
  assert.equal(readers({ name: `rebuild ${FILE}` }).aptTransport, false);
  assert.equal(readers({ name: "rebuild", signed: { environment: null } }).aptTransport, false);
  const second = parseAttestation(linkOf(bob, FILE, { name: "rebuild", also: [alice] }));
  assert.deepEqual(linkReaders(second, key), { rebuilderd: true, aptTransport: false });
});

test("what the tools sign otherwise, or do not read, is for nobody", () => {
  const odd: Record<string, LinkChoices> = {
    "a key id of the other dialect": { keyid: keyIdPlain(key) },
    "a short key id beside": { keyid: "ab" },
    "a control character": { signed: { command: ["a\tb"] } },
    "a backslash": { signed: { command: ["a\\b"] } },
    "an unknown digest": {
      signed: { materials: new Map([["x", jsonObject({ gitCommit: "00".repeat(20) })]]) },
    },
    "an environment of more than words": { signed: { environment: jsonObject({ a: 1 }) } },
    "an unusual by-product": { signed: { byproducts: jsonObject({ time: 1 }) } },
    "no product": { signed: { products: jsonObject({}) } },
  };
  for (const [name, choices] of Object.entries(odd))
    assert.deepEqual(readers(choices), { rebuilderd: false, aptTransport: false }, name);
  const dsse = parseAttestation(claim(alice, "hello", "bits"));
  assert.equal(linkReaders(dsse, key).rebuilderd, false);
  const usual = {
    byproducts: jsonObject({ "return-value": 0, stdout: "a\nb".replace("\n", " "), stderr: "" }),
  };
  assert.equal(readers({ signed: usual }).rebuilderd, true);
});
