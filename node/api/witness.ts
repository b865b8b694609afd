import type { Hono } from "hono";
import { MAX_WITNESS_REQUEST_BYTES, toDecimal } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";
import { readBody } from "./guards.ts";
import { problem } from "./problem.ts";

/** `POST /witness/add-checkpoint`: c2sp.org/tlog-witness. */
export function addWitnessRoutes(app: Hono, node: ApiNode): void {
  app.post("/witness/add-checkpoint", async (context) => {
    const request = await readBody(context, MAX_WITNESS_REQUEST_BYTES);
    if (request === null) {
      const detail = `a request to a witness has at most ${MAX_WITNESS_REQUEST_BYTES} octets`;
      return problem(context, 413, "http/body-too-big", detail);
    }
    const answer = await node.addCheckpoint(request);
    if (answer.kind === "cosigned") return context.text(`${answer.line}\n`);
    return context.body(`${toDecimal(answer.size)}\n`, 409, { "content-type": "text/x.tlog.size" });
  });
}
