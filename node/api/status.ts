import type { Context, Hono } from "hono";
import {
  claimId,
  formatTime,
  fromHex,
  MAX_CLAIMS_SHOWN,
  parseAttestation,
  parseCheckpoint,
  parseTarget,
  toHex,
} from "../../protocol/index.ts";
import type { FeedView, FoundEntry, StatusResult } from "../../protocol/index.ts";
import { assertAlive, assertReady } from "./health.ts";
import { metricsOf } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { BadQuery } from "./paging.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { searchTargets } from "./search.ts";
import { feedView, isComplete } from "./views.ts";
import type { JsonRecord } from "./views.ts";

const LOCAL_DEADLINE_MS = 5_000;

/**
 * What an operator and a dashboard look at: status, peers, feeds, targets, metrics, and the description of all routes. `started`: when the
 * node's API was, by `performance.now()`.
 */
export function addStatusRoutes(app: Hono, node: ApiNode, started: number): void {
  app.get("/v1/status", async (context) => context.json(await statusNow(node, started)));
  app.get("/v1/peers", (context) =>
    context.json({
      samebits: 1,
      peers: node.peers().map((peer) => ({ ...peer, since: new Date(peer.since).toISOString() })),
    }),
  );
  app.get("/v1/feeds", async (context) =>
    context.json({
      samebits: 1,
      feeds: (await node.status()).feeds.map((feed) => feedWithGrowth(node, feed)),
    }),
  );
  app.get("/v1/targets", async (context) => {
    const { q, purl, file, sha256 } = context.req.query();
    if (q !== undefined) return search(node, context);
    if (purl !== undefined && file !== undefined) {
      return context.json(await claimsFor(node, [parseTarget(purl, file).key], []));
    }
    if (sha256 !== undefined) return context.json(await claimsFor(node, [], [fromHex(sha256, 32)]));
    return problem(context, 400, "http/bad-query", "ask with q=, with purl= and file=, or with sha256=");
  });
  app.get("/v1/openapi.json", async (context) => context.json(await openApi()));
  app.get("/metrics", async (context) => {
    const registry = await metricsOf(node);
    return context.body(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  app.get("/healthz", async (context) => {
    await assertReady(node);
    return context.text("ok\n");
  });
  app.get("/healthz/live", async (context) => {
    await assertAlive(node);
    return context.text("ok\n");
  });
}

/** `GET /v1/status`. */
export async function statusNow(node: ApiNode, started: number): Promise<JsonRecord> {
  return statusView(node, await node.status(), Math.round(performance.now() - started));
}

async function search(node: ApiNode, context: Context): Promise<Response> {
  try {
    return context.json(await searchTargets(node, context));
  } catch (error) {
    if (error instanceof BadQuery) return problem(context, 400, "http/bad-query", error.message);
    throw error;
  }
}

function feedWithGrowth(node: ApiNode, feed: FeedView): JsonRecord {
  const grown = node.picture.grown(feed.origin);
  return {
    ...feedView(feed),
    grown: grown.map(({ time, size }) => ({ time: new Date(time).toISOString(), size })),
  };
}

function statusView(node: ApiNode, status: StatusResult, uptimeMs: number): JsonRecord {
  return {
    samebits: 1,
    network: node.network,
    peer: node.peerId,
    listen: node.listen,
    uptime_ms: uptimeMs,
    peers: status.peers,
    own: status.own === null ? null : { ...status.own },
    witness: witnessView(status),
    feeds: status.feeds.length,
    complete: status.feeds.filter(isComplete).length,
    lifecycle: lifecyclesOf(status),
    entries: status.feeds.reduce((sum, feed) => sum + feed.held, 0),
    wanted: status.feeds.reduce((sum, feed) => sum + feed.size, 0),
    sync: {
      feeds: status.sync.feeds,
      missing: status.sync.missing,
      rate: status.sync.rate,
      left_s: status.sync.seconds,
    },
    audit: { audited: status.audit.audited, left: status.audit.left, left_s: status.audit.seconds },
    claims: status.claims,
    records: status.records,
    sweep: { wanted: status.sweep.wanted, stored: status.sweep.stored, behind_s: status.sweep.behind },
    findings: status.findings,
    domains: node.domains.pinned.map((pinned) => ({
      ...pinned,
      updated: pinned.updated === null ? null : formatTime(pinned.updated),
    })),
    trouble: troubleView(node),
    counters: Object.fromEntries(status.counters),
  };
}

/** How many feeds are in each state. */
function lifecyclesOf({ feeds }: StatusResult): JsonRecord {
  return Object.fromEntries(
    [...Map.groupBy(feeds, ({ lifecycle }) => lifecycle)].map(([name, some]) => [name, some.length]),
  );
}

function witnessView({ witness }: StatusResult): JsonRecord | null {
  if (witness === null) return null;
  const { vkey, state, reason, cosigned } = witness;
  return { vkey, state, reason, cosigned: cosigned.size };
}

function troubleView(node: ApiNode): JsonRecord | null {
  const trouble = node.trouble();
  return trouble === null ? null : { code: trouble.code, detail: trouble.message };
}

async function claimsFor(
  node: ApiNode,
  targets: readonly Uint8Array[],
  digests: readonly Uint8Array[],
): Promise<JsonRecord> {
  const { found, ended } = await node.query(
    { targets, digests, builders: [] },
    { network: false, deadlineMs: LOCAL_DEADLINE_MS },
  );
  const claims = found.slice(0, MAX_CLAIMS_SHOWN).flatMap(claimViews);
  return { samebits: 1, claims, more: !ended || found.length > MAX_CLAIMS_SHOWN };
}

function claimViews(found: FoundEntry): readonly JsonRecord[] {
  const { claims, predicateType, signedBytes } = parseAttestation(found.entry);
  const id = claimId(found.signer, signedBytes);
  const { origin } = parseCheckpoint(found.checkpoint);
  return claims.map((claim) => ({
    id,
    signer: toHex(found.signer),
    origin,
    index: found.index,
    predicate: predicateType,
    kind: claim.kind,
    step: claim.step,
    how: claim.how,
    purl: claim.target?.purl ?? null,
    file: claim.file,
    sha256: claim.sha256 === null ? null : toHex(claim.sha256),
    time: claim.time === null ? null : new Date(claim.time).toISOString(),
    reason: claim.reason,
    retracts: claim.retracts,
  }));
}
