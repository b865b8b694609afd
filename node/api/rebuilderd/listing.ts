/** What is asked of a list: rebuilderd's filters and pages, within bounds. */
import { MAX_GATEWAY_PAGE, MAX_GATEWAY_TEXT } from "../../../protocol/index.ts";
import { withoutEpoch } from "./package-name.ts";
import type { PackageView } from "./records.ts";

/** Null = whatever it is. */
export interface Filter {
  readonly name: string | null;
  readonly version: string | null;
  readonly architecture: string | null;
  readonly distribution: string | null;
  /** Nothing has it: links do not say a release, a component or a source package. */
  readonly unknown: boolean;
}

export interface Page {
  readonly limit: number;
  readonly after: number | null;
  readonly before: number | null;
  readonly descending: boolean;
}

/** Thrown for a parameter that cannot be answered; `message` says which, and what may stand there. */
export class BadQuery extends Error {
  override readonly name = "BadQuery";
}

/** Parameters of a request, as they are decoded. */
export type Query = Readonly<Record<string, string>>;

const MAX_NUMBER = 2 ** 31 - 1;

/** Reads the filters of the newer interface. Throws BadQuery. */
export function readFilter(query: Query): Filter {
  const isGone = query["seen_only"] === "false";
  const others = ["release", "component", "source_name"].map((name) => text(query, name));
  return {
    name: text(query, "name"),
    version: text(query, "version"),
    architecture: text(query, "architecture"),
    distribution: text(query, "distribution"),
    unknown: isGone || others.some((other) => other !== null),
  };
}

/** Reads those of the older one. Throws BadQuery. */
export function readOlderFilter(query: Query): Filter {
  const status = text(query, "status");
  return {
    name: text(query, "name"),
    version: null,
    architecture: text(query, "architecture"),
    distribution: text(query, "distro"),
    unknown: text(query, "suite") !== null || (status !== null && status !== "GOOD"),
  };
}

/** Reads which page is wanted. Throws BadQuery. */
export function readPage(query: Query): Page {
  const sort = text(query, "sort");
  if (sort !== null && sort !== "id") throw new BadQuery("sort: records are in the order of their id alone");
  const direction = text(query, "direction") ?? "Ascending";
  if (direction !== "Ascending" && direction !== "Descending")
    throw new BadQuery("direction: Ascending or Descending");
  return {
    limit: Math.min(number(query, "limit") ?? MAX_GATEWAY_PAGE, MAX_GATEWAY_PAGE),
    after: number(query, "after"),
    before: number(query, "before"),
    descending: direction === "Descending",
  };
}

/** The records of a page, of all in the order of their ids. */
export function onPage<Item extends { readonly id: number }>(
  all: readonly Item[],
  page: Page,
): readonly Item[] {
  const { after, before, limit } = page;
  const within = all.filter(({ id }) => (after === null || id > after) && (before === null || id < before));
  return (page.descending ? within.toReversed() : within).slice(0, limit);
}

/**
 * The package as it was asked for: whoever knows an epoch that no link says knows it from the package itself, and binds by that. Null
 * where it is another.
 */
export function fitting(view: PackageView, filter: Filter): PackageView | null {
  const { name, version, architecture, distribution, unknown } = filter;
  if (unknown) return null;
  if (name !== null && name !== view.name) return null;
  if (architecture !== null && architecture !== view.architecture) return null;
  if (distribution !== null && distribution !== view.distribution) return null;
  if (version === null || version === view.version) return view;
  const isItsEpoch = view.canHaveEpoch && withoutEpoch(version) === view.version;
  return isItsEpoch ? { ...view, version } : null;
}

function text(query: Query, name: string): string | null {
  const value = query[name];
  if (value === undefined) return null;
  if (value.length > MAX_GATEWAY_TEXT) throw new BadQuery(`${name}: at most ${MAX_GATEWAY_TEXT} characters`);
  return value;
}

function number(query: Query, name: string): number | null {
  const value = query[name];
  if (value === undefined) return null;
  if (!/^[0-9]{1,10}$/.test(value) || Number(value) > MAX_NUMBER)
    throw new BadQuery(`${name}: a number from 0 to ${MAX_NUMBER}`);
  return Number(value);
}
