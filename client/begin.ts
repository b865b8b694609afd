/** Where commands begin, of what a trust domain says. It is foreign data (RULES R27): it opens no door into this machine's own network. */
import type { DomainFile } from "../protocol/index.ts";
import type { Config } from "./config.ts";

/** What the user says, and what the domain says where the user does not. */
export interface Beginning {
  readonly config: Config;
  /** Feeds in static files. */
  readonly mirrors: readonly string[];
  /** Of what the domain says is left out, in words. */
  readonly warnings: readonly string[];
}

/** A domain's word, and the places that the user wrote: where it was added from, what a command was given. */
export interface Said {
  readonly places: DomainFile | null;
  readonly named: readonly string[];
}

/**
 * The configuration with what the domain says where the user does not. Private addresses and localhost are left out, unless the user named
 * that network: by a place in `named`, or where the configuration begins.
 */
export async function beginBy(config: Config, { places, named }: Said): Promise<Beginning> {
  if (places === null) return { config, mirrors: [], warnings: [] };
  const { allowed, refused } = await sorted(
    [...places.bootstrap, ...places.mirrors],
    [...named, ...config.bootstrap],
  );
  const isAllowed = (place: string): boolean => allowed.includes(place);
  return {
    config: {
      ...config,
      network: config.isNetworkSaid ? config.network : (places.network ?? config.network),
      bootstrap: config.bootstrap.length > 0 ? config.bootstrap : places.bootstrap.filter(isAllowed),
    },
    mirrors: places.mirrors.filter(isAllowed),
    warnings: refused.map(
      (place) =>
        `the trust domain begins at ${place}, which is no address, or of a private network that you have not named: it is left out; if you mean it, write it yourself (--bootstrap, --mirror)`,
    ),
  };
}

async function sorted(
  places: readonly string[],
  named: readonly string[],
): Promise<{ readonly allowed: readonly string[]; readonly refused: readonly string[] }> {
  // As a rule names stand there, and a command that asks a running node needs nothing else of one.
  if (places.every((place) => NAME.test(place))) return { allowed: places, refused: [] };
  const { sortForeign } = await import("../node/index.ts");
  return sortForeign(places, named);
}

/** Plain names, neither of which can be an address or localhost. */
const NAME =
  /^(?:https?:\/\/(?:[a-z0-9-]+\.)+(?!localhost)[a-z]{2,63}(?:\/[!-~]*)?|\/dns(?:[46]|addr)?\/(?:[a-z0-9-]+\.)+(?!localhost)[a-z]{2,63}(?:\/tcp\/[0-9]+)?(?:\/p2p\/[A-Za-z0-9]+)?)$/;
