import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  AlertBook,
  ALERTS_AT_ONCE,
  ALERT_REFILL_MS,
  FIRST_DIGEST_MS,
  MAX_ALERT_VOICES,
  MAX_BOOKED_ALERTS,
  MAX_DIGEST_BUILDERS,
  readAlertBook,
  writeAlertBook,
} from "../../../protocol/index.ts";
import type { AlertEvent, BookedAlert, Matter } from "../../../protocol/index.ts";
import { aFeedMatter, aMatter, keyOf, stormy, targetOf, voice } from "./matters.ts";

const AT = { policy: null, now: 1_000 };

function changes(events: readonly AlertEvent[]): readonly string[] {
  return events.map((event) => (event.event === "alert" ? event.change : event.event));
}

function take(book: AlertBook, ...matters: readonly Matter[]): readonly string[] {
  return matters.flatMap((matter) => changes(book.update(matter, AT)));
}

test("book: the same matter is told once, and again when a builder joins it", () => {
  const book = new AlertBook();
  const joined = aMatter({
    number: 2,
    keys: [keyOf("carol"), keyOf("bob")],
    voices: [voice("carol", "others"), voice("bob", "those")],
  });
  assert.deepEqual(take(book, aMatter(), aMatter(), joined, joined, aMatter()), ["new", "joined"]);
  const [alert, ...more] = book.state.alerts;
  assert.deepEqual([more.length, alert?.signers.length, alert?.voices.length, alert?.number], [0, 3, 3, 2]);
});

test("book: another target, another step, another kind, another feed are other matters", () => {
  const book = new AlertBook();
  const self = aMatter({ kind: "self-contradiction", keys: [keyOf("alice")] });
  assert.deepEqual(
    take(
      book,
      aMatter(),
      aMatter({ target: targetOf("other") }),
      aMatter({ step: "build" }),
      self,
      aFeedMatter("fork", "alice"),
      aFeedMatter("fork", "bob"),
      aFeedMatter("silent", "bob"),
    ),
    ["new", "new", "new", "new", "new", "new", "new"],
  );
  assert.equal(new Set(book.state.alerts.map(({ id }) => id)).size, 7);
});

test("book: a contradiction has one id by whichever name, of whomsoever", () => {
  const book = new AlertBook();
  take(book, aMatter(), aMatter({ kind: "disagreement", keys: [keyOf("dave"), keyOf("eve")], number: 3 }));
  assert.equal(book.state.alerts.length, 1);
});

test("book: an outlier among more that agree weighs more, and is told again", () => {
  const book = new AlertBook();
  const agreeing = aMatter({ voices: [voice("carol", "these"), voice("dave", "these")] });
  const events = [...book.update(aMatter(), AT), ...book.update(agreeing, AT)];
  assert.deepEqual(
    events.map((event) => (event.event === "alert" ? [event.change, event.severity] : [])),
    [
      ["new", "warning"],
      ["worse", "critical"],
    ],
  );
});

test("book: what is taken back updates the alert and never removes it (R17)", () => {
  const book = new AlertBook();
  const back = aMatter({ voices: [voice("bob", "those", true)] });
  assert.deepEqual(take(book, aMatter(), back, back, aMatter()), ["new", "taken-back"]);
  assert.deepEqual(
    book.state.alerts.map(({ voices }) => voices.filter(({ withdrawn }) => withdrawn)),
    [[voice("bob", "those", true)]],
  );
});

test("book: silent, heard again, silent again", () => {
  const book = new AlertBook();
  const silent = (time: number, ended: boolean): Matter => aFeedMatter("silent", "bob", { time, ended });
  assert.deepEqual(
    take(book, silent(10, false), silent(20, true), silent(20, true), silent(30, false), silent(40, true)),
    ["new", "ended", "again", "ended"],
  );
  assert.deepEqual(take(new AlertBook(), silent(5, true)), [], "nobody was told that it began");
});

