import { schemasFor } from "./schemas.ts";
import type { SchemaName } from "./schemas.ts";
import type { JsonRecord } from "./views.ts";

/** A route as it is described: what it takes and gives are schemas of `protocol/spec/`, or a content type. */
interface Route {
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly parameters?: readonly JsonRecord[];
  readonly takes?: SchemaName | Content;
  readonly gives: SchemaName | Content;
  /** What 409 answers, where that is no problem object. */
  readonly conflict?: Content;
  /** It changes something here. */
  readonly needsToken?: true;
}

interface Content {
  readonly type: string;
  readonly schema: JsonRecord;
}

const TEXT: Content = { type: "text/plain", schema: { type: "string" } };
const PAGE: Content = { type: "text/html", schema: { type: "string" } };
const OCTETS: Content = { type: "application/octet-stream", schema: {} };
const SINCE = parameter("query", "since", "the last number that you have");
const AFTER = parameter("query", "after", "what was handed out as `next`: the page behind it");
const HASH = parameter("path", "hash", "hex SHA-256 of the feed's origin line");

const ROUTES: readonly Route[] = [
  {
    method: "get",
    path: "/",
    summary: "the dashboard; its main facts are readable without JavaScript",
    gives: PAGE,
  },
  {
    method: "get",
    path: "/assets/{name}",
    summary: "files of the dashboard",
    parameters: [parameter("path", "name", "of the file, which changes with what is in it")],
    gives: OCTETS,
  },
  {
    method: "get",
    path: "/verify.html",
    summary:
      "a page in one file that hashes and verifies in the browser; it can be saved and opened from there",
    gives: PAGE,
  },
  { method: "get", path: "/v1/status", summary: "how this node is", gives: "status" },
  { method: "get", path: "/v1/peers", summary: "connections", gives: "peers" },
  {
    method: "get",
    path: "/v1/feeds",
    summary: "every feed known: head, entries held, state",
    gives: "feeds",
  },
  {
    method: "get",
    path: "/v1/policies",
    summary: "the policies that this node was started with, and their builders",
    gives: "policies",
  },
  {
    method: "get",
    path: "/v1/picture",
    summary: "how builders agree: numbers of targets, as the last look through the index has counted them",
    gives: "picture",
  },
  {
    method: "get",
    path: "/v1/matrix",
    summary: "targets by name, with what each builder says of them",
    parameters: [
      parameter("query", "show", "`all`, `disagree`, or `single` for those that one builder alone has"),
      parameter("query", "q", "beginning of a package's name, whatever its case"),
      AFTER,
      parameter("query", "limit", "targets of a page, 100 unless told otherwise, at most 500"),
    ],
    gives: "matrix",
  },
  {
    method: "get",
    path: "/v1/traffic",
    summary: "what the streams carried since the start",
    gives: "traffic",
  },
  {
    method: "get",
    path: "/v1/targets",
    summary: "claims about a target, or targets by the beginning of their name",
    parameters: [
      parameter("query", "q", "beginning of a package's or a file's name, whatever its case"),
      AFTER,
      parameter("query", "purl", "canonical purl, together with file"),
      parameter("query", "file", "file name, together with purl"),
      parameter("query", "sha256", "digest of a file, in hex"),
    ],
    gives: "targets",
  },
  {
    method: "get",
    path: "/v1/findings",
    summary: "findings after a number, in order",
    parameters: [SINCE],
    gives: "findings",
  },
  {
    method: "get",
    path: "/v1/evidence",
    summary: "findings after a number that carry evidence",
    parameters: [SINCE],
    gives: "evidence-list",
  },
  {
    method: "get",
    path: "/v1/events",
    summary: "server-sent events: one `finding` an event, its number as the id; goes on for ever",
    parameters: [
      SINCE,
      parameter("header", "Last-Event-ID", "does the same"),
      parameter("query", "status", "1: also the node's status, as `status` events, at once and every 5 s"),
    ],
    gives: {
      type: "text/event-stream",
      schema: {
        type: "string",
        description: "each `data` is one finding",
        contentMediaType: "application/json",
        contentSchema: reference("finding"),
      },
    },
  },
  {
    method: "post",
    path: "/v1/query",
    summary: "envelopes with inclusion proofs and checkpoints, up to 1,000 questions",
    takes: "query",
    gives: "found",
  },
  {
    method: "post",
    path: "/v1/attestations",
    summary: "publish",
    takes: "envelopes",
    gives: "appended",
    needsToken: true,
  },
  {
    method: "post",
    path: "/v1/findings/{id}/ack",
    summary: "acknowledge a finding",
    parameters: [parameter("path", "id", "of the finding")],
    takes: "acknowledgement",
    gives: "acknowledged",
    needsToken: true,
  },
  {
    method: "get",
    path: "/v1/findings/{id}/ack",
    summary: "whether somebody has acknowledged a finding",
    parameters: [parameter("path", "id", "of the finding")],
    gives: "noted",
  },
  {
    method: "get",
    path: "/v1/openapi.json",
    summary: "this description",
    gives: { type: "application/json", schema: { type: "object" } },
  },
  {
    method: "get",
    path: "/feeds/{hash}/checkpoint",
    summary: "C2SP tlog-tiles: the newest checkpoint",
    parameters: [HASH],
    gives: TEXT,
  },
  {
    method: "get",
    path: "/feeds/{hash}/timed",
    summary: "the newest checkpoint with the feed's own time line",
    parameters: [HASH],
    gives: TEXT,
  },
  {
    method: "get",
    path: "/feeds/{hash}/cosigned",
    summary:
      "the feed's heads that witnesses have cosigned, one note behind the other with an empty line between",
    parameters: [HASH],
    gives: TEXT,
  },
  {
    method: "get",
    path: "/feeds/{hash}/cosigned-past",
    summary:
      "those that witnesses had cosigned before, in the same form: the last of an hour, a day, four weeks",
    parameters: [HASH],
    gives: TEXT,
  },
  {
    method: "get",
    path: "/feeds/{hash}/tile/{path}",
    summary: "C2SP tlog-tiles: hash tiles and bundles of entries",
    parameters: [HASH, parameter("path", "path", "of the tile; holds slashes: 0/x001/234, entries/000.p/21")],
    gives: OCTETS,
  },
  {
    method: "post",
    path: "/witness/add-checkpoint",
    summary:
      "C2SP tlog-witness: the witness's cosignature line; 409 says in text/x.tlog.size from which size the proof must lead",
    takes: TEXT,
    gives: TEXT,
    conflict: { type: "text/x.tlog.size", schema: { type: "string", pattern: "^[0-9]+\\n$" } },
  },
  { method: "get", path: "/metrics", summary: "Prometheus", gives: TEXT },
  {
    method: "get",
    path: "/healthz",
    summary: "200 while the node can do all of its work, else 503 with the code of what is wrong",
    gives: TEXT,
  },
  {
    method: "get",
    path: "/healthz/live",
    summary: "200 while the node answers at all, else 503: then it is to be started anew",
    gives: TEXT,
  },
];

