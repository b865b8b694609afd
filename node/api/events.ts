import type { Context, Hono } from "hono";
import {
  fromDecimal,
  HEARTBEAT_MS,
  MAX_EVENT_STREAMS,
  MAX_FINDINGS_PAGE,
  STATUS_EVENT_MS,
  utf8,
} from "../../protocol/index.ts";
import type { KeptFinding } from "../findings.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { statusNow } from "./status.ts";
import { findingView } from "./views.ts";

const ALL = { limit: MAX_FINDINGS_PAGE, onlyProven: false };
const PROVEN = { limit: MAX_FINDINGS_PAGE, onlyProven: true };

/**
 * `GET /v1/findings?since=N`, `GET /v1/evidence?since=N` and `GET /v1/events`: findings by number. Every finding is kept by the node, so a
 * reader that was away asks from its last number on (`next`, `Last-Event-ID`) and misses nothing; a slow one is read from the store, not
 * buffered. Who asks with `status=1` is sent the node's status, too, at once and every STATUS_EVENT_MS.
 */
export function addEventRoutes(app: Hono, node: ApiNode, stop: AbortSignal, started: number): void {
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
    const headers = { "content-type": "text/event-stream", "cache-control": "no-cache" };
    // Nobody would read the stream, and so nobody would end it.
    if (context.req.method === "HEAD") return context.body(null, 200, headers);
    const gone = AbortSignal.any([context.req.raw.signal, stop]);
    const ended = once(() => open--);
    open++;
    gone.addEventListener("abort", ended);
    const status =
      context.req.query("status") === "1" ? (): Promise<object> => statusNow(node, started) : null;
    const events = eventsOf(node.events(since, gone), gone, ended, status);
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
  findings: AsyncIterable<KeptFinding>,
  gone: AbortSignal,
  ended: () => void,
  status: (() => Promise<object>) | null,
): AsyncGenerator<Uint8Array> {
  const all = findings[Symbol.asyncIterator]();
  const following = (): Promise<IteratorResult<KeptFinding> | "failed"> => all.next().catch(() => "failed");
  try {
    yield utf8(": findings follow\n\n");
    let next = following();
    for (let due = performance.now(); !gone.aborted;) {
      if (status !== null && performance.now() >= due) {
        due = performance.now() + STATUS_EVENT_MS;
        // A node that has too much to do says how it is the next time.
        const now = await status().catch(() => null);
        if (now !== null) yield utf8(`event: status\ndata: ${JSON.stringify(now)}\n\n`);
      }
      const wait = status === null ? HEARTBEAT_MS : Math.max(0, due - performance.now());
      const found = await within(wait, next, gone);
      // A store that fails, or a node that stops: whoever follows asks again from the last number.
      if (found === "failed" || found?.done === true) return;
      yield utf8(found === null ? ": still here\n\n" : eventOf(found.value));
      if (found !== null) next = following();
    }
  } finally {
    ended();
  }
}

function eventOf(finding: KeptFinding): string {
  return `event: finding\ndata: ${JSON.stringify(findingView(finding))}\nid: ${finding.number}\n\n`;
}

/** What comes in `ms`, or null. */
async function within<T>(ms: number, coming: Promise<T>, gone: AbortSignal): Promise<T | null> {
  const beat = Promise.withResolvers<null>();
  const ring = (): void => beat.resolve(null);
  const timer = setTimeout(ring, ms);
  gone.addEventListener("abort", ring, { once: true });
  try {
    return await Promise.race([coming, beat.promise]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", ring);
  }
}