test("book: after an acknowledgement nobody is told again, unless it gets worse or begins anew", () => {
  const book = new AlertBook();
  take(book, aMatter());
  const { id } = book.state.alerts[0] ?? assert.fail();
  const ack = { time: 2_000, note: "asked bob" };
  assert.deepEqual(changes(book.acknowledge(id, ack, AT)), ["acknowledged"]);
  assert.deepEqual(book.acknowledge(id, ack, AT), []);
  assert.deepEqual(book.acknowledge("00".repeat(32), ack, AT), []);
  const joined = aMatter({ voices: [voice("carol", "others")], keys: [keyOf("carol"), keyOf("bob")] });
  assert.deepEqual(take(book, aMatter(), joined), []);
  assert.deepEqual(book.state.alerts[0]?.acknowledged, ack);
  assert.deepEqual(book.open(AT), []);
  const worse = aMatter({ voices: ["d", "e", "f"].map((name) => voice(name, "these")) });
  // alice, d, e and f against bob and carol is a split: a warning as before.
  assert.deepEqual(take(book, worse), []);
  const outlier = new AlertBook();
  take(outlier, aMatter());
  outlier.acknowledge(id, ack, AT);
  assert.deepEqual(take(outlier, worse), ["worse"]);
  assert.equal(outlier.state.alerts[0]?.acknowledged, null);
  assert.equal(outlier.open(AT).length, 1);
});

test("book: 10,000 contradictions give a bounded number of events, digests that count them all, and their range", () => {
  const COUNT = 10_000;
  const book = new AlertBook();
  const events: AlertEvent[] = [];
  let now = 0;
  for (let i = 1; i <= COUNT; i++) {
    now += 3;
    const keys = [keyOf(`b${i % 70}`), keyOf("other")];
    const matter = aMatter({ number: i, target: targetOf(`p${i}`), keys, time: now });
    events.push(...book.update(matter, { policy: null, now }));
  }
  events.push(...book.tick(book.due ?? assert.fail("nothing is due")));
  const alone = events.filter(({ event }) => event === "alert").length;
  const digests = events.flatMap((event) => (event.event === "digest" ? [event.digest] : []));
  assert.ok(events.length < ALERTS_AT_ONCE + 10, `${events.length} calls`);
  assert.equal(alone + digests.reduce((sum, { count }) => sum + count, 0), COUNT);
  assert.equal(digests[0]?.from, ALERTS_AT_ONCE + 1);
  assert.equal(digests.at(-1)?.to, COUNT);
  for (const { kinds, builders, others, count } of digests) {
    assert.deepEqual([...kinds], [["contradiction", count]]);
    assert.ok(builders.size <= MAX_DIGEST_BUILDERS);
    assert.equal(
      [...builders.values()].reduce((sum, n) => sum + n, others),
      2 * count,
    );
  }
  assert.ok(
    book.state.alerts.length > 0.8 * MAX_BOOKED_ALERTS && book.state.alerts.length <= MAX_BOOKED_ALERTS,
  );
  assert.equal(book.due, null);
});

test("book: a storm of one kind hides nothing of another, and those of the storm are told one by one again later", () => {
  const book = stormy(1_000);
  assert.deepEqual(take(book, aFeedMatter("fork", "bob")), ["new"]);
  const later = 1_000 + 3 * ALERT_REFILL_MS;
  const one = (i: number): Matter => aMatter({ number: 1_000 + i, target: targetOf(`q${i}`), time: later });
  const told = [1, 2, 3, 4].flatMap((i) => changes(book.update(one(i), { policy: null, now: 1_001 })));
  assert.deepEqual(told, ["new", "new", "new"]);
});

test("book: a storm that goes on is told of ever more seldom", () => {
  const book = stormy(ALERTS_AT_ONCE, 0);
  const waits: number[] = [];
  let began = 0;
  for (let now = 0, i = 0; waits.length < 4; now += 1_000, i++) {
    const idle = book.due === null;
    const events = book.update(aMatter({ number: 100 + i, target: targetOf(`r${i}`), time: 1_000 }), {
      policy: null,
      now,
    });
    if (idle) began = now;
    if (events.some(({ event }) => event === "digest")) waits.push(now - began);
  }
  assert.deepEqual(
    waits,
    [1, 2, 4, 8].map((times) => times * FIRST_DIGEST_MS),
  );
});

