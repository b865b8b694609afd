/** rebuilderd's read interface on an address of its own (`protocol/spec/rebuilderd-gateway.md`). */
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { MAX_GATEWAY_CONNECTIONS, MAX_GATEWAY_WAIT_MS } from "../../../protocol/index.ts";
import { NodeError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { crossSite, isLoopbackName, lowerCase } from "../guards.ts";
import { closeServer, isLoopback, listen, serverOf, splitHostPort, urlOf } from "../listener.ts";
import { problem, problemOf } from "../problem.ts";
import { builderAt, hostName, hostsOf } from "./builders.ts";
import type { Host, ServedBuilder } from "./builders.ts";
import { Catalogue } from "./catalogue.ts";
import type { Feeds } from "./catalogue.ts";
import { BadQuery } from "./listing.ts";
import { Routes } from "./routes.ts";
import type { Asked } from "./routes.ts";
import { directory } from "./words.ts";

export interface GatewayOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly listen: string;
  /** Listen beyond loopback too (`--api-public`). */
  readonly public: boolean;
  /** Names, beside `localhost`, behind which builders' names may stand in Host. */
  readonly hosts: readonly string[];
  readonly builders: readonly ServedBuilder[];
  /** The distribution that .deb files are of: links do not say it. */
  readonly namespace: string;
  /** Is told of what went wrong by our own fault. */
  readonly log: Log;
  /** ms that a request waits until what is new was read; MAX_GATEWAY_WAIT_MS unless it is said. */
  readonly waitMs?: number;
}

export interface Gateway {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

const LOCALHOST = "localhost";

/** Starts it, and begins to read what there is. Rejects with `config/bad-address` where it cannot listen there. */
export async function startGateway(node: Feeds, options: GatewayOptions): Promise<Gateway> {
  const where = splitHostPort(options.listen, "--rebuilderd-api");
  if (!isLoopback(where.host) && !options.public) {
    throw new NodeError(
      "config/bad-address",
      `--rebuilderd-api ${options.listen} is beyond loopback: give --api-public too if everybody there may ask, else an address such as 127.0.0.1:7719`,
    );
  }
  const hosts = hostsOf(options.builders);
  const catalogue = new Catalogue(
    node,
    hosts.map(({ builder }) => builder),
  );
  const server = serverOf(
    buildGateway(catalogue, hosts, options, () => Number(new URL(urlOf(server, where.host)).port)),
    MAX_GATEWAY_CONNECTIONS,
  );
  await listen(server, where);
  catalogue.isReady(MAX_GATEWAY_WAIT_MS).catch((error: unknown) => {
    options.log.warn(
      { event: "gateway-not-read", error: String(error) },
      "what rebuilderd's interface serves is not read yet",
    );
  });
  return {
    url: urlOf(server, where.host),
    async close() {
      catalogue.stop();
      await closeServer(server);
    },
  };
}

/** The routes behind their guards. `port`: where it listens, for texts. */
function buildGateway(
  catalogue: Catalogue,
  hosts: readonly Host[],
  { listen: address, hosts: named, namespace, log, waitMs = MAX_GATEWAY_WAIT_MS }: GatewayOptions,
  port: () => number,
): Hono<Asked> {
  const app = new Hono<Asked>();
  const place = splitHostPort(address, "--rebuilderd-api").host;
  app.use(guard(hosts, lowerCase([LOCALHOST, ...named]), () => directory(hosts, place, LOCALHOST, port())));
  app.use(readFirst(catalogue, waitMs));
  new Routes(catalogue, namespace).addTo(app);
  app.notFound((context) =>
    problem(
      context,
      404,
      "http/no-such-route",
      "of rebuilderd's interface there are packages/binary, builds with artifacts and attestations, meta/public-keys and the dashboard here",
    ),
  );
  app.onError((error, context) =>
    error instanceof BadQuery
      ? problem(context, 400, "http/bad-query", error.message)
      : problemOf(context, error, log),
  );
  return app;
}

/** As of RULES R28, and whose host name was asked: a name that is nobody's may have been made to point here. */
function guard(
  hosts: readonly Host[],
  suffixes: readonly string[],
  names: () => string,
): MiddlewareHandler<Asked> {
  return async (context, next) => {
    const header = context.req.header("host") ?? "";
    const host = builderAt(hosts, header, suffixes);
    const refused = host === null ? nobody(context, header, suffixes, names) : refusal(context);
    if (host === null || refused !== null) return refused ?? undefined;
    context.set("host", host);
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header("cross-origin-resource-policy", "same-origin");
    return undefined;
  };
}

function refusal(context: Context): Response | null {
  const { method } = context.req;
  if (method !== "GET" && method !== "HEAD")
    return problem(context, 404, "http/no-such-route", "only GET is known here");
  return crossSite(context);
}

/** Which names there are. */
function nobody(
  context: Context,
  header: string,
  suffixes: readonly string[],
  names: () => string,
): Response {
  const name = hostName(header).replace(/^\[|\]$/g, "");
  if (!isLoopbackName(name) && !suffixes.includes(name)) return context.text(names(), 421);
  return crossSite(context) ?? context.text(names(), context.req.path === "/" ? 200 : 404);
}

/** What is asked rests on all that is held; before it was read there is no answer. */
function readFirst(catalogue: Catalogue, waitMs: number): MiddlewareHandler<Asked> {
  return async (context, next) => {
    if (await catalogue.isReady(waitMs)) return next();
    context.header("retry-after", "10");
    return problem(context, 503, "http/not-read-yet", "the feeds are being read: ask again in a moment");
  };
}
