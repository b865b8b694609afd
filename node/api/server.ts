import { chmod, rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
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

export interface Api {
  /** `http://host:port`, or null without TCP. */
  readonly url: string | null;
  readonly socket: string | null;
  close(): Promise<void>;
}

/**
 * Starts the HTTP interface of CONTRACT with the guards of RULES R28. Resolves when both doors listen; rejects with
 * `config/bad-address` where one cannot.
 */
export async function startApi(node: ApiNode, options: ApiOptions): Promise<Api> {
  const stop = new AbortController();
  const servers: Server[] = [];
  let url: string | null = null;
  if (options.listen !== null) {
    const { host, port } = splitHostPort(options.listen);
    const door: Door = {
      local: isLoopback(host),
      apiPublic: options.apiPublic,
      hosts: [host, ...options.hosts],
    };
    const server = serverOf(buildApp(node, options, door, stop.signal));
    await listening(server, options.listen, () => server.listen(port, host));
    servers.push(server);
    url = `http://${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`;
  }
  if (options.socket !== null) {
    const path = options.socket;
    const door: Door = { local: true, apiPublic: true, hosts: null };
    const server = serverOf(buildApp(node, options, door, stop.signal));
    await rm(path, { force: true });
    await listening(server, path, () => server.listen(path));
    await chmod(path, 0o600);
    servers.push(server);
  }
  return {
    url,
    socket: options.socket,
    close: async () => {
      stop.abort();
      await Promise.all(servers.map(closeServer));
    },
  };
}

function buildApp(node: ApiNode, { token, log }: ApiOptions, door: Door, stop: AbortSignal): Hono {
  const app = new Hono();
  app.use(guard(door, token));
  app.get("/healthz", (context) => context.text("ok\n"));
  addStatusRoutes(app, node);
  addQueryRoutes(app, node);
  addPublishRoutes(app, node);
  addEventRoutes(app, node, stop);
  addFeedRoutes(app, node);
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
  server.maxConnections = 256;
  return server;
}

function listening(server: Server, where: string, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(cannotListen(where, error));
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      resolve();
    });
    listen();
  });
}

function cannotListen(where: string, cause: NodeJS.ErrnoException): NodeError {
  const why = new Map([
    ["EADDRINUSE", "it is in use, maybe by another node"],
    ["EADDRNOTAVAIL", "this machine does not have that address"],
    ["EACCES", "permission denied"],
    ["ENOTFOUND", "there is no such host"],
    ["EINVAL", "a socket's path has at most 107 octets"],
  ]).get(cause.code ?? "");
  const hint = where.startsWith("/") ? "choose another --data" : "choose another --api-listen, or `none`";
  return new NodeError(
    "config/bad-address",
    `the HTTP interface cannot listen on ${where}: ${why ?? cause.message}; ${hint}`,
    { cause },
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function splitHostPort(text: string): { readonly host: string; readonly port: number } {
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
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
