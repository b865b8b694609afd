/** Working jobs off: what is done once is never done again, what failed waits longer each time, whatever ends the process in between. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { workOff, withJournal } from "../../../client/rebuild/index.ts";
import type { Job, Outcome, Tally, Task } from "../../../client/rebuild/index.ts";
import { newFolder } from "../../node/folder.ts";

const DAY = 86_400_000;
const DONE: Outcome = { state: "done" };
const BROKEN: Outcome = { state: "failed", why: "the compiler crashed" };

type Work = (job: Job, task: Task) => Promise<Outcome> | Outcome;

/** A rebuilder whose clock is ours. Its journal is read anew for each run, as by a new process. */
class Rebuilder {
  now = Date.UTC(2026, 10, 29);
  readonly told: string[] = [];
  readonly worked: string[] = [];
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }

  run(jobs: readonly string[], work: Work, stop: AbortController = new AbortController()): Promise<Tally> {
    return withJournal(this.data, "a builder", (journal) =>
      workOff(
        jobs.map((id) => ({ id })),
        journal,
        async (job, task) => {
          this.worked.push(job.id);
          return work(job, task);
        },
        {
          signal: stop.signal,
          now: () => this.now,
          began: ({ id }) => void this.told.push(`began ${id}`),
          ended: ({ id }, { state }, next) =>
            void this.told.push(
              `${state} ${id}${next === null ? "" : ` again in ${(next - this.now) / DAY} d`}`,
            ),
          skipped: ({ id }, { state }) => void this.told.push(`skipped ${id} ${state}`),
        },
      ),
    );
  }

  /** What was worked on since the last time. */
  took(): readonly string[] {
    return this.worked.splice(0);
  }

  get file(): string {
    const [name = ""] = readdirSync(join(this.data, "rebuilds")).filter((each) => each.endsWith(".json"));
    return join(this.data, "rebuilds", name);
  }
}

async function rebuilder(): Promise<Rebuilder> {
  return new Rebuilder(await newFolder());
}

test("jobs are worked off in their order, one that fails stops nobody, and the second run has nothing to do", async () => {
  const it = await rebuilder();
  const work: Work = ({ id }) => (id === "b" ? BROKEN : DONE);
  const first = await it.run(["a", "b", "c", "a"], work);
  const next = it.now + DAY;
  assert.deepEqual(first, { done: 2, failed: 1, known: 1, waiting: 0, next, interrupted: false });
  assert.deepEqual(it.told, [
    "began a",
    "done a",
    "began b",
    "failed b again in 1 d",
    "began c",
    "done c",
    "skipped a done",
  ]);
  assert.deepEqual(it.took(), ["a", "b", "c"]);
  const second = await it.run(["a", "b", "c"], work);
  assert.deepEqual(second, { done: 0, failed: 0, known: 2, waiting: 1, next, interrupted: false });
  assert.deepEqual(it.took(), []);
});

test("what failed is tried again after a day, then two, four, and after 32 days at the longest", async () => {
  const it = await rebuilder();
  for (const days of [1, 2, 4, 8, 16, 32, 32]) {
    await it.run(["a"], () => BROKEN);
    assert.equal(it.took().length, 1);
    it.now += days * DAY - 1;
    await it.run(["a"], () => BROKEN);
    assert.deepEqual(it.took(), [], `${days} days are not over`);
    it.now += 1;
  }
  assert.match(readFileSync(it.file, "utf8"), /"tries":7,"why":"the compiler crashed"/);
  await it.run(["a"], () => DONE);
  assert.match(readFileSync(it.file, "utf8"), /"jobs":\[\{"job":"a","state":"done","at":\d+\}\]/);
});

test("a failure that a wrong clock wrote into the future waits for nothing", async () => {
  const it = await rebuilder();
  it.now += 400 * DAY;
  await it.run(["a"], () => BROKEN);
  it.now -= 400 * DAY;
  await it.run(["a"], () => DONE);
  assert.deepEqual(it.took(), ["a", "a"]);
});

test("what stops all is thrown and remembered of nobody; what one job kept is delivered by the next run, not made again", async () => {
  const it = await rebuilder();
  const made: string[] = [];
  const deliver =
    (node: "up" | "down"): Work =>
    async ({ id }, task) => {
      const { kept } = task;
      if (kept.length === 0) {
        made.push(id);
        await task.keep([`${id}.dsse.jsonl`]);
      } else it.told.push(`delivers ${kept.join(" ")}`);
      if (node === "down") throw new Error("no node answers");
      return DONE;
    };
  await assert.rejects(it.run(["a", "b"], deliver("down")), /no node answers/);
  await assert.rejects(it.run(["a", "b"], deliver("down")), /no node answers/);
  const { done } = await it.run(["a", "b"], deliver("up"));
  assert.equal(done, 2);
  assert.deepEqual(made, ["a", "b"]);
  assert.equal(it.told.filter((line) => line === "delivers a.dsse.jsonl").length, 2);
});

test("an interrupted run remembers no failure of the job that it ended, and begins no other", async () => {
  const it = await rebuilder();
  const stop = new AbortController();
  const work: Work = () => {
    stop.abort();
    return BROKEN;
  };
  const tally = await it.run(["a", "b"], work, stop);
  assert.deepEqual(tally, { done: 0, failed: 0, known: 0, waiting: 0, next: null, interrupted: true });
  assert.deepEqual(it.took(), ["a"]);
  await it.run(["a", "b"], () => DONE);
  assert.deepEqual(it.took(), ["a", "b"]);
  const late = new AbortController();
  const finishing: Work = () => {
    late.abort();
    return DONE;
  };
  assert.equal((await it.run(["c"], finishing, late)).done, 1);
});

test("two runs with one journal do not meet; a lock that a dead process left is no lock", async () => {
  const it = await rebuilder();
  const inside: Work = async () => {
    await assert.rejects(
      it.run(["b"], () => DONE),
      { code: "rebuild/busy" },
    );
    return DONE;
  };
  assert.equal((await it.run(["a"], inside)).done, 1);
  // Our own number, of a process that began at another time: as in a container, where a service has the same one after each start.
  writeFileSync(`${it.file}.lock`, `${process.pid} 1`);
  assert.equal((await it.run(["b"], () => DONE)).done, 1);
});

test("a journal that is none, or too long a name, is told; a reason of any length and text comes back", async () => {
  const it = await rebuilder();
  await it.run(["a"], () => ({ state: "failed", why: `${"x".repeat(255)}\u{1f600}` }));
  assert.equal((await it.run(["a"], () => DONE)).waiting, 1);
  await assert.rejects(
    it.run(["p".repeat(1_281)], () => DONE),
    { code: "input/too-big" },
  );
  writeFileSync(it.file, '{"samebits":1,"name":"a builder","jobs":[{"job":"a","state":"perhaps","at":1}]}');
  await assert.rejects(
    it.run(["a"], () => DONE),
    /rebuilds.*"perhaps" is none of/,
  );
});
