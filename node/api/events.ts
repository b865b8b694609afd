import type { Context, Hono } from "hono";
import {
  fromDecimal,
  HEARTBEAT_MS,
  MAX_EVENT_STREAMS,
  MAX_FINDINGS_PAGE,
  utf8,
} from "../../protocol/index.ts";
import type { Finding } from "../../protocol/index.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { findingView } from "./views.ts";

const ALL = { limit: MAX_FINDINGS_PAGE, onlyProven: false };
const PROVEN = { limit: MAX_FINDINGS_PAGE, onlyProven: true };

/**
 * `GET /v1/findings?since=N`, `GET /v1/evidence?since=N` and `GET /v1/events`: findings by number. Every finding is kept by the node, so a
 * reader that was away asks from its last number on (`next`, `Last-Event-ID`) and misses nothing; a slow one is read from the store, not
 * buffered.
 */
export function addEventRoutes(app: Hono, node: ApiNode, stop: AbortSignal): void {
  let open = 0;
  app.get("/v1/findings", async (context) => {
    const { findings, ...rest } = await node.findings(sinceOf(context), ALL);
    return context.json({ samebits: 1, findings: findings.map(findingView), ...rest });
  });
  app.get("/v1/evidence", async (context) => {
    const { findings, ...rest } = await node.findings(sinceOf(context), PROVEN);
    return context.json({ samebits: 1, evidence: findings.map(findingView), ...rest });
  });
  app.get("/v1/events", (context) => {
    if (open >= MAX_EVENT_STREAMS) {
      return problem(
        context,
        429,
        "http/too-many-streams",
        `at most ${MAX_EVENT_STREAMS} event streams are open at once`,
      );
    }
    const since = sinceOf(context, "last-event-id");
    const gone = AbortSignal.any([context.req.raw.signal, stop]);
    const ended = once(() => open--);
    open++;
    gone.addEventListener("abort", ended);
    const events = eventsOf(node.events(since, gone), gone, ended);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-cache" };
    return context.body(ReadableStream.from(events), 200, headers);
  });
}

/** The number from which on somebody asks: the header goes before the parameter. Throws `bytes/bad-decimal`. */
function sinceOf(context: Context, header?: string): number {
  const told = header === undefined ? undefined : context.req.header(header);
  return fromDecimal(told ?? context.req.query("since") ?? "0");
}

function once(run: () => void): () => void {
  let left = 1;
  return () => {
    if (left-- > 0) run();
  };
}

/** The octets of an event stream, each piece made when the one before was taken: a slow reader costs one piece. */
async function* eventsOf(
  findings: AsyncIterable<Finding>,
  gone: AbortSignal,
  ended: () => void,
): AsyncGenerator<Uint8Array> {
  const all = findings[Symbol.asyncIterator]();
  const following = (): Promise<IteratorResult<Finding> | "failed"> => all.next().catch(() => "failed");
  try {
    yield utf8(": findings follow\n\n");
    let next = following();
    while (!gone.aborted) {
      const found = await withinHeartbeat(next, gone);
      // A store that fails, or a node that stops: whoever follows asks again from the last number.
      if (found === "failed" || found?.done === true) return;
      yield utf8(found === null ? ": still here\n\n" : eventOf(found.value));
      if (found !== null) next = following();
    }
  } finally {
    ended();
  }
}

function eventOf(finding: Finding): string {
  return `event: finding\ndata: ${JSON.stringify(findingView(finding))}\nid: ${finding.number}\n\n`;
}

/** What comes in HEARTBEAT_MS, or null. */
async function withinHeartbeat<T>(coming: Promise<T>, gone: AbortSignal): Promise<T | null> {
  const beat = Promise.withResolvers<null>();
  const ring = (): void => beat.resolve(null);
  const timer = setTimeout(ring, HEARTBEAT_MS);
  gone.addEventListener("abort", ring, { once: true });
  try {
    return await Promise.race([coming, beat.promise]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", ring);
  }
}
