/** A whole transaction of apt judged by the hook, beside a node that knows all of it; next to `sha256sum` of the same files. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debTarget } from "../../protocol/index.ts";
import { ar, tar } from "../../test/client/artifact/archives.ts";
import { claimOf } from "../../test/e2e/claims.ts";
import { besideNode, BUILDERS } from "./crew.ts";
import { ratioOf } from "./figure.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { builtPackage } from "./package.ts";
import { timed } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

/** As 500 packages of bookworm drawn at random are. */
const PACKAGES = 500;
const OCTETS = 571_000_000;
const RUNS = 5;
/** Envelopes of one request. */
const AT_ONCE = 250;
/** What Node takes to start, and what has to be said, whatever is installed. */
const START_MS = 300;

interface Package {
  readonly name: string;
  readonly path: string;
  readonly sha256: Uint8Array;
}

export const apt: Benchmark = {
  name: "apt",
  run: (say) =>
    besideNode(async ({ folder, node, policy }) => {
      const packages = await writePackages(join(folder, "archives"));
      await publish(node, packages);
      say(`${PACKAGES} packages of ${OCTETS / 1e6} MB, ${RUNS} runs, each with one of sha256sum`);
      return [await measure(folder, node, policy, packages)];
    }),
};

/** Half of them small, a few that make up most of it, as in a distribution. */
function sizes(): readonly number[] {
  const weights = Array.from({ length: PACKAGES }, (_, n) => (n + 1) ** -1.2);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.ceil((weight * OCTETS) / all));
}

async function writePackages(folder: string): Promise<readonly Package[]> {
  await mkdir(folder);
  const packages: Package[] = [];
  for (const [n, size] of sizes().entries()) {
    const name = `package${n}`;
    const control = `Package: ${name}\nVersion: 1.0-1\nArchitecture: amd64\n`;
    const bytes = ar(
      ["debian-binary", new TextEncoder().encode("2.0\n")],
      ["control.tar", tar({ name: "./control", contents: new TextEncoder().encode(control) })],
      ["data.tar.xz", randomBytes(size)],
    );
    const path = join(folder, `${name}_1.0-1_amd64.deb`);
    await writeFile(path, bytes);
    packages.push({ name, path, sha256: createHash("sha256").update(bytes).digest() });
  }
  return packages;
}

async function publish(node: NodeProcess, packages: readonly Package[]): Promise<void> {
  const claims = packages.flatMap(({ name, sha256 }) => {
    const target = debTarget({ namespace: "debian", name, version: "1.0-1", arch: "amd64" });
    return BUILDERS.slice(0, 2).map((by) => claimOf(by, target, new Uint8Array(sha256)));
  });
  for (let at = 0; at < claims.length; at += AT_ONCE) await node.publish(...claims.slice(at, at + AT_ONCE));
}

async function measure(
  folder: string,
  node: NodeProcess,
  policy: string,
  packages: readonly Package[],
): Promise<Figure> {
  const lib = await builtPackage();
  const told = packages.map(({ name, path }) => `${name} - - none < 1.0-1 amd64 none ${path}\n`);
  const input = `VERSION 3\nAPT::Architecture=amd64\n\n${told.join("")}`;
  const options = {
    mode: "enforce",
    config: "/dev/null",
    network: "bench",
    policy,
    data: node.dataDir,
    state: join(folder, "state"),
  };
  const words = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
  const hook = ["sh", join(lib, "samebits.sh"), "apt", "pre-install", ...words];
  const sums = ["sha256sum", ...packages.map(({ path }) => path)];
  const times: number[] = [];
  const beside: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const [mine, other] = [timed(hook, input), timed(sums)];
    if (run < 0) continue;
    times.push(mine);
    beside.push(other + START_MS / 1.3);
  }
  return ratioOf("apt-hook", "ms", times, beside, {
    what: `\`samebits apt pre-install\` of ${PACKAGES} packages, ${OCTETS / 1e6} MB, with a node running`,
    ratioTo: "sha256sum of the same files, with 231 ms more (300 after the factor)",
    target: { of: "ratio", atMost: 1.3 },
    note: "",
  });
}
