/** Rules on artifacts, applied: each consumes what it is about, and the next sees what is left (in-toto specification 4.3.3 and 5.3). */
import { quote } from "../bytes/index.ts";
import { isDifferent, isSame } from "./digests.ts";
import { matcherOf } from "./match.ts";
import type { Spend } from "./match.ts";
import { wordsOfRule } from "./rule.ts";
import type { ArtifactRule, Artifacts } from "./types.ts";

/** What a step or inspection took and gave. */
export interface Flow {
  readonly materials: Artifacts;
  readonly products: Artifacts;
}

export type Side = keyof Flow;

/** What came of the rules on one side: the first rule that failed, in words, and how many artifacts no rule was about. */
export interface Applied {
  readonly fault: string | null;
  readonly left: number;
}

/** Names of artifacts that a message shows. */
const SHOWN = 3;

type Match = Extract<ArtifactRule, { readonly kind: "match" }>;

/** Where rules are applied. */
export interface Ground {
  /** What all steps, and inspections so far, took and gave. */
  readonly flows: ReadonlyMap<string, Flow>;
  readonly spend: Spend;
}

/** Applies the rules of one side of `flow`. */
export function applyRules(rules: readonly ArtifactRule[], side: Side, flow: Flow, ground: Ground): Applied {
  const queue = new Set(flow[side].keys());
  for (const rule of rules) {
    const fault = applyRule(rule, queue, side, flow, ground);
    if (fault !== null) return { fault: `${wordsOfRule(rule).join(" ")}: ${fault}`, left: queue.size };
  }
  return { fault: null, left: queue.size };
}

/** Takes what the rule consumes out of the queue. Says what is wrong, or null. */
function applyRule(
  rule: ArtifactRule,
  queue: Set<string>,
  side: Side,
  flow: Flow,
  { flows, spend }: Ground,
): string | null {
  if (rule.kind === "require") return queue.has(rule.pattern) ? null : `${quote(rule.pattern)} is not there`;
  if (rule.kind === "match") {
    consumeMatches(rule, queue, flow[side], flows.get(rule.step), spend);
    return null;
  }
  const fits = matcherOf(rule.pattern, spend);
  const matching = [...queue].filter(fits);
  if (rule.kind === "disallow") return matching.length === 0 ? null : named(matching);
  const isConsumed = CONSUMES[rule.kind];
  for (const path of matching) if (isConsumed(path, flow)) queue.delete(path);
  return null;
}

const CONSUMES: Readonly<
  Record<"create" | "delete" | "modify" | "allow", (path: string, flow: Flow) => boolean>
> = {
  create: (path, { materials, products }) => products.has(path) && !materials.has(path),
  delete: (path, { materials, products }) => materials.has(path) && !products.has(path),
  modify(path, { materials, products }) {
    const [before, after] = [materials.get(path), products.get(path)];
    return before !== undefined && after !== undefined && isDifferent(before, after);
  },
  allow: () => true,
};

/** A step that is not there matches nothing. */
function consumeMatches(
  { pattern, source, destination, with: type }: Match,
  queue: Set<string>,
  artifacts: Artifacts,
  other: Flow | undefined,
  spend: Spend,
): void {
  if (other === undefined) return;
  const fits = matcherOf(pattern, spend);
  const [from, to] = [prefixOf(source), prefixOf(destination)];
  for (const path of queue) {
    if (!path.startsWith(from)) continue;
    const rest = path.slice(from.length);
    if (!fits(rest)) continue;
    const here = artifacts.get(path);
    const there = other[type].get(to + rest);
    if (here !== undefined && there !== undefined && isSame(here, there)) queue.delete(path);
  }
}

function prefixOf(folder: string | null): string {
  if (folder === null || folder === "") return "";
  return folder.endsWith("/") ? folder : `${folder}/`;
}

function named(paths: readonly string[]): string {
  const more = paths.length - SHOWN;
  const shown = paths
    .toSorted()
    .slice(0, SHOWN)
    .map((path) => quote(path));
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""} may not be there`;
}
