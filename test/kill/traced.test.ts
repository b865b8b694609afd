/** Real processes, killed or failed by strace in the midst of their writes (I1, R12). `npm run faults` does it at every call. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TracedPublisher, withoutStrace } from "./traced.ts";
import type { Injection } from "./traced.ts";

const POINTS: readonly Injection[] = [
  { calls: "fdatasync", what: "signal=KILL", when: 2 },
  { calls: "fsync", what: "signal=KILL", when: 3 },
  { calls: "/^rename", what: "signal=KILL", when: 2 },
  { calls: "/^rename", what: "error=EIO", when: 3 },
  { calls: "fdatasync", what: "error=ENOSPC", when: 3 },
];

test(
  "killed at a write, or told that it failed: the export is whole, nothing acknowledged is lost",
  { timeout: 600_000 },
  async (t) => {
    const reason = withoutStrace();
    if (reason !== null) return t.skip(reason);
    const publisher = await TracedPublisher.begin();
    for (const point of POINTS) {
      assert.ok(await publisher.live(point), `${point.what} at ${point.calls} ${point.when} comes`);
      await publisher.check();
    }
    assert.ok(publisher.acknowledged > POINTS.length);
  },
);
