/** A peer far away, for want of one: a relay before its address, in which every octet stays for a while, each way. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** Octets on their way in one direction, beyond which no more are taken in, and from which on they are again: what a wide line holds. */
const MOST = 16 * 1024 * 1024;
const FEW = 8 * 1024 * 1024;

export interface Relay {
  /** Where to call. */
  readonly address: string;
  close(): void;
}

/** Before the TCP `address` of a peer on this machine, `ms` away: an answer takes twice that. */
export async function farFrom(address: string, ms: number): Promise<Relay> {
  const port = /\/tcp\/([0-9]+)/.exec(address)?.[1] ?? "";
  const sockets = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(Number(port), "127.0.0.1");
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      sockets.add(from);
      passOn(from, to, ms);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    address: address.replace(`/tcp/${port}`, `/tcp/${own}`),
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function passOn(from: Socket, to: Socket, ms: number): void {
  let onTheWay = 0;
  from.on("data", (octets: Buffer) => {
    onTheWay += octets.length;
    if (onTheWay > MOST) from.pause();
    setTimeout(() => {
      onTheWay -= octets.length;
      if (onTheWay < FEW) from.resume();
      to.write(octets);
    }, ms);
  });
  from.on("close", () => setTimeout(() => to.destroy(), ms));
  from.on("error", () => to.destroy());
}
