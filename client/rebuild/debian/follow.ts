/** What there is to rebuild of a suite: every source package that its signed indexes list, shared among those who rebuild it. */
import { debTarget, ProtocolError, sha256, utf8 } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import type { Job } from "../loop.ts";
import { isBuiltFor } from "./sources-list.ts";
import type { ListedSource } from "./sources-list.ts";

/** One part of the work: the `part`-th of `parts`, from 1. */
export interface Shard {
  readonly part: number;
  readonly parts: number;
}

/** A source package to rebuild; its id is its package URL. */
export interface SourceJob extends Job {
  readonly name: string;
  readonly version: string;
}

const MAX_PARTS = 65_535;

/** `2/5`. Throws `usage/bad-option`. */
export function parseShard(text: string): Shard {
  const [, part = 0, parts = 0] = (/^([1-9][0-9]{0,4})\/([1-9][0-9]{0,4})$/.exec(text) ?? []).map(Number);
  if (part < 1 || part > parts || parts > MAX_PARTS) {
    throw new ClientError(
      "usage/bad-option",
      `--shard ${text}: write I/N, such as 2/5 for the second of five parts, at most ${MAX_PARTS}`,
    );
  }
  return { part, parts };
}

/** `bookworm` or `bookworm/main`. Throws `usage/bad-option`. */
export function parseFollowed(text: string): { readonly suite: string; readonly component: string | null } {
  const [, suite, component = null] = /^([a-z][a-z0-9-]*)(?:\/([a-z][a-z0-9-]*))?$/.exec(text) ?? [];
  if (suite === undefined)
    throw new ClientError(
      "usage/bad-option",
      `--follow ${text}: write SUITE or SUITE/COMPONENT, such as bookworm/main`,
    );
  return { suite, component };
}

/** Whose part a source is: all its versions are one's, and no part needs to know of the others. */
export function isOf({ part, parts }: Shard, name: string): boolean {
  const digest = sha256(utf8(name));
  const [a = 0, b = 0, c = 0] = digest; // 24 bits: 256 times as many as there can be parts
  return ((a << 16) | (b << 8) | c) % parts === part - 1;
}

/** The jobs of a part among the sources of a suite, in their order, each once. What no package URL can name is left out. */
export function jobsOf(
  listed: readonly ListedSource[],
  shard: Shard,
  namespace: string,
  architecture: string,
): readonly SourceJob[] {
  const jobs = new Map<string, SourceJob>();
  for (const source of listed) {
    const { name, version } = source;
    if (!isOf(shard, name) || !isBuiltFor(source, architecture)) continue;
    const id = purlOf(namespace, name, version);
    if (id !== null && !jobs.has(id)) jobs.set(id, { id, name, version });
  }
  return [...jobs.values()];
}

function purlOf(namespace: string, name: string, version: string): string | null {
  try {
    return debTarget({ namespace, name, version, arch: "source" }).purl;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
