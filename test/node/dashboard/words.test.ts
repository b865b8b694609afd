/** Numbers, times, digests and places of the page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAhead } from "../../../protocol/index.ts";
import { feedsByAge } from "../../../node/dashboard/feed-ages.ts";
import { placePeers } from "../../../node/dashboard/mesh-map.ts";
import { readRoute, writeRoute } from "../../../node/dashboard/route.ts";
import { seenWords } from "../../../node/dashboard/statement.ts";
import { scrollTo, sightOf } from "../../../node/dashboard/window.ts";
import { ago, many, octets, packageName, share, short, when } from "../../../node/dashboard/words.ts";

test("numbers and times in words", () => {
  assert.deepEqual(
    [many(1, "file"), many(65_000, "file"), many(0, "entry", "entries")],
    ["1 file", "65,000 files", "0 entries"],
  );
  assert.deepEqual([short("0123456789abcdef"), short("0123")], ["01234567…", "0123"]);
  assert.deepEqual(
    [ago(0, 5_000), ago(0, 90_000), ago(0, 3 * 86_400_000), ago(9_000, 0)],
    ["just now", "2 min ago", "3 days ago", "just now"],
  );
  assert.equal(when(Date.parse("2026-11-29T10:15:59Z")), "2026-11-29 10:15 UTC");
  assert.deepEqual([octets(999), octets(12_500_000), octets(3e15)], ["999 B", "12.5 MB", "3000 TB"]);
});

test("a time ahead of this clock, or of no calendar, is said to be so: whoever signs may state any", () => {
  const now = Date.parse("2026-11-29T10:15:00Z");
  const minute = 60_000;
  assert.deepEqual(
    [ago(now + 4 * minute, now), ago(now + 6 * minute, now)],
    ["just now", "ahead of this clock"],
  );
  for (const time of [9e18, 8.64e15 + 1, Number.MAX_VALUE, Infinity]) {
    assert.equal(ago(time, now), "ahead of this clock");
    assert.equal(when(time), "a time beyond all calendars");
    assert.equal(isAhead(time, now), true);
  }
  assert.deepEqual(
    [ago(NaN, now), when(NaN), isAhead(NaN, now)],
    ["at no time known", "no time known", false],
  );
  assert.deepEqual([when(-9e18), when(0)], ["a time beyond all calendars", "1970-01-01 00:00 UTC"]);
  assert.match(ago(-9e18, now), / days ago$/);
  assert.deepEqual(
    [seenWords(null, now), seenWords(now, now), seenWords(9e18, now), seenWords(now + 6 * minute, now)],
    [
      "its key has not confirmed a time yet",
      "no later than 2026-11-29 10:15 UTC, as the feed's key confirms",
      "its key confirms a time that is ahead of this clock, which says nothing",
      "its key confirms a time that is ahead of this clock, which says nothing",
    ],
  );
});

test("feeds by freshness: a head of the future is not fresh, its time is not known", () => {
  const hour = 3_600_000;
  const now = 1_000 * hour;
  const times = new Map(
    [0, 2, 48, 200, -0.05, -0.1, -9e9].map((hours, at) => [`feed ${at}`, now - hours * hour] as const),
  );
  const origins = [...times.keys(), "feed without a time"];
  assert.deepEqual(
    feedsByAge(origins, times, now).map(({ name, count }) => [name, count]),
    [
      ["within an hour", 2],
      ["within a day", 1],
      ["within a week", 1],
      ["longer ago", 1],
      ["no time known", 3],
    ],
  );
});

test("a share is never rounded to all or to nothing", () => {
  assert.deepEqual(
    [share(1, 2), share(9_999, 10_000), share(1, 10_000), share(5, 5), share(0, 5), share(0, 0)],
    ["50 %", "99.9 %", "0.1 %", "100 %", "0 %", "–"],
  );
});

test("a purl as people say it; what is none as it is", () => {
  assert.equal(
    packageName("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64"),
    "libstdc++6 12.2.0-14 amd64",
  );
  assert.equal(packageName("pkg:generic/tool@1.0"), "tool 1.0");
  assert.equal(packageName("<script>alert(1)</script>"), "<script>alert(1)</script>");
  assert.equal(packageName("pkg:deb/debian/%zz@1"), "%zz 1");
});

test("a place in the page is written and read back; what is none is the overview", () => {
  const route = writeRoute("package", { purl: "pkg:deb/a&b=c#d@1", file: "", q: "é" });
  assert.deepEqual(readRoute(route), {
    view: "package",
    parameters: new Map([
      ["purl", "pkg:deb/a&b=c#d@1"],
      ["q", "é"],
    ]),
  });
  assert.equal(readRoute("#/nowhere?x=1").view, "overview");
  assert.equal(readRoute("").view, "overview");
});

test("of 65,000 rows only those in sight are drawn, at either end too", () => {
  for (const scrolled of [0, 1_000_000, 65_000 * 58 - 600, 65_000 * 58 * 2]) {
    const { from, to } = sightOf(scrolled, 600, 58, 65_000);
    assert.ok(from >= 0 && to <= 65_000 && from < to && to - from < 30, `${from} to ${to}`);
  }
  assert.deepEqual(sightOf(0, 600, 58, 0), { from: 0, to: 0 });
  assert.equal(scrollTo(100, 0, 600, 58), 101 * 58 - 600);
  assert.equal(scrollTo(3, 400, 600, 58), 3 * 58);
  assert.equal(scrollTo(5, 58, 600, 58), 58);
});

test("peers on the map: each at a place of its own, inside", () => {
  for (const count of [0, 1, 12, 13, 80]) {
    const places = placePeers(count);
    assert.equal(places.length, count);
    assert.ok(places.every(({ x, y }) => Math.hypot(x, y) <= 0.91));
    assert.equal(new Set(places.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`)).size, count);
  }
});
