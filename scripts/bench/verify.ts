/** `samebits verify` of one file, beside a node that holds what is known of it: the whole process, beside `node -e 0`. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { debTarget } from "../../protocol/index.ts";
import { claimOf } from "../../test/e2e/claims.ts";
import { besideNode, BUILDERS } from "./crew.ts";
import { ratioOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { builtPackage } from "./package.ts";
import { timed } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

const RUNS = 40;
const FILE = join(import.meta.dirname, "../../client/cli/demo/artefacts/usrmerge_37~deb12u1_all.deb");

export const verify: Benchmark = {
  name: "verify",
  run: (say) =>
    besideNode(async ({ node, policy }) => {
      await publish(node);
      say(`${RUNS} runs, each with one of node -e 0`);
      return [await measure(node, policy)];
    }),
};

async function publish(node: NodeProcess): Promise<void> {
  const target = debTarget({ namespace: "debian", name: "usrmerge", version: "37~deb12u1", arch: "all" });
  const digest = createHash("sha256")
    .update(await readFile(FILE))
    .digest();
  await node.publish(...BUILDERS.map((by) => claimOf(by, target, digest)));
}

async function measure(node: NodeProcess, policy: string): Promise<Figure> {
  const lib = await builtPackage();
  const ours = [
    "sh",
    join(lib, "samebits.sh"),
    "verify",
    FILE,
    `--policy=${policy}`,
    `--data=${node.dataDir}`,
    "--network=bench",
  ];
  const theirs = ["node", "-e", "0"];
  const times: number[] = [];
  const beside: number[] = [];
  for (let run = -2; run < RUNS; run++) {
    const [mine, other] = [timed(ours), timed(theirs)];
    if (run < 0) continue;
    times.push(mine);
    beside.push(other);
  }
  return ratioOf("verify-local", "ms", times, beside, {
    what: "`samebits verify FILE` with a node running, the whole process",
    ratioTo: "node -e 0",
    target: { of: "ratio", atMost: 2.5 },
    note: "",
  });
}
