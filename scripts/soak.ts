/**
 * `npm run soak [-- --minutes N] [-- --nodes N] [-- --only day|hour]`: a simulated day and a real hour of a mesh in which everybody publishes
 * and some are killed again and again. Nothing acknowledged may be missing in the end, no feed may have forked; who was never killed may not
 * have grown, in memory or open files, and stores are as large as predicted. Ends with 1 if not.
 */
import { parseArgs } from "node:util";
import { simulatedDay } from "./soak/day.ts";
import { PUBLISHERS, realHour } from "./soak/hour.ts";

const USAGE = 64;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "60" },
      nodes: { type: "string", default: "8" },
      only: { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  const count = Number(values.nodes);
  const { only } = values;
  const isPart = only === undefined || only === "day" || only === "hour";
  if (!(minutes > 0) || !Number.isInteger(count) || count <= PUBLISHERS || !isPart) {
    process.stderr.write(
      `soak: --minutes is more than 0, --nodes a whole number above ${PUBLISHERS}, --only day or hour\n`,
    );
    return USAGE;
  }
  const isDayGood = only === "hour" || simulatedDay();
  const isHourGood = only === "day" || (await realHour(count, minutes));
  return isDayGood && isHourGood ? 0 : 1;
}

process.exitCode = await main();
