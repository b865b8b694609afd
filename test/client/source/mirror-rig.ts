/** Mirrors in memory as `verify` reads them, and a feed that speaks of the tool in some places. */
import { StaticMirrors } from "../../../client/source/mirror/mirrors.ts";
import type { MirrorsRead, Sought } from "../../../client/edges.ts";
import { verifyEntry } from "../../../protocol/index.ts";
import { Builder } from "../../sim/builder.ts";
import { MemoryFeed, TOOL } from "../cli/stage.ts";
import type { Files } from "./feed-server.ts";

export const NETWORK = "test";
export const builder: Builder = new Builder(1);
export const OTHERS: readonly string[] = Array.from({ length: 1_000 }, (_, i) => `entry ${i}`);
export const SAID: Uint8Array = builder.link(TOOL, "bits");
export const PLACES: readonly number[] = [5, 300, 767, 800];

/** Nothing of use but for what is said of the tool. */
export const whole: MemoryFeed = new MemoryFeed(1);
for (const [i, text] of OTHERS.entries()) whole.append(PLACES.includes(i) ? SAID : text);

export const sought = (...origins: readonly string[]): Sought => ({
  targets: [TOOL.key],
  digests: [],
  files: [],
  origins,
  since: [],
  witnesses: [],
});

/** Mirrors in memory, in a data directory. */
export function mirrors(dataDir: string, ...served: readonly Files[]): StaticMirrors {
  const files = served.map((one, i) => ({
    name: `m${i}`,
    read: async (path: string): Promise<Uint8Array | null> => one(path),
  }));
  return new StaticMirrors(files, { network: NETWORK, dataDir });
}

export async function readAll(dataDir: string, ...served: readonly Files[]): Promise<MirrorsRead> {
  return mirrors(dataDir, ...served).read(sought(), 60_000);
}

/** What was asked of a mirror. */
export function counted(files: Files): { readonly files: Files; readonly asked: string[] } {
  const asked: string[] = [];
  const count: Files = (path) => {
    asked.push(path);
    return files(path);
  };
  return { files: count, asked };
}

/** Indexes of what was found, which is proven. */
export function indexes({ raw }: MirrorsRead): readonly number[] {
  for (const entry of raw.entries) verifyEntry(entry, NETWORK);
  return raw.entries.map(({ index }) => index).toSorted((a, b) => a - b);
}

export const complete = ({ raw }: MirrorsRead): readonly boolean[] => raw.heads.map((head) => head.complete);
export const codes = ({ dropped }: MirrorsRead): readonly string[] => dropped.map(({ code }) => code);
