import type { MultiaddrResolver } from "@libp2p/interface";
import type { Networks } from "./networks.ts";

/**
 * /dnsaddr as `resolver` reads it: only names that the operator wrote are asked for (RULES R27), and what they stand for
 * counts as written by him.
 */
export function resolverFor(networks: Networks, resolver: MultiaddrResolver): MultiaddrResolver {
  return {
    canResolve: (address) => resolver.canResolve(address),
    async resolve(address, options) {
      if (!networks.allows(address)) return [];
      const resolved = await resolver.resolve(address, options);
      for (const each of resolved) networks.add(each);
      return resolved;
    },
  };
}
