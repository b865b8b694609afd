/** Parties and requirements in words. */
import type { Group, Party, Requirement } from "./types.ts";

/** `2 of the 3 with the role rebuilder`: from whom. */
export function whoInWords({ k, of }: Requirement): string {
  if (!("kind" in of)) return `${k} of (${of.map(partyInWords).join(", ")})`;
  if (of.kind === "role") return `${k} of the ${of.builders.length} with the role ${of.role}`;
  return of.kind === "group" ? `at least ${k} in the group ${of.name} (${groupInWords(of)})` : of.name;
}

export function partyInWords(party: Party): string {
  return party.kind === "role" ? `anyone with the role ${party.role}` : party.name;
}

/** One level: groups within stand in the policy's list of groups. */
export function groupInWords({ k, of }: Group): string {
  return `${k === of.length ? "all" : k === 1 ? "any" : `${k}`} of ${of.map(partyInWords).join(", ")}`;
}
