/**
 * `npm run faults [-- --histories N] [-- --kills N] [-- --calls N]`: publishers whose disks fail at random, life after life; then real processes, killed
 * N times at random while they publish and while they receive, and killed or failed by strace at each of their first N calls of each kind. Every feed
 * has to be whole in the end, with all that was acknowledged. Ends with 1 where one is not, and says which.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killFollower, killPublisher } from "../test/e2e/kill-rounds.ts";
import { FAULTS } from "../test/kill/faulty.ts";
import { below, Publisher } from "../test/kill/life.ts";
import { TracedPublisher, withoutStrace } from "../test/kill/traced.ts";

const LIVES = 6;
const CALLS = ["fdatasync", "fsync", "/^rename", "/^p?write"] as const;
const WHAT = ["signal=KILL", "error=EIO", "error=ENOSPC"] as const;

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "200" },
    kills: { type: "string", default: "20" },
    calls: { type: "string", default: "12" },
  },
});
let checked = 0;
let acknowledged = 0;
for (let seed = 0; seed < Number(values.histories); seed++) {
  const folder = await mkdtemp(join(tmpdir(), "samebits-faults-"));
  const publisher = new Publisher(folder);
  try {
    for (let life = 0; life < LIVES; life++) {
      const kind = FAULTS[below(FAULTS.length, seed, life, "kind")] ?? "torn";
      await publisher.live({ step: 1 + below(20, seed, life, "step"), kind });
      await publisher.check();
      checked++;
    }
  } catch (error) {
    console.error(`history ${seed}: not consistent`);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  acknowledged += publisher.acknowledged;
}
console.log(
  `ok: ${values.histories} histories, ${checked} lives checked, ${acknowledged} entries acknowledged, none lost`,
);

const kills = Number(values.kills);
if (kills > 0) {
  console.log(
    `ok: killed ${kills} times while it published, ${await killPublisher(kills)} acknowledged, none lost`,
  );
  console.log(
    `ok: killed ${kills} times while it received, all ${await killFollower(kills)} entries are there`,
  );
}

const reason = withoutStrace();
if (reason !== null) console.log(`left out, real processes: ${reason}`);
else {
  const publisher = await TracedPublisher.begin();
  let came = 0;
  for (const calls of CALLS) {
    for (const what of WHAT) {
      for (let when = 1; when <= Number(values.calls); when++) {
        if (await publisher.live({ calls, what, when })) came++;
        await publisher.check();
      }
      console.log(`${what} at ${calls}: whole`);
    }
  }
  console.log(
    `ok: real processes, ${came} faults, ${publisher.acknowledged} entries acknowledged, none lost`,
  );
}
// Test helpers wait for the end of a test run to clean up.
process.exit(0);
