/** rebuilderd's interface: what builders signed, in the very shapes that rebuilderd 0.28 answers. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Node } from "../../../../node/index.ts";
import {
  buildLink,
  debTarget,
  ed25519Key,
  fromHex,
  fromUtf8,
  keyIdPlain,
  parsePublicKey,
  sealEnvelope,
  signDomain,
} from "../../../../protocol/index.ts";
import { builder } from "../../../e2e/claims.ts";
import { DIGEST, linkOf, retractionOf } from "../../../links.ts";
import { ask, askJson, member, startGatewayNode } from "./rig.ts";

const RECORDED = join(import.meta.dirname, "../../../vectors/rebuilderd/api-0.28.0");
const OTHER = "cd".repeat(32);
const alice = builder("alice");
const worker = builder("worker");
const bob = builder("bob");
const nobody = builder("nobody");
const HELLO = linkOf(alice, "hello_2.10-3_amd64.deb");
const GONE = "gone_1.0-1_amd64.deb";
const retracted = linkOf(alice, GONE);
let node: Node;

/** A statement of today about a package, in DSSE. */
function statement(name: string, version: string): Uint8Array {
  const target = debTarget({ namespace: "debian", name, version, arch: "amd64" });
  const built = { step: "rebuild", command: [], materials: [], how: "built", time: null } as const;
  const payload = buildLink([{ target, file: target.file, sha256: fromHex(DIGEST) }], {
    ...built,
    environment: null,
  });
  return sealEnvelope(payload, (bytes) => signDomain(alice.seed, bytes), keyIdPlain(ed25519Key(alice.raw)));
}

const ENTRIES = [
  HELLO,
  linkOf(worker, "curl_8.0-1+b2_arm64.deb", { also: [alice] }),
  linkOf(alice, "zlib1g_1.3-2_amd64.deb"),
  // a package URL has the epoch that the link's file name lacks
  statement("zlib1g", "1:1.3-2"),
  linkOf(alice, "filesystem-1:2025-1-any.pkg.tar.zst"),
  // says two things
  linkOf(alice, "torn_1.0-1_amd64.deb"),
  linkOf(alice, "torn_1.0-1_amd64.deb", { sha256: OTHER }),
  // what no client of rebuilderd checks
  statement("modern", "1.0-1"),
  retracted,
  retractionOf(alice, retracted, GONE),
  // a stranger takes nothing back
  retractionOf(nobody, HELLO, GONE, alice),
  linkOf(bob, "hello_2.10-3_amd64.deb", { sha256: OTHER }),
  linkOf(nobody, "hello_2.10-3_amd64.deb"),
  linkOf(alice, "notes.txt"),
];

interface Record {
  readonly [name: string]: unknown;
  readonly build_id: number;
  readonly artifact_id: number;
}

const list = async (host: string, query = ""): Promise<readonly Record[]> =>
  ((await askJson(node, host, `/api/v1/packages/binary${query}`)) as { records: Record[] }).records;
