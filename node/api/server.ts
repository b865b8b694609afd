import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import { Hono } from "hono";
import type { Log } from "../log.ts";
import type { ApiNode } from "./api-node.ts";
import { addEventRoutes } from "./events.ts";
import { addFeedRoutes } from "./feeds.ts";
import { guard, lowerCase, servesAll } from "./guards.ts";
import type { Door } from "./guards.ts";
import { closeServer, isLoopback, listen, serverOf, splitHostPort, urlOf } from "./listener.ts";
import type { HostPort } from "./listener.ts";
import { addPageRoutes, NOT_BUILT, readBuilt } from "./page/index.ts";
import type { Built } from "./page/index.ts";
import { addPictureRoutes } from "./picture.ts";
import { forAnybody, problem, problemOf } from "./problem.ts";
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
  /** The folder of the dashboard's files, where it is another than the one that they are built into. */
  readonly pages?: string;
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
 * `config/bad-address` where one cannot, and leaves none open.
 */
export async function startApi(node: ApiNode, options: ApiOptions): Promise<Api> {
  const stop = new AbortController();
  const built = await readBuilt(options.pages);
  const servers: Server[] = [];
  const open = async (door: Door, where: HostPort | string): Promise<Server> => {
    const server = serverOf(buildApp(node, options, door, stop.signal, built));
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
      const where = splitHostPort(options.listen, "--api-listen");
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
  return { local: isLoopback(host), apiPublic, hosts: lowerCase([host, ...hosts]) };
}

/** The routes behind their guards, as one door serves them; `built` = the dashboard. */
export function buildApp(
  node: ApiNode,
  { token, log }: ApiOptions,
  door: Door,
  stop: AbortSignal,
  built: Built = NOT_BUILT,
): Hono {
  const app = new Hono();
  app.use(guard(door, token));
  const started = performance.now();
  addStatusRoutes(app, node, started);
  addPictureRoutes(app, node);
  addQueryRoutes(app, node);
  addPublishRoutes(app, node);
  addEventRoutes(app, node, stop, started);
  addFeedRoutes(app, node);
  addWitnessRoutes(app, node);
  addPageRoutes(app, node, built);
  app.notFound((context) =>
    problem(context, 404, "http/no-such-route", "there is no such route; see /v1/openapi.json"),
  );
  app.onError((error, context) => problemOf(context, servesAll(door) ? error : forAnybody(error), log));
  return app;
}
