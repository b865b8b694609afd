/** Where in the page one is, as the part of the address after `#`. */

export const VIEWS = ["overview", "package", "builders", "alerts", "mesh", "verify"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Route {
  readonly view: ViewName;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The place that `#/package?q=hello` names; what is none is the overview. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS.find((name) => name === path) ?? "overview";
  return { view, parameters: new Map(new URLSearchParams(query)) };
}

export function writeRoute(view: ViewName, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== ""),
  ).toString();
  return `#/${view}${query === "" ? "" : `?${query}`}`;
}
