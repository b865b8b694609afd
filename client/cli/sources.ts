import { anchorRule, assertOption } from "../settings/index.ts";

/** Whom a node is told to meet, to read, and to believe about its own feed after a restore. */
export interface Sources {
  readonly bootstrap: readonly string[];
  readonly mirrors: readonly string[];
  readonly anchors: readonly string[];
}

/**
 * What `--anchor` names, beside `--bootstrap` and `--mirror`: an anchor with an address is met, or read, too. Of a multiaddr the peer id at its
 * end counts. Throws `usage/bad-option` for an anchor that is none: it would be waited for, for ever.
 */
export function sourcesOf(
  anchors: readonly string[],
  bootstrap: readonly string[],
  mirrors: readonly string[],
): Sources {
  assertOption("--anchor", anchors, anchorRule);
  const addresses = anchors.filter((name) => name.startsWith("/"));
  const files = anchors.filter((name) => name.includes(":") && !name.startsWith("/"));
  return {
    bootstrap: [...new Set([...bootstrap, ...addresses])],
    mirrors: [...new Set([...mirrors, ...files])],
    anchors: anchors.map((name) => (name.startsWith("/") ? (name.split("/").at(-1) ?? name) : name)),
  };
}
