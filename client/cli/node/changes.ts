import type { NodeConfig } from "../../../node/index.ts";
import { toHex } from "../../../protocol/index.ts";

/** One setting of a node that is another than before. */
export interface Change {
  /** A member of `NodeConfig`. */
  readonly setting: string;
  /** `now`: taken as it runs. `anew`: the node starts anew in its process. `restart`: not taken until the process is started anew. */
  readonly when: "now" | "anew" | "restart";
  /** What is other, in words; nothing of keys. */
  readonly how: string;
}

/** Whose feed, whose data, which mesh: nobody changes that by the way. */
const RESTART: ReadonlySet<string> = new Set(["network", "dataDir", "publishKey", "witnessKey"]);
const SECRET: ReadonlySet<string> = new Set(["publishKey", "witnessKey"]);
/** An act, not a setting. */
const LEFT_OUT: ReadonlySet<string> = new Set(["first"]);
/** Items of a list that are named. */
const MAX_NAMED = 8;

/** What of a configuration is other than what a node runs with. */
export function changesOf(old: NodeConfig, next: NodeConfig): readonly Change[] {
  const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(next))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((setting) => {
    if (LEFT_OUT.has(setting)) return [];
    const [was, is] = [partsOf(before.get(setting)), partsOf(after.get(setting))];
    if (was.join("\n") === is.join("\n")) return [];
    const when = RESTART.has(setting) ? "restart" : setting === "log" ? "now" : "anew";
    return [{ setting, when, how: SECRET.has(setting) ? "another key" : inWords(was, is) } as const];
  });
}

/** The configuration that is asked for, but for what only a restart may change. */
export function takeable(old: NodeConfig, next: NodeConfig): NodeConfig {
  const { network, dataDir, publishKey, witnessKey } = old;
  return { ...next, network, dataDir, publishKey, witnessKey, first: false };
}

/** The single values in a setting, as texts; keys in hex. */
function partsOf(value: unknown, name = ""): readonly string[] {
  if (value === undefined || value === null) return [];
  if (value instanceof Uint8Array) return [`${name}${toHex(value)}`];
  if (Array.isArray(value)) return value.flatMap((item) => partsOf(item, name));
  if (typeof value === "object")
    // A whole policy is no change to read in a log; its hash, beside it, is.
    return Object.entries(value).flatMap(([key, item]) =>
      key === "text" ? [] : partsOf(item, `${name}${key} `),
    );
  return [`${name}${JSON.stringify(value)}`];
}

function inWords(was: readonly string[], is: readonly string[]): string {
  if (was.length === 1 && is.length === 1) return `${was[0]} -> ${is[0]}`;
  const listed = (sign: string, some: readonly string[]): readonly string[] => [
    ...some.slice(0, MAX_NAMED).map((part) => `${sign}${part}`),
    ...(some.length > MAX_NAMED ? [`${sign}${some.length - MAX_NAMED} more`] : []),
  ];
  const words = [
    ...listed(
      "+ ",
      is.filter((part) => !was.includes(part)),
    ),
    ...listed(
      "- ",
      was.filter((part) => !is.includes(part)),
    ),
  ];
  return words.length === 0 ? "in another order" : words.join(", ");
}
