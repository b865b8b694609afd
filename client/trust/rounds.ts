/** Sources round after round: one that brings nothing newer gives its place to another (`protocol/spec/peer.md`, "Trust domains"). */
import { CARRIER_ROUNDS } from "../../protocol/index.ts";
import type { Carriers, TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { lastOf } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { meshSources } from "./mesh-source.ts";
import type { Updated } from "./update.ts";

/** Where a domain is looked for. */
export interface Rounds {
  readonly sources: readonly TrustSource[];
  /** Others, none of whom was given before; empty where there are none. */
  readonly more: () => Promise<readonly TrustSource[]>;
}

/** Peers of the mesh, in rounds, `first` those. The first round rejects as `meshSources`, further ones are empty then. */
export async function meshRounds(
  carriers: Carriers,
  pin: string,
  place: string,
  first: readonly string[] = [],
): Promise<Rounds> {
  const given: string[] = [];
  const next = async (): Promise<readonly TrustSource[]> => {
    const found = await meshSources(carriers, pin, place, { except: given, first });
    given.push(...found.map(({ peer }) => peer));
    return found;
  };
  return {
    sources: await next(),
    more: () => next().catch(() => []),
  };
}

/**
 * Tries round after round until one is enough, nobody else is there, or CARRIER_ROUNDS are over. Throws where none could be used, with what the
 * first failed with.
 */
export async function inRounds(
  attempt: (sources: readonly TrustSource[]) => Promise<Updated>,
  { sources, more }: Rounds,
  isEnough: (updated: Updated) => boolean,
): Promise<Updated> {
  let last: Updated | null = null;
  let failed: ClientError | null = null;
  const failures: ClientError[] = [];
  for (let [round, some] = [1, sources]; some.length > 0; round++) {
    try {
      last = await attempt(some);
      failures.push(...last.failures);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      failed ??= error;
    }
    if (round >= CARRIER_ROUNDS || (last !== null && isEnough(last))) break;
    some = await more();
  }
  if (last !== null) return { ...last, failures };
  throw failed ?? new ClientError("usage/nothing-to-do", "no place to get the domain from");
}

/** Whether it says more than it did, or was found to have split. */
export function isNewer(before: Domain, { domain }: Updated): boolean {
  const marks = ({ state, roots }: Domain): string =>
    JSON.stringify([
      lastOf(roots).version,
      [...state.documents].map((each) => each.join(" ")).toSorted(),
      state.split !== null,
    ]);
  return marks(before) !== marks(domain);
}
