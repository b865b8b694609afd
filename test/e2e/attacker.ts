/** A libp2p peer that keeps none of our rules: what it sends, on which stream, is up to the test. */
import { readdir, readFile } from "node:fs/promises";
import type { Connection, Libp2p, Stream as LibStream } from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { atEnd } from "../at-end.ts";
import { plainHost } from "../node/mesh/plain-host.ts";
import type { PeerProcess } from "./processes.ts";

const CHUNK = 50_000;

export interface Attacker {
  readonly host: Libp2p;
  call(): Promise<Connection>;
  /** Opens a stream; null if the victim does not take it. */
  open(connection: Connection, protocol: string): Promise<LibStream | null>;
}

/** A new peer that calls the victim at its first TCP address. */
export async function attackerOf(victim: PeerProcess): Promise<Attacker> {
  const host = await createLibp2p({
    ...plainHost(),
    streamMuxers: [yamux({ maxOutboundStreams: 10_000 })],
  });
  atEnd(() => host.stop());
  const address = multiaddr(victim.listen.find((text) => !text.includes("/ws")) ?? "");
  return {
    host,
    call: () => host.dial(address, { force: true }),
    open: (connection, protocol) =>
      connection.newStream(protocol, { maxOutboundStreams: 10_000 }).catch(() => null),
  };
}

/** Sends until all is sent or the other end has enough; says which. */
export async function send(stream: LibStream, bytes: Uint8Array): Promise<"sent" | "refused"> {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    if (stream.status !== "open") return "refused";
    if (!stream.send(bytes.subarray(at, at + CHUNK))) {
      const going = await new Promise<boolean>((resolve) => {
        stream.addEventListener("drain", () => resolve(true), { once: true });
        stream.addEventListener("close", () => resolve(false), { once: true });
      });
      if (!going) return "refused";
    }
  }
  return "sent";
}

/** A frame's length, and so much of it that the end is missing: whoever reads it waits for the rest. */
export function halfFrame(octets: number): Uint8Array {
  const digits: number[] = [];
  for (let left = octets; ; left = Math.floor(left / 128)) {
    digits.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) break;
  }
  const frame = new Uint8Array(octets);
  frame.set(digits);
  return frame;
}

/** What the process uses now: seconds of processor, MB of memory, open handles. */
export async function usage({
  child,
}: PeerProcess): Promise<{ readonly cpu: number; readonly rss: number; readonly handles: number }> {
  const text = await readFile(`/proc/${child.pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const handles = (await readdir(`/proc/${child.pid}/fd`)).length;
  const page = 4_096;
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    rss: (Number(fields[21]) * page) / 2 ** 20,
    handles,
  };
}
