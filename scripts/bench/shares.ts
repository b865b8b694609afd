/** On what this thread spends its time, from samples of V8's profiler: each counts for the innermost function that belongs to a kind of work. */
import { Session } from "node:inspector/promises";
import type { Profiler } from "node:inspector";

const KINDS = ["signatures", "hashing", "parsing", "storing", "garbage collection", "waiting"] as const;
type Kind = (typeof KINDS)[number];

/** µs between two samples: a frame of gossip takes some hundred. */
const INTERVAL_US = 200;

/** By function: what these call natively is theirs. */
const FUNCTIONS: ReadonlyMap<string, Kind> = new Map([
  ["equation", "signatures"],
  ["verifyEd25519", "signatures"],
  ["(garbage collector)", "garbage collection"],
  ["(idle)", "waiting"],
]);

/** By the file's place; what joins and compares octets (octets.ts) belongs to whoever calls it. */
const FILES: readonly (readonly [RegExp, Kind])[] = [
  [/\/protocol\/(?:crypto\/(?:native|hash)|feed\/(?:merkle|range|tile-hashes))\.ts$/, "hashing"],
  [
    /\/protocol\/(?:wire|bytes(?!\/octets)|attestation)\/|\/protocol\/feed\/(?:note|checkpoint|origin)\.ts$/,
    "parsing",
  ],
  [/\/node_modules\/(?:protons-runtime|uint8arrays)\//, "parsing"],
  [/\/node\/(?:store\/.*|writer)\.ts$|\/protocol\/peer\/(?:append|rows|feed-row)\.ts$/, "storing"],
  [/\/node_modules\/(?:classic-level|abstract-level|level)\//, "storing"],
];

/** Samples between `start` and `stop`, of as many spans as are wanted. */
export class Shares {
  readonly #session = new Session();
  readonly #times = new Map<Kind | null, number>();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post("Profiler.enable");
    await this.#session.post("Profiler.setSamplingInterval", { interval: INTERVAL_US });
    await this.#session.post("Profiler.start");
  }

  async stop(): Promise<void> {
    const { profile } = await this.#session.post("Profiler.stop");
    this.#session.disconnect();
    this.#add(profile);
  }

  /** `signatures 36 %, hashing 9 %, …`: the shares of all spans, the rest last. */
  inWords(): string {
    let all = 0;
    for (const time of this.#times.values()) all += time;
    const share = (kind: Kind | null): string =>
      `${Math.round((100 * (this.#times.get(kind) ?? 0)) / all)} %`;
    return [...KINDS.map((kind) => `${kind} ${share(kind)}`), `the rest ${share(null)}`].join(", ");
  }

  #add({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): void {
    const kinds = kindsOf(nodes);
    const own = new Set(nodes.filter(({ callFrame }) => isOfSampling(callFrame)).map(({ id }) => id));
    for (const [i, id] of samples.entries()) {
      if (own.has(id)) continue;
      const kind = kinds.get(id) ?? null;
      this.#times.set(kind, (this.#times.get(kind) ?? 0) + (timeDeltas[i] ?? 0));
    }
  }
}

/** By the number of a node of the call tree: its own kind, or that of the nearest caller that has one. */
function kindsOf(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, Kind | null> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, Kind | null>();
  const [root] = nodes;
  const left = root === undefined ? [] : [{ node: root, caller: null as Kind | null }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, caller } = next;
    const kind = kindOf(node.callFrame) ?? caller;
    kinds.set(node.id, kind);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) left.push({ node: child, caller: kind });
    }
  }
  return kinds;
}

/** Starting and ending a profile takes longer than what is sampled. */
function isOfSampling({ functionName, url }: Profiler.ProfileNode["callFrame"]): boolean {
  return url === "node:inspector" && functionName === "post";
}

function kindOf({ functionName, url }: Profiler.ProfileNode["callFrame"]): Kind | null {
  const place = decodeURIComponent(url);
  return FUNCTIONS.get(functionName) ?? FILES.find(([file]) => file.test(place))?.[1] ?? null;
}
