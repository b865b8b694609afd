/** `logged_by` of a rule: whose own feed has to list the file. */
import { quote } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { buildersUnder } from "./groups.ts";
import { readParty } from "./parties.ts";
import type { Known } from "./parties.ts";
import type { Builder, Party } from "./types.ts";

/** A builder, or `role:NAME`: then any of them. Throws `policy/unknown-name`, `policy/never-met`. */
export function readPublisher(shape: Shape | undefined, known: Known): Party | null {
  if (shape === undefined) return null;
  const party = readParty(shape, known);
  if (party.kind === "group")
    shape.fail(
      "policy/unknown-name",
      `${quote(party.name)} is a group: name a builder, or "role:…" for any of them`,
    );
  const builders = buildersUnder(party).flatMap((name) => known.builders.get(name) ?? []);
  if (!builders.some(hasFeed)) {
    shape.fail(
      "policy/never-met",
      `a feed is an Ed25519 key's, and ${builders.map(({ name }) => name).join(", ")} has none: name its feeds = [ … ]`,
    );
  }
  return party;
}

function hasFeed({ feeds, keys }: Builder): boolean {
  return feeds.length > 0 || keys.some(({ type }) => type === "ed25519");
}
