/**
 * A layout of ten steps with a hundred functionaries and 10,000 artifacts a step, verified by `samebits verify --layout` and by `in-toto-verify`
 * from the same files, whole processes both. Once with one link a step, and once with ten that have to agree. And patterns made to backtrack.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lacks } from "../../test/programs.ts";
import { absolute, percentile, ratioOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { pathOf, writeLayout } from "./layout-files.ts";
import { builtPackage } from "./package.ts";
import { cleanEnvironment, timed, withFolder } from "./processes.ts";

const ARTIFACTS = 10_000;
const RUNS = 7;
const LARGE_RUNS = 3;
const MB = 1e6;
const PEAK = pathToFileURL(join(import.meta.dirname, "peak.js")).href;
/** Nearly matches every name: a matcher that goes back tries each place for each star before it knows better. */
const HOSTILE = `${"*a".repeat(12)}*b`;

export const layout: Benchmark = {
  name: "layout",
  run: (say) =>
    withFolder(async (folder) => {
      const lib = await builtPackage();
      const usual = join(folder, "1");
      writeLayout(usual, { artifacts: ARTIFACTS, links: 1, tried: null, nameOf: pathOf });
      say(`10 links of ${ARTIFACTS} artifacts, ${RUNS} runs`);
      const one = measure(lib, usual, RUNS, "layout", "10 links, one a step", true);
      const many = join(folder, "10");
      writeLayout(many, { artifacts: ARTIFACTS, links: 10, tried: null, nameOf: pathOf });
      say(`100 links, ten a step, who all have to agree, ${LARGE_RUNS} runs`);
      const ten = measure(
        lib,
        many,
        LARGE_RUNS,
        "layout-10",
        "100 links, ten a step that have to agree",
        false,
      );
      say(`patterns made to backtrack, ${RUNS} runs`);
      return [...one, ...ten, matching(lib, folder)];
    }),
};

interface Taken {
  readonly ms: number;
  readonly rss: number;
}

function verified(lib: string, folder: string): Taken {
  const peak = join(folder, "peak");
  const words = [
    "--layout",
    "root.layout",
    "--layout-key",
    "owner.pem",
    "--links",
    "links",
    `--data=${join(folder, "data")}`,
  ];
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    "sh",
    [join(lib, "samebits.sh"), "verify", "product", ...words],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...cleanEnvironment(), NODE_OPTIONS: `--import=${PEAK}`, SAMEBITS_PEAK: peak },
    },
  );
  const ms = performance.now() - began;
  if (status !== 0) throw new Error(`the layout does not pass: ${stdout}${stderr}`);
  return { ms, rss: Number(readFileSync(peak, "utf8")) };
}

/** Time beside in-toto-verify's, in turn with it, and memory. */
function measure(
  lib: string,
  folder: string,
  runs: number,
  name: string,
  links: string,
  isBound: boolean,
): readonly Figure[] {
  const theirs = [
    "in-toto-verify",
    "--quiet",
    "-l",
    join(folder, "root.layout"),
    "--link-dir",
    join(folder, "links"),
  ];
  const owner = ["-k", join(folder, "owner.pub"), "-t", "ed25519"];
  const isHere = lacks("in-toto-verify") === false;
  const taken: Taken[] = [];
  const beside: number[] = [];
  for (let run = 0; run < runs; run++) {
    taken.push(verified(lib, folder));
    if (isHere) beside.push(timed([...theirs, ...owner]));
  }
  const times = taken.map(({ ms }) => ms);
  const memory = taken.map(({ rss }) => rss / MB);
  const rest = {
    what: `\`samebits verify --layout\`, the whole process: 10 steps, 100 functionaries, ${ARTIFACTS} artifacts a step, ${links}`,
    target: isBound ? ({ of: "value", atMost: 1_000 } as const) : null,
    note: "",
  };
  const time = isHere
    ? ratioOf(name, "ms", times, beside, {
        ...rest,
        ratioTo: "in-toto-verify on the same files, the whole process",
      })
    : absolute(name, "ms", percentile(times, 0.5), times, {
        ...rest,
        note: "in-toto-verify is not installed",
      });
  const most = Math.max(...memory);
  return [
    time,
    absolute(`${name}-memory`, "MB", most, memory, {
      what: `memory of that process at its highest, ${links}`,
      target: isBound ? { of: "value", atMost: 200 } : null,
      note: "",
    }),
  ];
}

/** The same with half of the artifacts and all, by a pattern that nearly matches all of them: twice the time where matching is linear. */
function matching(lib: string, folder: string): Figure {
  const nameOf = (n: number): string => `${"a".repeat(60)}${n}`;
  const [half, whole] = [ARTIFACTS / 2, ARTIFACTS].map((artifacts) => {
    const path = join(folder, `hostile ${artifacts}`);
    writeLayout(path, { artifacts, links: 1, tried: HOSTILE, nameOf });
    return path;
  }) as [string, string];
  const times: number[] = [];
  const beside: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    beside.push(verified(lib, half).ms);
    times.push(verified(lib, whole).ms);
  }
  return ratioOf("layout-patterns", "ms", times, beside, {
    what: `the same with names and patterns made to backtrack: \`${HOSTILE}\``,
    ratioTo: "half as many artifacts",
    target: { of: "ratio", atMost: 2.5 },
    note: "",
  });
}
