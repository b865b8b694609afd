import type { Context, Hono } from "hono";
import {
  claimId,
  GATEWAY_LIST_STEP,
  parseAttestation,
  toRebuilderdPem,
  tried,
  utf8,
} from "../../../protocol/index.ts";
import { problem } from "../problem.ts";
import type { JsonRecord } from "../views.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Host } from "./builders.ts";
import { onPage, readFilter, readOlderFilter, readPage } from "./listing.ts";
import type { Filter } from "./listing.ts";
import { linksFor } from "./metadata.ts";
import { artifactRecord, buildRecord, packageRecord, releaseRecord } from "./records.ts";
import { Selector } from "./selection.ts";
import type { Selection, Shown } from "./selection.ts";
import { leftOutHeader, summary } from "./words.ts";

/** What the guards found out before a route is asked. */
export interface Asked {
  readonly Variables: { readonly host: Host };
}

const EVERYTHING: Filter = {
  name: null,
  version: null,
  architecture: null,
  distribution: null,
  unknown: false,
};

/** rebuilderd's read routes, for the builder whose host name was asked. */
export class Routes {
  readonly #catalogue: Catalogue;
  readonly #namespace: string;

  constructor(catalogue: Catalogue, namespace: string) {
    this.#catalogue = catalogue;
    this.#namespace = namespace;
  }

  addTo(app: Hono<Asked>): void {
    app.get("/", (context) =>
      context.text(summary(context.get("host"), this.#selector(context).select(EVERYTHING))),
    );
    for (const path of ["/api/v1/meta/public-keys", "/api/v0/public-keys"])
      app.get(path, (context) => context.json({ current: this.#pems(context) }));
    app.get("/api/v1/meta/distributions", (context) => {
      const { shown } = this.#selector(context).select(EVERYTHING);
      return context.json([...new Set(shown.map(({ view }) => view.distribution))].toSorted());
    });
    app.get("/api/v1/dashboard", (context) => {
      const { shown } = this.#selector(context).select(EVERYTHING);
      const rebuilds = { good: shown.length, bad: 0, fail: 0, unknown: 0 };
      return context.json({ rebuilds, jobs: { running: 0, available: 0, pending: 0 } });
    });
    app.get("/api/v1/packages/binary", (context) =>
      this.#page(context, ({ listed, view }) => packageRecord(listed, view, Date.now())),
    );
    app.get("/api/v0/pkgs/list", (context) => this.#wholeList(context));
    this.#addBuilds(app);
    app.get("/sources/:package/:version/metadata", (context) => this.#metadata(context));
  }

  #addBuilds(app: Hono<Asked>): void {
    app.get("/api/v1/builds", (context) =>
      this.#page(context, ({ listed, view }) => buildRecord(listed, view)),
    );
    app.get("/api/v1/builds/:build", (context) =>
      this.#one(context, ({ listed, view }) => context.json(buildRecord(listed, view))),
    );
    app.get("/api/v1/builds/:build/artifacts", (context) =>
      this.#one(context, ({ listed, view }) => context.json([artifactRecord(listed, view)])),
    );
    app.get("/api/v1/builds/:build/artifacts/:artifact", (context) =>
      this.#one(context, ({ listed, view }) => context.json(artifactRecord(listed, view))),
    );
    app.get("/api/v1/builds/:build/artifacts/:artifact/attestation", (context) =>
      this.#one(context, (shown) => this.#attestation(context, shown)),
    );
    app.get("/api/v0/builds/:build/attestation", (context) =>
      this.#one(context, (shown) => this.#attestation(context, shown)),
    );
  }

  #selector(context: Context<Asked>): Selector {
    return new Selector(this.#catalogue, context.get("host"), this.#namespace, Date.now());
  }

  /** In the policy's order: repro-threshold takes the first. */
  #pems(context: Context<Asked>): readonly string[] {
    const now = Date.now();
    return context
      .get("host")
      .builder.keys.filter(({ key, until }) => key.type === "ed25519" && (until === null || until > now))
      .map(({ key }) => toRebuilderdPem(key));
  }

  #page(context: Context<Asked>, record: (shown: Shown) => JsonRecord): Response {
    const query = context.req.query();
    const page = readPage(query);
    const selection = this.#selector(context).select(readFilter(query));
    tellLeftOut(context, selection);
    const { shown } = selection;
    return context.json({ total: shown.length, records: onPage(shown, page).map(record) });
  }

  /** All at once, as there are no pages in the older interface; made as fast as it is read. */
  #wholeList(context: Context<Asked>): Response {
    const selection = this.#selector(context).select(readOlderFilter(context.req.query()));
    tellLeftOut(context, selection);
    context.header("content-type", "application/json");
    return context.body(listed(selection.shown));
  }

  #one(
    context: Context<Asked>,
    answer: (shown: Shown) => Response | Promise<Response>,
  ): Response | Promise<Response> {
    const { build = "", artifact } = context.req.param();
    const shown = isNumber(build) ? this.#selector(context).byId(Number(build)) : null;
    if (shown === null || (artifact !== undefined && artifact !== String(shown.listed.artifact)))
      return noSuchLink(context);
    return answer(shown);
  }

  async #metadata(context: Context<Asked>): Promise<Response> {
    const { package: name = "", version = "" } = context.req.param();
    const links = linksFor(this.#selector(context), name, version);
    const [only, ...others] = links;
    if (only === undefined) return noSuchLink(context);
    if (others.length === 0) return this.#attestation(context, only);
    const architectures = links.map(({ view }) => view.architecture).join(", ");
    return problem(
      context,
      409,
      "http/several-links",
      `there is a link for each of ${architectures}, and none of them is this machine's architecture`,
    );
  }

  /** The octets as they stand in the feed: only these are signed. */
  async #attestation(context: Context<Asked>, { listed }: Shown): Promise<Response> {
    const octets = await this.#catalogue.bytesAt(listed);
    const key = context.get("host").builder.keys[listed.key]?.key;
    const attestation = octets === null ? null : tried(() => parseAttestation(octets));
    // The feed was dropped, and another one took its place in the store.
    if (octets === null || attestation === null || key === undefined) return noSuchLink(context);
    if (claimId(key.raw, attestation.signedBytes) !== listed.claim) return noSuchLink(context);
    return context.body(octets.slice(), 200, { "content-type": "application/json; charset=utf-8" });
  }
}

function tellLeftOut(context: Context, selection: Selection): void {
  context.header("samebits-left-out", leftOutHeader(selection));
}

function listed(shown: readonly Shown[]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(stream) {
      const part = shown.slice(at, at + GATEWAY_LIST_STEP);
      const text = part.map((one) => JSON.stringify(releaseRecord(one.listed, one.view))).join(",");
      const begin = at === 0 ? "[" : ",";
      at += part.length;
      stream.enqueue(utf8(`${begin}${text}${at >= shown.length ? "]" : ""}`));
      if (at >= shown.length) stream.close();
    },
  });
}

function isNumber(text: string): boolean {
  return /^[1-9][0-9]{0,9}$/.test(text);
}

function noSuchLink(context: Context): Response {
  return problem(
    context,
    404,
    "http/no-such-link",
    "this builder has signed nothing of the kind that clients of rebuilderd check, or took it back; GET / says what is left out",
  );
}
