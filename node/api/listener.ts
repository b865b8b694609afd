/** Listening for HTTP: on HOST:PORT, or on a unix socket that only this user reaches. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import { isIPv4 } from "node:net";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import {
  hostPortOf,
  HTTP_IDLE_MS,
  MAX_HTTP_CONNECTIONS,
  MAX_SOCKET_PATH_BYTES,
} from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { Turns } from "./turns.ts";
import { answerUnreadable, unreadable } from "./unreadable.ts";

/** The option that says where to listen, for messages. */
export type ListenOption = "--api-listen" | "--rebuilderd-api";

export interface HostPort {
  readonly host: string;
  readonly port: number;
  readonly option: ListenOption;
}

/** An HTTP/1 server for these routes, with bounds on connections, on what is asked at once, and on what moves too slowly. */
export function serverOf(app: Pick<Hono, "fetch">, maxConnections: number = MAX_HTTP_CONNECTIONS): Server {
  // A request without Host comes as far as one with a wrong one, and is answered like it.
  const listener = getRequestListener(app.fetch, { errorHandler: unreadable });
  const turns = new Turns();
  const server = createServer({ requireHostHeader: false }, (incoming, outgoing) => {
    turns.take(incoming.socket, outgoing, () => void listener(incoming, outgoing));
  });
  answerUnreadable(server, turns);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = maxConnections;
  server.timeout = HTTP_IDLE_MS;
  return server;
}

/** Listens on HOST:PORT, or on a unix socket that only this user reaches. */
export function listen(server: Server, where: HostPort | string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(cannotListen(where, error));
    // Node 22 would listen at the path cut off.
    if (typeof where === "string" && Buffer.byteLength(where) > MAX_SOCKET_PATH_BYTES)
      return fail(Object.assign(new Error("the path is too long"), { code: "EINVAL" }));
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      // A call that cannot be taken, for want of handles: the caller is not answered, the node goes on.
      server.on("error", () => {});
      resolve();
    });
    if (typeof where !== "string") server.listen(where.port, where.host);
    else {
      // The socket is made in the call itself: there is no moment at which others could reach it.
      const before = process.umask(0o177);
      try {
        server.listen(where);
      } finally {
        process.umask(before);
      }
    }
  });
}

function cannotListen(where: HostPort | string, cause: NodeJS.ErrnoException): NodeError {
  const place = typeof where === "string" ? where : `${where.host}:${where.port}`;
  const why = new Map([
    ["EADDRINUSE", "it is in use, maybe by another node"],
    ["EADDRNOTAVAIL", "this machine does not have that address"],
    ["EACCES", "permission denied"],
    ["ENOTFOUND", "there is no such host"],
    ["EINVAL", `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} octets`],
  ]).get(cause.code ?? "");
  const hint =
    typeof where === "string" ? "choose another --data" : `choose another ${choices(where.option)}`;
  return new NodeError(
    "config/bad-address",
    `the HTTP interface cannot listen on ${place}: ${why ?? cause.message}; ${hint}`,
    { cause },
  );
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export function urlOf(server: Server, host: string): string {
  const address: AddressInfo | string | null = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Reads `HOST:PORT`. Throws `config/bad-address`. */
export function splitHostPort(text: string, option: ListenOption): HostPort {
  const place = hostPortOf(text);
  if (place === null) {
    throw new NodeError(
      "config/bad-address",
      `${option} ${text}: HOST:PORT is expected, such as 127.0.0.1:7717 or [::1]:7717; choose another ${choices(option)}`,
    );
  }
  return { ...place, option };
}

function choices(option: ListenOption): string {
  return option === "--api-listen" ? `${option}, or \`none\`` : option;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
