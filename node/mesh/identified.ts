import type { Identify } from "@libp2p/identify";
import type { Connection, Libp2p } from "@libp2p/interface";
import type { Log } from "../log.ts";

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 60_000;

/**
 * Asks the peer of every connection who it is and what it speaks, again and again until it says so or is gone. By
 * itself libp2p asks once: a peer that has too much to do in those seconds would stay connected and never join. The
 * service must not run on connections by itself.
 */
export function identifyAll(libp2p: Libp2p, service: Identify, log: Log): void {
  const ask = (connection: Connection, wait: number): void => {
    if (connection.status !== "open") return;
    service.identify(connection).catch((error: unknown) => {
      log.debug(
        { event: "peer-unidentified", peer: connection.remotePeer.toString(), error: String(error) },
        "did not say who it is",
      );
      setTimeout(() => ask(connection, Math.min(LAST_WAIT_MS, 2 * wait)), wait).unref();
    });
  };
  libp2p.addEventListener("connection:open", ({ detail }) => ask(detail, FIRST_WAIT_MS));
}
