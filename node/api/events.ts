import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { fromDecimal, MAX_EVENT_STREAMS, MAX_FINDINGS_PAGE } from "../../protocol/index.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { findingView } from "./views.ts";

const HEARTBEAT_MS = 15_000;

/**
 * `GET /v1/findings?since=N` and `GET /v1/events`: findings by number. Every finding is kept by the node, so a reader that
 * was away asks from its last number on (`Last-Event-ID`) and misses nothing; a slow one is read from the store, not buffered.
 */
export function addEventRoutes(app: Hono, node: ApiNode, stop: AbortSignal): void {
  let open = 0;
  app.get("/v1/findings", async (context) => {
    const since = fromDecimal(context.req.query("since") ?? "0");
    const findings = await node.findings(since, MAX_FINDINGS_PAGE);
    return context.json({ samebits: 1, findings: findings.map(findingView) });
  });
  app.get("/v1/evidence", async (context) => {
    const findings = await node.findings(0, MAX_FINDINGS_PAGE);
    return context.json({
      samebits: 1,
      evidence: findings.filter((finding) => finding.evidence !== null).map(findingView),
    });
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
    const since = fromDecimal(context.req.header("last-event-id") ?? context.req.query("since") ?? "0");
    open++;
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, stop]);
      const heartbeat = setInterval(() => void stream.write(": still here\n\n"), HEARTBEAT_MS);
      try {
        await stream.write(": findings follow\n\n");
        for await (const finding of node.events(since, signal)) {
          await stream.writeSSE({
            id: String(finding.number),
            event: "finding",
            data: JSON.stringify(findingView(finding)),
          });
        }
      } finally {
        clearInterval(heartbeat);
        open--;
      }
    });
  });
}
