/** A web server that takes alerts, or does not. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "../../at-end.ts";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: URL;
  /** What came, whatever was answered. */
  readonly received: readonly Received[];
}

/** `answer`: the status of the nth request (from 0), or what is done with it. On a port of its own, or the one given. */
export async function startReceiver(
  answer: (n: number, response: ServerResponse) => number | void = () => 200,
  port: number = 0,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { url: path = "", headers } = request;
      received.push({ path, headers, body: Buffer.concat(parts).toString("utf8") });
      const status = answer(received.length - 1, response);
      if (typeof status === "number") response.writeHead(status).end();
    });
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`), received };
}
