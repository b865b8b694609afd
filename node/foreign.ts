import type { Sorted } from "./mesh/index.ts";

/** As `sortForeign` of the mesh, which is loaded when it is asked. */
export async function sortForeign(places: readonly string[], named: readonly string[]): Promise<Sorted> {
  return (await import("./mesh/index.ts")).sortForeign(places, named);
}
