import type { Context, Hono } from "hono";
import { problem } from "../problem.ts";
import type { ApiNode } from "../api-node.ts";
import { CONTENT_POLICY, etagOf } from "./built.ts";
import type { Built, PageFile } from "./built.ts";
import { factsOf } from "./facts.ts";
import { plainPage } from "./plain.ts";

const HTML = "text/html; charset=utf-8";
/** Ask again whether it is still the same. */
const ASK_AGAIN = "no-cache";
const IMMUTABLE = "public, max-age=31536000, immutable";
/** Where the main facts stand in the page. */
const FACTS = "<!--facts-->";

/** `GET /`, `GET /assets/<name>` and `GET /verify.html`: the dashboard. */
export function addPageRoutes(app: Hono, node: ApiNode, built: Built): void {
  app.get("/", async (context) => {
    const facts = await factsOf(node, Date.now());
    // Not as a pattern of replacement: names in the facts may hold its signs.
    const page = built.index === null ? plainPage(facts) : built.index.split(FACTS).join(facts.text);
    const octets = new TextEncoder().encode(page);
    return file(context, { octets, type: HTML, etag: etagOf(octets) }, ASK_AGAIN, CONTENT_POLICY);
  });
  app.get("/assets/:name", (context) => {
    const asset = built.assets.get(context.req.param("name"));
    return asset === undefined ? notThere(context) : file(context, asset, IMMUTABLE, CONTENT_POLICY);
  });
  app.get("/verify.html", (context) => {
    const { verify } = built;
    return verify === null ? notThere(context) : file(context, verify, ASK_AGAIN, verify.policy);
  });
}

/** The file, or that it is still the one that the browser has. */
function file(context: Context, { octets, type, etag }: PageFile, cache: string, policy: string): Response {
  const headers = {
    "cache-control": cache,
    "content-security-policy": policy,
    "cross-origin-opener-policy": "same-origin",
    etag,
    "referrer-policy": "no-referrer",
  };
  const known = (context.req.header("if-none-match") ?? "").split(",").map((one) => one.trim());
  if (known.some((one) => one === etag || one === `W/${etag}`)) return context.body(null, 304, headers);
  return context.body(octets, 200, { ...headers, "content-type": type });
}

function notThere(context: Context): Response {
  return problem(
    context,
    404,
    "http/no-such-route",
    "the dashboard has no such file here; npm run setup builds it where it is missing",
  );
}