/** The OpenAPI description of every route (`GET /v1/openapi.json`), with the schemas of `protocol/spec/` in it. */
export async function openApi(): Promise<JsonRecord> {
  const paths: Record<string, JsonRecord> = {};
  for (const route of ROUTES) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return {
    openapi: "3.1.0",
    info: { title: "samebits node", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: await schemasFor(pointerTo),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "the file `token` in the data directory" },
      },
    },
  };
}

function operation({ summary, parameters = [], takes, gives, conflict, needsToken }: Route): JsonRecord {
  return {
    summary,
    parameters,
    ...(takes === undefined ? {} : { requestBody: { required: true, content: contentOf(takes) } }),
    ...(needsToken === true ? { security: [{ token: [] }] } : {}),
    responses: {
      "200": { description: "ok", content: contentOf(gives) },
      ...(conflict === undefined
        ? {}
        : { "409": { description: "begin from this size", content: contentOf(conflict) } }),
      default: {
        description: "a problem object (RFC 9457) with a stable `code`",
        content: { "application/problem+json": { schema: reference("problem") } },
      },
    },
  };
}

function parameter(where: "query" | "path" | "header", name: string, description: string): JsonRecord {
  return { name, in: where, required: where === "path", description, schema: { type: "string" } };
}

function contentOf(what: SchemaName | Content): JsonRecord {
  return typeof what === "string" ? json(what) : { [what.type]: { schema: what.schema } };
}

function json(name: SchemaName): JsonRecord {
  return { "application/json": { schema: reference(name) } };
}

function reference(name: SchemaName): JsonRecord {
  return { $ref: pointerTo(name) };
}

function pointerTo(name: string): string {
  return `#/components/schemas/${name}`;
}
