/** Builders whose feed has ended: a hint for whoever writes the policy. The successor's claims count only where a policy lists it (RULES R1). */
import { equalBytes } from "../bytes/index.ts";
import { parseOrigin } from "../feed/index.ts";
import { firstEnding } from "../lifecycle/index.ts";
import type { Ending } from "../lifecycle/index.ts";
import type { Builder, Policy } from "../policy/index.ts";

/** The statement by a key of this builder that its feed has ended, unless the policy lists the successor that it names; null without one. */
export function endingOf(builder: Builder, policy: Policy, endings: readonly Ending[]): Ending | null {
  for (const key of builder.keys) {
    const own = endings.filter(({ origin }) => equalBytes(parseOrigin(origin).key, key.raw));
    if (own.length === 0) continue;
    const ending = own.reduce(firstEnding);
    if (ending.successor === null || !isListed(ending.successor, policy)) return ending;
  }
  return null;
}

/** By its key or by its name, for whichever builder. */
function isListed(successor: string, policy: Policy): boolean {
  const { key } = parseOrigin(successor);
  return [...policy.builders.values()].some(
    ({ keys, feeds }) => feeds.includes(successor) || keys.some(({ raw }) => equalBytes(raw, key)),
  );
}
