/** Who signed what, as it is remembered; and whose votes are counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Book, NO_SIGNER } from "../../../node/picture/book.ts";
import { speakersOf } from "../../../node/picture/speakers.ts";
import { MAX_PICTURE_ENTRIES, MAX_PICTURE_SIGNERS } from "../../../protocol/index.ts";
import type { FeedView } from "../../../protocol/index.ts";

const [ALICE, BOB, CAROL] = ["aa", "bb", "cc"].map((two) => two.repeat(32)) as [string, string, string];

test("book: own entries, others' entries, nobody's, and what was not looked at", () => {
  const book = new Book();
  book.open(1, ALICE);
  book.set({ no: 1, index: 0 }, ALICE);
  book.set({ no: 1, index: 1 }, BOB);
  book.set({ no: 1, index: 2 }, null);
  book.set({ no: 1, index: 4 }, ALICE);
  book.set({ no: 2, index: 0 }, ALICE);
  const signers = [0, 1, 2, 3, 4].map((index) => book.signerOf({ no: 1, index }));
  assert.deepEqual(signers, [ALICE, BOB, NO_SIGNER, null, ALICE]);
  assert.equal(book.signerOf({ no: 2, index: 0 }), null);
  assert.equal(book.checkedTo(1), 3);
  book.set({ no: 1, index: 3 }, null);
  assert.equal(book.checkedTo(1), 5);
});

test("book: a number that another feed has now says nothing of what the former held", () => {
  const book = new Book();
  book.open(1, ALICE);
  book.set({ no: 1, index: 0 }, ALICE);
  book.open(1, ALICE);
  assert.equal(book.signerOf({ no: 1, index: 0 }), ALICE);
  book.open(1, BOB);
  assert.equal(book.signerOf({ no: 1, index: 0 }), null);
  assert.deepEqual(book.keepOnly(new Set()), [1]);
  assert.equal(book.keyOf(1), null);
});

test("book: it is read back as it was written, news alone are written, and others' keys are sought anew", () => {
  const book = new Book();
  book.open(1, ALICE);
  book.open(2, BOB);
  for (const [index, signer] of [ALICE, null, CAROL, ALICE].entries()) book.set({ no: 1, index }, signer);
  const news = book.news();
  assert.deepEqual(
    news.map(({ no }) => no),
    [1, 2],
  );
  assert.deepEqual(book.news(), []);
  const again = new Book();
  again.loadSigners(book.signers());
  for (const { octets } of news) again.load(octets);
  const signers = [0, 1, 2, 3, 4].map((index) => again.signerOf({ no: 1, index }));
  assert.deepEqual(signers, [ALICE, NO_SIGNER, CAROL, ALICE, null]);
  assert.equal(again.checkedTo(1), 4);
  assert.deepEqual(again.news(), []);
  again.forgetNobody();
  assert.equal(again.checkedTo(1), 1);
  assert.equal(again.signerOf({ no: 1, index: 2 }), CAROL);
});

test("book: it has a bound, and so has the number of others", () => {
  const book = new Book();
  book.open(1, ALICE);
  book.set({ no: 1, index: MAX_PICTURE_ENTRIES }, ALICE);
  assert.equal(book.signerOf({ no: 1, index: MAX_PICTURE_ENTRIES }), null);
  for (let i = 0; i <= MAX_PICTURE_SIGNERS; i++) {
    book.set({ no: 1, index: i }, i.toString(16).padStart(64, "0"));
  }
  const last = MAX_PICTURE_SIGNERS - 1;
  assert.equal(book.signerOf({ no: 1, index: last }), last.toString(16).padStart(64, "0"));
  assert.equal(book.signerOf({ no: 1, index: MAX_PICTURE_SIGNERS }), NO_SIGNER);
});

type Feed = Pick<FeedView, "origin" | "class" | "state">;

function status(...feeds: readonly (readonly [string, Feed["class"], Feed["state"]])[]): {
  readonly feeds: readonly Feed[];
} {
  return {
    feeds: feeds.map(([key, kind, state]) => ({ origin: `samebits/test/${key}`, class: kind, state })),
  };
}

const POLICY = {
  name: "policy.toml",
  sha256: "",
  text: "",
  builders: [{ name: "a", operator: "op", roles: [], keys: [ALICE, BOB], feeds: [] }],
};

test("speakers: operators of the policy, then who is followed; strangers only where nobody in particular is", () => {
  const by = { policies: [POLICY], builders: [ALICE], all: true };
  const { of, keys } = speakersOf(
    by,
    status([CAROL, "followed", "open"], ["dd".repeat(32), "unknown", "open"]),
  );
  assert.equal(of(ALICE), of(BOB));
  assert.notEqual(of(ALICE), null);
  assert.equal(of(CAROL), `key ${CAROL}`);
  assert.equal(of("dd".repeat(32)), null);
  assert.deepEqual(keys, [ALICE, BOB, CAROL]);
  const alone = { policies: [], builders: [], all: false };
  assert.equal(speakersOf(alone, status([CAROL, "unknown", "open"])).of(CAROL), `key ${CAROL}`);
  assert.equal(speakersOf(alone, status([BOB, "followed", "open"])).of(CAROL), null);
  assert.equal(
    speakersOf({ ...alone, all: true }, status([BOB, "followed", "open"])).of(CAROL),
    `key ${CAROL}`,
  );
});

test("speakers: whose feed has forked has no vote", () => {
  const by = { policies: [POLICY], builders: [], all: false };
  const { of } = speakersOf(by, status([ALICE, "followed", "forked"], [CAROL, "unknown", "forked"]));
  assert.equal(of(ALICE), null);
  assert.equal(of(BOB), "operator op");
  const alone = { policies: [], builders: [], all: true };
  assert.equal(speakersOf(alone, status([CAROL, "unknown", "forked"])).of(CAROL), null);
});

test("speakers: a key is of its builder in whatever policy, also when its feed has forked; else of none but itself", () => {
  const other = {
    ...POLICY,
    builders: [{ name: "a", operator: "op", roles: [], keys: [CAROL, BOB], feeds: [] }],
  };
  const { buildersOf } = speakersOf(
    { policies: [POLICY, other], builders: [], all: false },
    status([BOB, "followed", "forked"]),
  );
  const share = (a: string, b: string): boolean => buildersOf(a).some((one) => buildersOf(b).includes(one));
  assert.deepEqual([share(ALICE, BOB), share(BOB, CAROL), share(ALICE, CAROL)], [true, true, false]);
  const stranger = "dd".repeat(32);
  assert.equal(buildersOf(stranger).length, 1);
  assert.deepEqual([share(stranger, ALICE), share(stranger, "ee".repeat(32))], [false, false]);
});
