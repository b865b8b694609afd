import type { JsonRecord } from "./views.ts";

const PROBLEM = { description: "an RFC 9457 problem object with a stable `code`" };

/** The OpenAPI description of every route (`GET /v1/openapi.json`). */
export function openApi(): JsonRecord {
  return {
    openapi: "3.1.0",
    info: { title: "samebits node", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths: {
      "/v1/status": get("is this node well: peers, feeds, entries held and wanted, counters"),
      "/v1/peers": get("connections"),
      "/v1/feeds": get("every feed known: head, entries held, state"),
      "/v1/targets": get("claims about a target, or targets by the beginning of their name", [
        parameter("q", "beginning of a package's or file's name"),
        parameter("purl", "canonical purl, together with file"),
        parameter("file", "file name, together with purl"),
        parameter("sha256", "digest of a file, in hex"),
      ]),
      "/v1/findings": get("findings after a number, in order", [
        parameter("since", "the last number that you have"),
      ]),
      "/v1/evidence": get("findings that carry evidence"),
      "/v1/events": get("server-sent events: one `finding` an event, its number as the id", [
        parameter("since", "the last number that you have; Last-Event-ID does the same"),
      ]),
      "/v1/query": post("envelopes with inclusion proofs and checkpoints, up to 1,000 questions", {
        targets: { type: "array", items: { description: "hex of a target key, or {purl, file}" } },
        sha256: { type: "array", items: { type: "string" } },
        builders: {
          type: "array",
          items: { type: "string", description: "raw Ed25519 key or SPKI, in hex" },
        },
        network: { type: "boolean", description: "ask peers and the DHT too" },
        deadline_ms: { type: "integer" },
      }),
      "/v1/attestations": post("publish; needs the node's token", {
        envelopes: { type: "array", items: { type: "string", description: "one envelope in base64" } },
      }),
      "/v1/findings/{id}/ack": post("acknowledge; needs the node's token", { note: { type: "string" } }),
      "/feeds/{hash}/checkpoint": get(
        "C2SP tlog-tiles: the newest checkpoint; hash = hex SHA-256 of the origin",
      ),
      "/feeds/{hash}/tile/{path}": get("C2SP tlog-tiles: hash tiles and bundles of entries"),
      "/metrics": get("Prometheus"),
      "/healthz": get("200 while the node runs"),
    },
  };
}

function parameter(name: string, description: string): JsonRecord {
  return { name, in: "query", required: false, description, schema: { type: "string" } };
}

function get(summary: string, parameters: readonly JsonRecord[] = []): JsonRecord {
  return { get: { summary, parameters, responses: { "200": { description: "ok" }, default: PROBLEM } } };
}

function post(summary: string, properties: JsonRecord): JsonRecord {
  const schema = { type: "object", properties, additionalProperties: false };
  return {
    post: {
      summary,
      requestBody: { required: true, content: { "application/json": { schema } } },
      responses: { "200": { description: "ok" }, default: PROBLEM },
    },
  };
}