test("book: what is forgotten first is what somebody has seen to, then what weighs least", () => {
  const book = new AlertBook();
  take(book, aFeedMatter("fork", "bob"), aMatter());
  for (let i = 0; i < MAX_BOOKED_ALERTS; i++) take(book, aMatter({ target: targetOf(`p${i}`) }));
  const { alerts } = book.state;
  assert.ok(alerts.length <= MAX_BOOKED_ALERTS);
  assert.equal(alerts[0]?.kind, "fork");
  assert.ok(!alerts.some(({ target }) => target?.file === targetOf("hello").file));
});

const names = fc.constantFrom("alice", "bob", "carol", "dave");
const results = fc.constantFrom("these", "those", "others");
const aReport: fc.Arbitrary<Matter> = fc
  .record({
    kind: fc.constantFrom("contradiction", "disagreement", "silent", "fork" as const),
    who: fc.uniqueArray(names, { minLength: 1, maxLength: 2 }),
    target: fc.constantFrom("hello", "world"),
    voices: fc.array(fc.tuple(names, results, fc.boolean()), { maxLength: 4 }),
    number: fc.nat(50),
    time: fc.nat(100),
    difference: fc.boolean(),
    ended: fc.boolean(),
  })
  .map(({ kind, who, target, voices, ...rest }) => {
    const keys = who.map(keyOf);
    if (kind === "silent" || kind === "fork") return aFeedMatter(kind, who[0] ?? "", rest);
    const all = voices.map(([name, result, withdrawn]) => voice(name, result, withdrawn));
    return aMatter({ ...rest, kind, keys, target: targetOf(target), voices: all, ended: false });
  });

/** All but what depends on when somebody was told. */
function substance(book: AlertBook): readonly BookedAlert[] {
  return book.state.alerts
    .map((alert) => ({ ...alert, told: null, acknowledged: null }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

test("property: the same reports in any order, and as often as one likes, give the same alerts", () => {
  fc.assert(
    fc.property(
      fc
        .array(aReport, { maxLength: 12 })
        .chain((reports) =>
          fc.tuple(
            fc.constant(reports),
            fc.shuffledSubarray([...reports, ...reports], { minLength: 2 * reports.length }),
          ),
        ),
      ([reports, again]) => {
        const [one, other] = [new AlertBook(), new AlertBook()];
        take(one, ...reports);
        take(other, ...again);
        assert.deepEqual(substance(one), substance(other));
        // What was told once is not told again, whatever comes twice.
        assert.deepEqual(take(one, ...reports), []);
      },
    ),
  );
});

test("property: a book that is written and read goes on as if it had never been away", () => {
  fc.assert(
    fc.property(
      fc.array(aReport, { maxLength: 12 }),
      fc.array(aReport, { maxLength: 12 }),
      fc.integer({ min: 0, max: 150 }),
      (before, after, storm) => {
        const book = stormy(storm);
        take(book, ...before);
        const read = readAlertBook(writeAlertBook(book));
        assert.deepEqual(read.state, book.state);
        assert.deepEqual(take(read, ...after), take(book, ...after));
        assert.deepEqual(read.state, book.state);
      },
    ),
  );
});

test("book: however many join, what is kept of an alert is bounded, and does not depend on their order", () => {
  const joins = Array.from({ length: 3 * MAX_ALERT_VOICES }, (_, i) =>
    aMatter({
      number: i,
      keys: [keyOf(`j${i}`), keyOf("bob")],
      voices: [voice(`j${i}`, `r${i}`), voice("bob", "those")],
    }),
  );
  const [one, other] = [new AlertBook(), new AlertBook()];
  take(one, ...joins);
  take(other, ...joins.toReversed());
  assert.deepEqual(substance(one), substance(other));
  assert.equal(one.state.alerts[0]?.voices.length, MAX_ALERT_VOICES);
});