const named = (records: readonly Record[]): readonly string[] =>
  records.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`).toSorted();

before(async () => {
  node = await startGatewayNode([
    member("Alice_A", alice),
    member("bob", bob),
    member("empty", builder("e")),
  ]);
  await node.publish(ENTRIES);
});

test("packages: each builder has its own, with what no link says null; what clients cannot check is counted", async () => {
  const { headers } = await ask(node, "alice-a.localhost", "/api/v1/packages/binary");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["samebits-left-out"], "form=2, retracted=1, contradicted=2");
  assert.deepEqual(named(await list("alice-a.localhost")), [
    "curl 8.0-1+b2 arm64",
    "filesystem 1:2025-1 any",
    "hello 2.10-3 amd64",
    "zlib1g 1:1.3-2 amd64",
  ]);
  assert.deepEqual(named(await list("bob.localhost")), ["hello 2.10-3 amd64"]);
  assert.deepEqual(await askJson(node, "empty.localhost", "/api/v1/packages/binary"), {
    total: 0,
    records: [],
  });
  const { body } = await ask(node, "alice-a.localhost", "/");
  assert.match(body, /^builder {3}alice-a\nserved {4}4 packages\nleft out {2}2 claims in a form /);
});

test("packages: the filters that repro-threshold sends find one, by its whole version too", async () => {
  const one = (name: string, version: string, architecture: string): Promise<readonly Record[]> =>
    list(
      "alice-a.localhost",
      `?name=${name}&version=${encodeURIComponent(version)}&architecture=${architecture}`,
    );
  assert.deepEqual(named(await one("hello", "2.10-3", "amd64")), ["hello 2.10-3 amd64"]);
  // The client knows the epoch from the package; the link has none.
  assert.deepEqual(named(await one("hello", "3:2.10-3", "amd64")), ["hello 3:2.10-3 amd64"]);
  assert.deepEqual(named(await one("zlib1g", "1:1.3-2", "amd64")), ["zlib1g 1:1.3-2 amd64"]);
  for (const [name, version, arch] of [
    ["zlib1g", "2:1.3-2", "amd64"],
    ["filesystem", "2:2025-1", "any"],
    ["hello", "2.10-3", "arm64"],
    ["hello", "2.10-3+b1", "amd64"],
    ["torn", "1.0-1", "amd64"],
    ["gone", "1.0-1", "amd64"],
    ["modern", "1.0-1", "amd64"],
    ["__proto__", "1", "amd64"],
  ] as const)
    assert.deepEqual(await one(name, version, arch), [], name);
  assert.equal((await list("alice-a.localhost", "?distribution=archlinux")).length, 1);
  for (const query of ["?release=sid", "?component=main", "?source_name=hello", "?seen_only=false"])
    assert.deepEqual(await list("alice-a.localhost", query), [], query);
});

test("pages: in the order of ids, forwards and backwards, and no more than fit on one", async () => {
  const all = await list("alice-a.localhost");
  const ids = all.map(({ build_id }) => build_id);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  const page = async (query: string): Promise<unknown[]> =>
    (await list("alice-a.localhost", query)).map(({ build_id }) => build_id);
  assert.deepEqual(await page("?limit=2"), ids.slice(0, 2));
  assert.deepEqual(await page(`?limit=2&after=${ids[1]}`), ids.slice(2));
  assert.deepEqual(await page(`?before=${ids[1]}`), ids.slice(0, 1));
  assert.deepEqual(await page("?direction=Descending&limit=1"), ids.slice(-1));
  assert.deepEqual(await page("?limit=2147483647"), ids);
  for (const query of ["?limit=-1", "?after=2147483648", "?limit=1e3", "?sort=name", "?direction=up"]) {
    const { status, body } = await ask(node, "alice-a.localhost", `/api/v1/packages/binary${query}`);
    assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [400, "http/bad-query"], query);
  }
});

test("attestations: octet for octet, as JSON, under the numbers of the list and no others", async () => {
  const [hello] = await list("alice-a.localhost", "?name=hello");
  const at = `/api/v1/builds/${hello?.build_id}/artifacts/${hello?.artifact_id}`;
  const { status, headers, body } = await ask(node, "alice-a.localhost", `${at}/attestation`);
  assert.deepEqual([status, headers["content-type"]], [200, "application/json; charset=utf-8"]);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(body, fromUtf8(HELLO));
  const older = await ask(node, "alice-a.localhost", `/api/v0/builds/${hello?.build_id}/attestation`);
  assert.equal(older.body, body);
  for (const path of [
    `/api/v1/builds/${hello?.build_id}/artifacts/1/attestation`,
    "/api/v1/builds/1/artifacts/1/attestation",
    "/api/v1/builds/0/artifacts/0/attestation",
    "/api/v1/builds/-1/artifacts/1/attestation",
    "/api/v1/builds/x",
    "/api/v1/builds/99999999999999999999",
  ]) {
    const answer = await ask(node, "alice-a.localhost", path);
    assert.deepEqual(
      [answer.status, (JSON.parse(answer.body) as { code: string }).code],
      [404, "http/no-such-link"],
    );
  }
  assert.equal((await ask(node, "bob.localhost", `${at}/attestation`)).status, 404, "another's");
});

test("shapes: the members that rebuilderd 0.28 answered, of the same kinds", async () => {
  const [hello] = await list("alice-a.localhost", "?name=hello");
  const build = `/api/v1/builds/${hello?.build_id}`;
  const paths: { readonly [file: string]: string } = {
    v1_packages_binary: "/api/v1/packages/binary?name=hello",
    v1_builds: "/api/v1/builds?name=hello",
    v1_builds_1: build,
    v1_builds_1_artifacts: `${build}/artifacts`,
    v1_builds_1_artifacts_1: `${build}/artifacts/${hello?.artifact_id}`,
    v1_dashboard: "/api/v1/dashboard",
    "v1_meta_public-keys": "/api/v1/meta/public-keys",
    v1_meta_distributions: "/api/v1/meta/distributions",
    v0_pkgs_list: "/api/v0/pkgs/list?name=hello",
    "v0_public-keys": "/api/v0/public-keys",
  };
  for (const [file, path] of Object.entries(paths)) {
    const recorded = JSON.parse(await readFile(join(RECORDED, `${file}.json`), "utf8")) as unknown;
    assertAlike(await askJson(node, "alice-a.localhost", path), recorded, path);
  }
});

/** The same members in the same order; a value is of the same type, or null, which rebuilderd's optional ones may be. */
function assertAlike(ours: unknown, theirs: unknown, place: string): void {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    for (const item of ours) assertAlike(item, theirs[0], `${place}[]`);
    return;
  }
  if (theirs !== null && typeof theirs === "object" && ours !== null && typeof ours === "object") {
    assert.deepEqual(Object.keys(ours), Object.keys(theirs), place);
    for (const [name, value] of Object.entries(ours))
      assertAlike(value, (theirs as { readonly [name: string]: unknown })[name], `${place}.${name}`);
    return;
  }
  if (ours !== null && theirs !== null) assert.equal(typeof ours, typeof theirs, place);
}

test("public keys: what rebuilderd's clients read, the policy's first key first", async () => {
  const keys = (await askJson(node, "alice-a.localhost", "/api/v1/meta/public-keys")) as {
    current: string[];
  };
  assert.deepEqual(
    keys.current.map((pem) => parsePublicKey(pem).raw),
    [alice.raw],
  );
  assert.match(keys.current[0] ?? "", /^-----BEGIN PUBLIC KEY-----\r\n/);
});

test("the older list: all of it, good, for debian-repro-status", async () => {
  const releases = (await askJson(node, "alice-a.localhost", "/api/v0/pkgs/list")) as Record[];
  assert.deepEqual(releases.map(({ name, status, distro }) => `${name} ${status} ${distro}`).toSorted(), [
    "curl GOOD debian",
    "filesystem GOOD archlinux",
    "hello GOOD debian",
    "zlib1g GOOD debian",
  ]);
  assert.deepEqual(await askJson(node, "alice-a.localhost", "/api/v0/pkgs/list?status=BAD"), []);
});

test("what is published later is there at the next question, and ids stay", async () => {
  const before = await list("bob.localhost");
  await node.publish([linkOf(bob, "later_1-1_all.deb")]);
  const after = await list("bob.localhost");
  assert.deepEqual(named(after), ["hello 2.10-3 amd64", "later 1-1 all"]);
  assert.ok(after.some(({ build_id }) => build_id === before[0]?.build_id));
  // Another node with the same link has the same numbers for it.
  const other = await startGatewayNode([member("bob", bob)]);
  await other.publish([linkOf(nobody, "x_1-1_all.deb"), linkOf(bob, "later_1-1_all.deb")]);
  const { records } = (await askJson(other, "bob.localhost", "/api/v1/packages/binary")) as {
    records: Record[];
  };
  const later = after.find(({ name }) => name === "later");
  assert.deepEqual(
    records.map(({ build_id, artifact_id }) => [build_id, artifact_id]),
    [[later?.build_id, later?.artifact_id]],
  );
});
