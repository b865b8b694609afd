/** Which statements on the end of a feed count, and which of several is told (spec/freeze.md). */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { freezeOf, parseAttestation } from "../../../protocol/attestation/index.ts";
import { utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { origin } from "../../../protocol/feed/index.ts";
import { endingIn, entriesAfter, firstEnding } from "../../../protocol/lifecycle/index.ts";
import type { Ending } from "../../../protocol/lifecycle/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { ends } from "./endings.ts";

const [alice, bob] = [new Builder(1), new Builder(2)];
const A = origin("test", alice.key.raw);
const B = origin("test", bob.key.raw);
const C = origin("test", new Builder(3).key.raw);

function read(envelope: Uint8Array, carrier: string, index = 5): Ending | null {
  return endingIn(parseAttestation(envelope), carrier, index);
}

test("it counts where the feed's own key signed it, and that feed or the successor lists it", () => {
  const statement = ends(alice, A, { successor: B, size: 3 });
  const told = { origin: A, successor: B, size: 3, reason: "moved", time: Date.UTC(2026, 0, 1), index: 5 };
  assert.deepEqual(read(statement, A), { ...told, carrier: A });
  assert.deepEqual(read(statement, B), { ...told, carrier: B });
  assert.equal(read(statement, C), null, "anybody's feed may carry it, and says nothing by that");
  assert.equal(read(ends(alice, A), B), null, "nor does one that it does not name");
  assert.equal(read(ends(bob, A, { successor: B }), B), null, "the successor ends no feed but its own");
  assert.equal(read(ends(bob, A), A), null);
});

test("what is no such statement, or names two feeds, or another network, does not count", () => {
  for (const [name, envelope, carrier] of [
    ["a link", alice.link(packageNumber(1), "same"), A],
    ["another subject", ends(alice, A, { subject: B }), A],
    ["itself as successor", ends(alice, A, { successor: A }), A],
    ["a successor elsewhere", ends(alice, A, { successor: origin("else", bob.key.raw) }), A],
    ["no origin", ends(alice, "samebits/test/abcd"), A],
    ["a feed of another network", ends(alice, origin("else", alice.key.raw)), A],
  ] as const) {
    assert.equal(read(envelope, carrier), null, name);
  }
});

test("a statement is read exactly", () => {
  const text = new TextDecoder().decode(ends(alice, A));
  const payload = (JSON.parse(text) as { readonly payload: string }).payload;
  const statement = Buffer.from(payload, "base64").toString();
  const codeOf = (changed: string): string => {
    assert.notEqual(changed, statement);
    try {
      freezeOf(parseAttestation(alice.seal(utf8(changed))));
    } catch (error) {
      if (error instanceof ProtocolError) return error.code;
    }
    return "read";
  };
  assert.equal(codeOf(statement.replace('"held":3', '"held":4')), "shape/out-of-range");
  assert.equal(codeOf(statement.replace('"reason":', '"more":1,"reason":')), "shape/unknown-member");
  assert.equal(codeOf(statement.replace('"reason":"moved"', '"reason":""')), "attestation/bad-name");
  assert.equal(codeOf(statement.replace(/"size":3,/, "")), "shape/missing");
  assert.equal(codeOf(statement.replace('"predicate":', '"more":1,"predicate":')), "shape/unknown-member");
  assert.equal(codeOf(statement.replace("Statement/v1", "Statement/v0.1")), "statement/unknown-type");
  assert.equal(codeOf(statement.replace(/"digest":\{[^}]*\}/, '"digest":{}')), "statement/bad-subjects");
});

test("of several statements one is told, in whatever order they came: the feed's own first", () => {
  const some = fc.record({
    carrier: fc.constantFrom(A, B, C),
    index: fc.integer({ min: 0, max: 3 }),
    time: fc.integer({ min: 0, max: 3 }),
  });
  const endings = fc.array(
    some.map((one): Ending => ({ ...one, origin: A, successor: B, size: 3, reason: "x" })),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(endings, fc.infiniteStream(fc.nat()), (list, lots) => {
      const told = list.reduce(firstEnding);
      const shuffled = list
        .map((one) => ({ one, lot: lots.next().value ?? 0 }))
        .toSorted((a, b) => a.lot - b.lot)
        .map(({ one }) => one);
      assert.deepEqual(shuffled.reduce(firstEnding), told);
      const own = list.filter(({ carrier }) => carrier === A).map(({ index }) => index);
      if (own.length > 0) assert.deepEqual([told.carrier, told.index], [A, Math.min(...own)]);
    }),
  );
});

test("entries behind the end are counted: behind the statement, or above what the key is said to have signed", () => {
  const [own, elsewhere] = [read(ends(alice, A), A, 3), read(ends(alice, A, { successor: B }), B, 0)];
  assert.ok(own !== null && elsewhere !== null);
  assert.deepEqual(
    [3, 4, 6].map((size) => entriesAfter(own, size)),
    [0, 0, 2],
  );
  assert.deepEqual(
    [2, 3, 6].map((size) => entriesAfter(elsewhere, size)),
    [0, 0, 3],
  );
});
