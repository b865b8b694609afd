import type { Hono } from "hono";
import {
  fromBase64,
  fromHex,
  MAX_ACKNOWLEDGEMENT_BYTES,
  MAX_ENTRY_BYTES,
  MAX_HTTP_BODY_BYTES,
  MAX_HTTP_QUESTIONS,
  readJson,
  record,
} from "../../protocol/index.ts";
import type { Shape } from "../../protocol/index.ts";
import { readBody } from "./guards.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { acknowledgedView, publishedView } from "./views.ts";

/** Of a finding's id. */
const ID_BYTES = 32;

/** `POST /v1/attestations` and `POST /v1/findings/<id>/ack`: what changes something here, with the node's token; and who has acknowledged. */
export function addPublishRoutes(app: Hono, node: ApiNode): void {
  app.post("/v1/attestations", async (context) => {
    const body = await readBody(context);
    if (body === null) return problem(context, 413, "http/body-too-big", "publish in several requests");
    const root = record(readJson(body, { maxBytes: MAX_HTTP_BODY_BYTES }), "attestations");
    const envelopes = root.list("envelopes", MAX_HTTP_QUESTIONS).map(readEnvelope);
    root.done();
    return context.json(publishedView(await node.publish(envelopes)));
  });
  app.get("/v1/findings/:id/ack", async (context) => {
    const id = context.req.param("id");
    fromHex(id, ID_BYTES);
    return context.json({ samebits: 1, id, acknowledged: acknowledgedView(await node.acknowledged(id)) });
  });
  app.post("/v1/findings/:id/ack", async (context) => {
    const body = await readBody(context);
    if (body === null) return problem(context, 413, "http/body-too-big", "write a shorter note");
    const root = record(readJson(body, { maxBytes: MAX_HTTP_BODY_BYTES }), "acknowledgement");
    const note = root.string("note", MAX_ACKNOWLEDGEMENT_BYTES);
    root.done();
    await node.acknowledge(context.req.param("id"), note);
    return context.json({ samebits: 1, acknowledged: context.req.param("id") });
  });
}

/** An envelope in base64. */
function readEnvelope(item: Shape): Uint8Array {
  return fromBase64(item.string(2 * MAX_ENTRY_BYTES));
}
