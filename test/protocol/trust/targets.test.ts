/** Targets and delegations: what a domain says, and who speaks for which packages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  delegationFor,
  fingerprintOf,
  firstRoot,
  readDelegated,
  readTargets,
  sha256,
  utf8,
} from "../../../protocol/index.ts";
import type { DelegationChoice, TargetFile, Targets } from "../../../protocol/index.ts";
import { throwsCode } from "../attestation/made.ts";
import { changed, delegationTo, owner, rootOf, signedBy, targetsOf } from "./domains.ts";

const [alice, bob, carol] = [owner(1), owner(2), owner(3)];
const FIRST = signedBy(rootOf(1, [alice, bob], 2), "root", alice, bob);
const ROOT = firstRoot(FIRST, fingerprintOf(FIRST));

function file(path: string, text = path): TargetFile {
  return { path, length: utf8(text).length, sha256: sha256(utf8(text)) };
}

function delegating(...delegations: readonly DelegationChoice[]): Targets {
  return readTargets(ROOT, signedBy(targetsOf(1, { delegations }), "targets", alice));
}

test("files are read where the root's targets role has signed, and not otherwise", () => {
  const bytes = targetsOf(3, { files: [file("policy.toml"), file("builders/alice.pub")] });
  const targets = readTargets(ROOT, signedBy(bytes, "targets", alice));
  assert.deepEqual([targets.version, targets.role, targets.domain], [3, [], ROOT.domain]);
  assert.deepEqual([...targets.files.keys()], ["policy.toml", "builders/alice.pub"]);
  assert.deepEqual(targets.files.get("policy.toml"), file("policy.toml"));
  throwsCode(() => readTargets(ROOT, signedBy(bytes, "targets", bob)), "trust/not-signed");
  throwsCode(() => readTargets(ROOT, FIRST), "shape/out-of-range");
});

test("a delegate speaks for the packages it was given, and lists only the files it may", () => {
  const targets = delegating(
    delegationTo("debian", bob),
    delegationTo("tor", carol, { purls: ["pkg:generic/tor-*"] }),
  );
  assert.equal(delegationFor(targets, "pkg:deb/debian/hello@2.10-3?arch=amd64")?.name, "debian");
  assert.equal(delegationFor(targets, "pkg:generic/tor-browser@15")?.name, "tor");
  assert.equal(delegationFor(targets, "pkg:alpm/arch/hello@2"), null);
  const bytes = targetsOf(1, {
    files: [file("debian/policy.toml"), file("policy.toml"), file("debian/a/b")],
  });
  const debian = readDelegated(targets, "debian", signedBy(bytes, "targets", bob));
  assert.deepEqual([...debian.files.keys()], ["debian/policy.toml"], "not the owner's, nor one deeper");
  assert.equal(debian.domain, ROOT.domain);
  throwsCode(() => readDelegated(targets, "debian", signedBy(bytes, "targets", carol)), "trust/not-signed");
  throwsCode(() => readDelegated(targets, "debian", signedBy(bytes, "targets", alice)), "trust/not-signed");
  throwsCode(() => readDelegated(targets, "arch", signedBy(bytes, "targets", bob)), "trust/no-delegation");
});

test("of two delegates for one package the first speaks", () => {
  const targets = delegating(
    delegationTo("hello", bob, { purls: ["pkg:deb/debian/hello"] }),
    delegationTo("debian", carol),
  );
  assert.equal(delegationFor(targets, "pkg:deb/debian/hello@2")?.name, "hello");
  assert.equal(delegationFor(targets, "pkg:deb/debian/hello2@2")?.name, "debian");
});

test("names that could leave a folder, patterns that could blow up, roles that could never sign: refused", () => {
  for (const path of [
    "../policy.toml",
    "a/../b",
    "/etc/passwd",
    "a//b",
    ".hidden",
    "a\\b",
    "",
    "a b",
    "ü",
    "x".repeat(256),
  ])
    throwsCode(
      () => readTargets(ROOT, signedBy(targetsOf(1, { files: [file(path, "x")] }), "targets", alice)),
      "trust/bad-path",
    );
  const bad =
    (said: object): (() => unknown) =>
    () =>
      delegating(delegationTo("debian", bob, said));
  throwsCode(bad({ name: "targets" }), "trust/bad-delegation");
  throwsCode(bad({ name: "../up" }), "trust/bad-delegation");
  throwsCode(bad({ name: "Root" }), "trust/bad-delegation");
  throwsCode(bad({ paths: ["**/[a]"] }), "trust/bad-path");
  throwsCode(bad({ paths: ["*".repeat(200)] }), "trust/bad-path");
  throwsCode(bad({ purls: ["pkg:deb/**"] }), "policy/bad-pattern");
  throwsCode(bad({ threshold: 2 }), "trust/bad-role");
  throwsCode(
    () => delegating(delegationTo("debian", bob), delegationTo("debian", carol)),
    "trust/bad-delegation",
  );
  const many = Array.from({ length: 65 }, (_, i) => delegationTo(`role-${i}`, bob));
  throwsCode(() => delegating(...many), "shape/out-of-range");
});

test("files without a SHA-256, of a length that no file has, or delegated by hashes of names: refused", () => {
  const bytes = targetsOf(1, { files: [file("a")], delegations: [delegationTo("debian", bob)] });
  interface Said {
    targets: { a: Record<string, unknown> };
    delegations: { roles: Record<string, unknown>[] };
  }
  const bad =
    (change: (said: Said) => void): (() => unknown) =>
    () =>
      readTargets(
        ROOT,
        changed(bytes, "targets", (signed) => change(signed as never), alice),
      );
  throwsCode(
    bad(({ targets }) => (targets.a["hashes"] = { sha512: "00" })),
    "shape/missing",
  );
  throwsCode(
    bad(({ targets }) => (targets.a["hashes"] = { sha256: "00" })),
    "bytes/bad-hex",
  );
  throwsCode(
    bad(({ targets }) => (targets.a["length"] = 1_048_577)),
    "shape/out-of-range",
  );
  throwsCode(
    bad(({ delegations }) => delegations.roles.forEach((role) => (role["path_hash_prefixes"] = ["00"]))),
    "trust/unsupported",
  );
});

test("a delegation without packages of its own speaks for none", () => {
  const bytes = changed(
    targetsOf(1, { delegations: [delegationTo("debian", bob)] }),
    "targets",
    (signed) => {
      const { roles } = signed["delegations"] as { roles: Record<string, unknown>[] };
      for (const role of roles) delete role["x-samebits-purls"];
    },
    alice,
  );
  assert.equal(delegationFor(readTargets(ROOT, bytes), "pkg:deb/debian/hello@2"), null);
});
