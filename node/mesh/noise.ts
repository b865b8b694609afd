import type { ConnectionEncrypter, MessageStream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import type { NoiseComponents, NoiseExtensions } from "@libp2p/noise";
import { keyedCipher } from "./cipher.ts";

/**
 * noise whose messages are one write each. `@libp2p/noise` hands on a message as its length and up to four pieces of
 * cipher text, and `@libp2p/tcp` writes each by itself: up to five system calls and packets for every small message.
 * Counted in a mesh of 20: 27 writes for a publish and node, and 8 with this.
 */
export function wholeNoise(): (components: NoiseComponents) => ConnectionEncrypter<NoiseExtensions> {
  const factory = noise({ crypto: keyedCipher() });
  return (components) => {
    const encrypter = factory(components);
    const outbound = encrypter.secureOutbound.bind(encrypter);
    const inbound = encrypter.secureInbound.bind(encrypter);
    encrypter.secureOutbound = (connection, options) => outbound(inWholeWrites(connection), options);
    encrypter.secureInbound = (connection, options) => inbound(inWholeWrites(connection), options);
    return encrypter;
  };
}

/** The same connection, to which each `send` is one piece. */
function inWholeWrites(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return connection;
}
