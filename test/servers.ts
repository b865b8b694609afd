import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { atEnd } from "./at-end.ts";

/** Lets a server listen at a free port of loopback until the test file is done; the port. */
export async function listen(server: Server): Promise<number> {
  atEnd(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** An HTTP server that answers everything in one way; its address. */
export async function serveHttp(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const url = `http://127.0.0.1:${await listen(server)}`;
  // What is never answered would hold it open.
  atEnd(() => server.closeAllConnections());
  return url;
}
