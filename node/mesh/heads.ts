import { networkNames, originHash, toHex, verifyCheckpoint } from "../../protocol/index.ts";

/** How head records are named, checked and weighed in the DHT of one network (DESIGN 4.4). */
export interface HeadRecords {
  readonly namespace: string;
  /** DHT key of `key` = hash of the origin (32 octets) ‖ key of the witness, or of the feed itself (32 octets). */
  nameOf(key: Uint8Array): Uint8Array;
  /** The size of the head, if `value` is a head that its feed signed and `name` is its name; throws otherwise. */
  sizeOf(name: Uint8Array, value: Uint8Array): number;
}

export function headRecords(network: string): HeadRecords {
  const namespace = networkNames(network).headNamespace;
  const nameOf = (key: Uint8Array): Uint8Array => new TextEncoder().encode(`/${namespace}/${toHex(key)}`);
  return {
    namespace,
    nameOf,
    sizeOf(name: Uint8Array, value: Uint8Array): number {
      const head = verifyCheckpoint(value, network);
      const start = new TextDecoder().decode(nameOf(originHash(head.origin)));
      const text = new TextDecoder().decode(name);
      if (!text.startsWith(start) || text.length !== start.length + 64) {
        throw new Error("this head record has the name of another feed");
      }
      return head.size;
    },
  };
}
