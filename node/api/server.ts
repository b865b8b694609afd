import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import { isIPv4 } from "node:net";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { HTTP_IDLE_MS, MAX_HTTP_CONNECTIONS, MAX_SOCKET_PATH_BYTES } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ApiNode } from "./api-node.ts";
import { addEventRoutes } from "./events.ts";
import { addFeedRoutes } from "./feeds.ts";
import { guard } from "./guards.ts";
import type { Door } from "./guards.ts";
import { problem, problemOf } from "./problem.ts";
import { addPublishRoutes } from "./publish.ts";
import { addQueryRoutes } from "./query.ts";
import { addStatusRoutes } from "./status.ts";
import { addWitnessRoutes } from "./witness.ts";

export interface ApiOptions {
  /** `HOST:PORT`, or null for no TCP at all; port 0 takes a free one. */
  readonly listen: string | null;
  /** Path of the unix socket, or null. */
  readonly socket: string | null;
  /** What `Authorization: Bearer …` must hold for routes that change something. */
  readonly token: string;
  /** Serve every route beyond loopback too (`--api-public`). */
  readonly apiPublic: boolean;
  /** Host names, beside loopback, that requests may name. */
  readonly hosts: readonly string[];
  /** Is told of what went wrong by our own fault. */
  readonly log: Log;
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface Api {
  /** `http://host:port`, or null without TCP. */
  readonly url: string | null;
  readonly socket: string | null;
  close(): Promise<void>;
}

/**
 * Starts the HTTP interface of CONTRACT with the guards of RULES R28. Resolves when both doors listen; rejects with
 * `config/bad-address` where one cannot, and leaves none open.
 */
export async function startApi(node: ApiNode, options: ApiOptions): Promise<Api> {
  const stop = new AbortController();
  const servers: Server[] = [];
  const open = async (door: Door, where: HostPort | string): Promise<Server> => {
    const server = serverOf(buildApp(node, options, door, stop.signal));
    await listen(server, where);
    servers.push(server);
    return server;
  };
  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.all(servers.map(closeServer));
  };
  try {
    let url: string | null = null;
    if (options.listen !== null) {
      const where = splitHostPort(options.listen);
      url = urlOf(await open(tcpDoor(where.host, options), where), where.host);
    }
    if (options.socket !== null) {
      await rm(options.socket, { force: true });
      await open({ local: true, apiPublic: true, hosts: null }, options.socket);
    }
    return { url, socket: options.socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function tcpDoor(host: string, { apiPublic, hosts }: ApiOptions): Door {
  return { local: isLoopback(host), apiPublic, hosts: [host, ...hosts] };
}

/** The routes behind their guards, as one door serves them. */
export function buildApp(node: ApiNode, { token, log }: ApiOptions, door: Door, stop: AbortSignal): Hono {
  const app = new Hono();
  app.use(guard(door, token));
  addStatusRoutes(app, node, log);
  addQueryRoutes(app, node);
  addPublishRoutes(app, node);
  addEventRoutes(app, node, stop);
  addFeedRoutes(app, node);
  addWitnessRoutes(app, node);
  app.notFound((context) =>
    problem(context, 404, "http/no-such-route", "there is no such route; see /v1/openapi.json"),
  );
  app.onError((error, context) => problemOf(context, error, log));
  return app;
}

function serverOf(app: Hono): Server {
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!("headersTimeout" in server)) throw new TypeError("an HTTP/1 server was expected");
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = MAX_HTTP_CONNECTIONS;
  server.timeout = HTTP_IDLE_MS;
  return server;
}

/** Listens on HOST:PORT, or on a unix socket that only this user reaches. */
function listen(server: Server, where: HostPort | string): Promise<void> {
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
  const hint = typeof where === "string" ? "choose another --data" : "choose another --api-listen, or `none`";
  return new NodeError(
    "config/bad-address",
    `the HTTP interface cannot listen on ${place}: ${why ?? cause.message}; ${hint}`,
    { cause },
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function urlOf(server: Server, host: string): string {
  const address: AddressInfo | string | null = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function splitHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new NodeError(
      "config/bad-address",
      `--api-listen ${text}: HOST:PORT is expected, such as 127.0.0.1:7717 or [::1]:7717, or \`none\``,
    );
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
