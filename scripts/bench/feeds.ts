/** Feeds as static files, and a policy that follows them. */
import { join } from "node:path";
import { builder } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { writePolicy } from "./crew.ts";
import { distribution, sealedBy, statementOf } from "./distribution.ts";
import type { Package } from "./distribution.ts";
import { NETWORK } from "./processes.ts";
import { writeStaticFeed } from "./static-feed.ts";

export interface ManyFeeds {
  /** Of a node that follows them, and of one that has them too. */
  readonly policy: string;
  readonly mirrors: readonly string[];
  /** Entries of each: fewer than wanted where the distribution has no more packages. */
  readonly entries: number;
}

/** What this builder says of these packages. */
export function entriesBy(by: TestBuilder, packages: readonly Package[]): readonly Uint8Array[] {
  return packages.map((one) => sealedBy(by, statementOf(one)));
}

/** Writes the feed of `by` that lists these. */
export async function writeFeed(
  folder: string,
  by: TestBuilder,
  entries: readonly Uint8Array[],
): Promise<void> {
  await writeStaticFeed(folder, NETWORK, by, entries.length, (i) => entries[i] ?? new Uint8Array());
}

/** Writes `count` feeds of so many entries each. */
export async function manyFeeds(folder: string, count: number, size: number): Promise<ManyFeeds> {
  const builders = Array.from({ length: count }, (_, i) => builder(`distribution ${i}`));
  const { packages } = await distribution(size);
  const mirrors: string[] = [];
  for (const [i, by] of builders.entries()) {
    const feed = join(folder, `feed-${i}`);
    await writeFeed(feed, by, entriesBy(by, packages));
    mirrors.push(`--mirror=file:${feed}`);
  }
  return { policy: `--policy=${await writePolicy(folder, builders)}`, mirrors, entries: packages.length };
}
