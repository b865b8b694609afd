import type { Sorted } from "./mesh/foreign.ts";

/** As `sortForeign` of the mesh; libp2p's addresses are loaded when it is asked. */
export async function sortForeign(places: readonly string[], named: readonly string[]): Promise<Sorted> {
  return (await import("./mesh/foreign.ts")).sortForeign(places, named);
}
