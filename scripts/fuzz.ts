/**
 * `npm run fuzz [-- --minutes N] [-- --format pe|deb|rpm|apk|mar|mach-o|zip] [-- --seed N]`: files whose seams are torn, seed after seed: each has a
 * normal form that keeps what is promised of it, or is refused with a code. Stops at the first that does not hold, smallest first, and prints its seed.
 */
import { parseArgs } from "node:util";
import { FORMATS, fuzzFormat } from "../test/protocol/normal-form/fuzz/formats.ts";

const USAGE = 64;
/** Of one format, before the next has its turn. */
const RUNS = 500;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    format: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const minutes = Number(values.minutes);
const names = [...FORMATS.keys()].filter((name) => values.format === undefined || name === values.format);
let seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || names.length === 0) {
  process.stderr.write(
    `fuzz: --minutes is more than 0, --seed a whole number, --format one of ${[...FORMATS.keys()].join(", ")}\n`,
  );
  process.exit(USAGE);
}

const tallies = new Map(names.map((name) => [name, { ends: new Map<string, number>() }]));
const end = Date.now() + minutes * 60_000;
for (; Date.now() < end; seed++) {
  for (const [name, tally] of tallies) {
    try {
      fuzzFormat(name, RUNS, seed, tally);
    } catch (error) {
      console.error(`${name}, seed ${seed}: does not hold`);
      throw error;
    }
  }
}
for (const [name, { ends }] of tallies) {
  const all = [...ends.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...ends].map(([what, count]) => `${what} ${count}`);
  console.log(`${name}: ${all} files: ${parts.join(", ")}`);
}
console.log(`fuzz: all held; the next seed is ${seed}`);
