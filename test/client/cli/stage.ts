/** A stage for commands that judge: a file, builders who speak of it, a policy that knows them, and bundles of what they said. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  cosignatureMessage,
  headBody,
  parseTarget,
  sha256,
  signDomain,
  toSpkiPem,
  withOwnTime,
  writeBundleFile,
} from "../../../protocol/index.ts";
import type { RawFindings, Target } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

export const PURL = "pkg:generic/tool@1.0";
export const FILE = "tool.tar.gz";
export const TOOL: Target = parseTarget(PURL, FILE);
/** What stands in the file that is verified. */
export const SAME = "these bits";
export const OTHER = "other bits";
export const NETWORK = "test";

/** A builder of the policy; its operator is itself unless it is said. */
export interface Member {
  readonly name: string;
  readonly builders: readonly Builder[];
  readonly operator?: string;
}

export interface Stage {
  readonly folder: string;
  /** The file. */
  readonly path: string;
  /** Runs `verify` on it with these bundles and options. */
  readonly verify: (bundles: readonly Uint8Array[], ...options: readonly string[]) => Promise<Ran>;
}

/** The rule's other members, as TOML lines. */
export async function stage(members: readonly Member[], rule: readonly string[] = [], k = 2): Promise<Stage> {
  const folder = await newFolder();
  const path = join(folder, FILE);
  await writeFile(path, SAME);
  const policy = join(folder, "policy.toml");
  await writeFile(policy, policyText(members, rule, k));
  let number = 0;
  return {
    folder,
    path,
    async verify(bundles, ...options) {
      const files: string[] = [];
      for (const bytes of bundles) {
        const file = join(folder, `bundle-${number++}`);
        await writeFile(file, bytes);
        files.push(file);
      }
      const named = files.length === 0 ? [] : ["--bundle", ...files];
      const common = ["--policy", policy, "--network", NETWORK, "--offline", "--json", ...options];
      return runCommand(["verify", path, "--purl", PURL, ...common, ...named], folder);
    },
  };
}

export function policyText(members: readonly Member[], rule: readonly string[], k: number): string {
  const builders = members.map(
    ({ name, builders, operator }) =>
      `[builders.${name}]\nkeys = [${builders.map(({ key }) => JSON.stringify(toSpkiPem(key))).join(", ")}]\n` +
      `roles = ["rebuilder"]\n${operator === undefined ? "" : `operator = "${operator}"\n`}`,
  );
  const requirement = `require = { k = ${k}, of = "role:rebuilder", distinct = "operator" }`;
  return `version = 1\n${builders.join("\n")}\n[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\n${requirement}\n${rule.join("\n")}\n`;
}

/** Loose envelopes, one a line. */
export function envelopes(...all: readonly Uint8Array[]): Uint8Array {
  return new TextEncoder().encode(all.map((envelope) => `${new TextDecoder().decode(envelope)}\n`).join(""));
}

/** A bundle of whole feeds: every entry with its proof, and the head with a time of its own. */
export function feedBundle(
  feeds: readonly { readonly feed: MemoryFeed; readonly time: number }[],
): Uint8Array {
  const found: RawFindings = {
    entries: feeds.flatMap(({ feed }) =>
      feed.entries.map((entry, index) => ({
        entry,
        signer: feed.head().key,
        index,
        path: feed.inclusion(index),
        checkpoint: feed.note(),
      })),
    ),
    envelopes: [],
    heads: feeds.map(({ feed, time }) => ({
      checkpoint: feed.note(),
      timed: timedNote(feed, time),
      complete: false,
    })),
    evidence: [],
  };
  return writeBundleFile(found, { network: NETWORK, time: Date.UTC(2026, 0, 2) });
}

export function timedNote(feed: MemoryFeed, time: number): Uint8Array {
  const head = feed.head();
  const seconds = Math.floor(time / 1_000);
  return withOwnTime(head, seconds, signDomain(feed.seed, cosignatureMessage(seconds, headBody(head))));
}

/** Builder number n. */
export function member(number: number, operator?: string): Member {
  return {
    name: `b${number}`,
    builders: [new Builder(number)],
    ...(operator === undefined ? {} : { operator }),
  };
}

/** The only builder of a member. */
export function keyOf({ builders }: Member): Builder {
  const [only] = builders;
  if (only === undefined) throw new Error("a member without a key");
  return only;
}

/** Writes a file into a new folder. */
export async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const folder = await newFolder();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

export { MemoryFeed };
export const digestOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text));
