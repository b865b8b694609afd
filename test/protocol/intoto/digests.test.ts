import assert from "node:assert/strict";
import { test } from "node:test";
import { Agreement } from "../../../protocol/intoto/agreement.ts";
import { isSame } from "../../../protocol/intoto/digests.ts";
import type { Link } from "../../../protocol/intoto/index.ts";
import { artifacts } from "./world.ts";

type Named = Readonly<Record<string, string>>;

function same(one: Named, other: Named): boolean {
  const [a, b] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  assert.equal(isSame(a, b), isSame(b, a));
  return isSame(a, b);
}

test("digests are compared on the algorithms that both have, of which one is strong", () => {
  assert.ok(same({ sha256: "aa", sha512: "bb" }, { sha256: "aa" }));
  assert.ok(!same({ sha256: "aa", sha512: "bb" }, { sha256: "aa", sha512: "cc" }));
  assert.ok(!same({ sha256: "aa", sha512: "bb" }, { sha256: "cc", sha512: "bb" }));
  assert.ok(!same({ sha256: "aa" }, { sha512: "bb" }), "nothing to compare");
  assert.ok(!same({ md5: "aa", sha1: "bb" }, { md5: "aa", sha1: "bb" }), "anybody makes a second such file");
  assert.ok(!same({ md5: "aa", sha256: "bb" }, { md5: "ab", sha256: "bb" }), "weak ones are compared too");
  for (const name of ["sha384", "sha512", "gitCommit", "gitTree", "gitTag", "gitBlob"])
    assert.ok(same({ [name]: "aa" }, { [name]: "aa" }), name);
  assert.ok(!same({ gitcommit: "aa" }, { gitcommit: "aa" }), "names are as they are");
});

function link(digests: Named): Link {
  return {
    kind: "link",
    name: "s",
    materials: artifacts({}),
    products: artifacts({ f: digests }),
    command: [],
    byproducts: null,
  };
}

test("who agrees does not depend on the order: each with each, and on a digest that all have", () => {
  const cases: readonly (readonly [agree: boolean, ...Named[]])[] = [
    [true, { sha256: "aa" }, { sha256: "aa", sha512: "bb" }, { sha256: "aa", md5: "cc" }],
    // The first agrees with both others, which contradict each other.
    [false, { sha256: "aa" }, { sha256: "aa", sha512: "bb" }, { sha256: "aa", sha512: "cc" }],
    // Each has something in common with each, and all have nothing.
    [false, { sha256: "aa", sha512: "bb" }, { sha256: "aa", sha384: "cc" }, { sha384: "cc", sha512: "bb" }],
    [false, { sha256: "aa" }, { sha256: "aa", sha512: "bb" }, { sha512: "bb" }],
  ];
  for (const [agree, a, b, c] of cases) {
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    for (const order of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ] as const) {
      const agreement = new Agreement(link(order[0]), "k0");
      const taken = [agreement.take(link(order[1]), "k1"), agreement.take(link(order[2]), "k2")];
      assert.equal(taken[0] === true && taken[1] === true, agree, JSON.stringify(order));
    }
  }
});

test("the agreed link has those digests for which as many speak as the step needs: fewer voices add none, and one more takes none away", () => {
  const agreement = new Agreement(link({ sha256: "aa", gitCommit: "dd" }), "dave");
  const given = (threshold: number): Named =>
    Object.fromEntries(agreement.link(threshold).products.get("f") ?? []);
  assert.ok(agreement.take(link({ sha256: "aa", sha512: "bb" }), "erin"));
  assert.deepEqual(given(2), { sha256: "aa" });
  assert.ok(agreement.take(link({ sha256: "aa", sha512: "bb" }), "erin"));
  assert.deepEqual(given(2), { sha256: "aa" }, "erin twice is one");
  assert.ok(agreement.take(link({ sha256: "aa", sha512: "bb" }), "frank"));
  assert.deepEqual(given(2), { sha256: "aa", sha512: "bb" });
  assert.deepEqual(given(1), { sha256: "aa", gitCommit: "dd", sha512: "bb" });
  assert.deepEqual(given(3), { sha256: "aa" });
});

test("whoever gives fewer digests of the same hides none that others give", () => {
  const agreement = new Agreement(link({ sha256: "aa", sha512: "bb" }), "dave");
  assert.ok(agreement.take(link({ sha512: "bb" }), "erin"));
  assert.deepEqual(Object.fromEntries(agreement.link(1).products.get("f") ?? []), {
    sha256: "aa",
    sha512: "bb",
  });
  assert.deepEqual(Object.fromEntries(agreement.link(2).products.get("f") ?? []), { sha512: "bb" });
});
