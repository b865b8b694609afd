import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { standingOf, stepsOf } from "../../node/picture/count.ts";
import type { Said } from "../../node/picture/types.ts";
import { sha256Hex, utf8 } from "../../protocol/index.ts";
import { listen } from "../servers.ts";

/** What `GET /` and what belongs to it may do, as nodes say. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
};
const PER_BUILDER = 1;
const HOUR = 3_600_000;
const START = Date.parse("2026-11-01T00:00:00Z");

export interface LargeOptions {
  readonly targets: number;
  readonly builders: number;
}

/** A server with the routes of a node, and made-up answers of any size; nothing in them is signed. Its address. */
export async function serveLarge(folder: string, { targets, builders }: LargeOptions): Promise<string> {
  const keys = Array.from({ length: builders }, (_, at) => sha256Hex(utf8(`builder ${at}`)));
  const world = { targets, keys };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/v1/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: status\ndata: ${JSON.stringify(statusOf(world))}\n\n`);
      return;
    }
    const answer = ANSWERS[url.pathname]?.(world, url.searchParams);
    if (answer !== undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ samebits: 1, ...answer }));
    } else sendFile(response, folder, url.pathname === "/" ? "/index.html" : url.pathname);
  });
  const port = await listen(server);
  return `http://127.0.0.1:${port}`;
}

interface World {
  readonly targets: number;
  readonly keys: readonly string[];
}

type Answer = (world: World, query: URLSearchParams) => object;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/v1/status": statusOf,
  "/v1/policies": ({ keys }) => ({
    policies: [
      {
        name: "made-up.toml",
        sha256: sha256Hex(utf8("policy")),
        text: "",
        builders: keys.map((key, at) => ({
          name: `builder-${at}`,
          operator: `operator-${at}`,
          roles: [],
          keys: [key],
          feeds: [],
        })),
      },
    ],
  }),
  "/v1/findings": () => ({ findings: [], next: 0, more: false }),
  "/v1/feeds": () => ({ feeds: [] }),
  "/v1/peers": () => ({ peers: [] }),
  "/v1/traffic": () => ({ streams: [], rounds: 0 }),
  "/v1/picture": pictureOf,
  "/v1/matrix": matrixOf,
  "/v1/targets": ({ targets }, query) => {
    const prefix = query.get("q") ?? "";
    const names = Array.from({ length: targets }, (_, at) => nameOf(at)).filter(({ file }) =>
      file.startsWith(prefix),
    );
    return { ...paged(names, query), more: false };
  },
};

function statusOf({ targets, keys }: World): object {
  return {
    samebits: 1,
    network: "large",
    peer: "12D3KooWLargeLargeLargeLargeLargeLargeLargeLargeLarge",
    uptime_ms: 1_000,
    peers: 0,
    feeds: keys.length,
    complete: keys.length,
    entries: targets * keys.length * PER_BUILDER,
    claims: targets * keys.length,
    findings: 0,
    trouble: null,
  };
}

function nameOf(at: number): { readonly purl: string; readonly file: string; readonly key: string } {
  const name = `package-${String(at).padStart(6, "0")}`;
  const purl = `pkg:deb/debian/${name}@1.0-1?arch=amd64`;
  return { purl, file: `${name}_1.0-1_amd64.deb`, key: sha256Hex(utf8(name)) };
}

function saidOf(at: number, keys: readonly string[]): readonly Said[] {
  return keys.flatMap((builder, column): Said[] => {
    const dice = (at * 31 + column * 17) % 97;
    if (dice === 0) return [];
    if (dice === 1) return [{ builder, sha256: null, kind: "failed", step: "rebuild", retracted: false }];
    const isOther = at % 41 === 0 && column % 7 === 0;
    const content = at % 211 === 0 ? `${at} ${column}` : `${at} ${isOther}`;
    const sha256 = sha256Hex(utf8(content));
    return [{ builder, sha256, kind: "positive", step: "rebuild", retracted: false }];
  });
}

function targetOf(at: number, keys: readonly string[]): object {
  const said = saidOf(at, keys);
  const { agreement, majority } = standingOf(said, (key) => key);
  const cells = said.map((one) => ({ ...one, count: 1, counted: true }));
  return { ...nameOf(at), agreement, majority, steps: stepsOf(said, (key) => key), cells };
}

function matrixOf({ targets, keys }: World, query: URLSearchParams): object {
  const q = query.get("q") ?? "";
  const isShown = (at: number): boolean =>
    query.get("show") !== "disagree" || at % 41 === 0 || at % 211 === 0;
  const all: number[] = [];
  for (let at = 0; at < targets; at++)
    if (isShown(at) && (q === "" || nameOf(at).file.startsWith(q))) all.push(at);
  const page = paged(all, query);
  return { ...page, targets: page.targets.map((at) => targetOf(at, keys)) };
}

function paged<Item>(
  all: readonly Item[],
  query: URLSearchParams,
): { readonly targets: readonly Item[]; readonly next: string | null } {
  const from = Number(query.get("after") ?? "0");
  const to = from + Number(query.get("limit") ?? "200");
  return { targets: all.slice(from, to), next: to < all.length ? String(to) : null };
}

function pictureOf({ targets, keys }: World): object {
  const different = Math.floor(targets / 211);
  const majority = Math.floor(targets / 41) - different;
  const split = Math.floor(targets / 500);
  const single = Math.floor(targets / 90);
  const same = targets - different - majority - split - single;
  const history = Array.from({ length: 200 }, (_, at) => {
    const some = Math.floor((targets * (at + 40)) / 240);
    const off = Math.floor(some * (0.09 - 0.0002 * at + 0.01 * Math.sin(at / 9)));
    return {
      time: new Date(START + at * HOUR).toISOString(),
      targets: some,
      same: some - off,
      majority: off,
      split: 0,
      different: 0,
      single: 0,
    };
  });
  return {
    time: new Date(START + 200 * HOUR).toISOString(),
    looking: false,
    targets,
    by_builders: keys.map((_, at) => ({
      builders: at + 1,
      targets: Math.floor(targets / (2 + Math.abs(at - 11))),
    })),
    agreement: { same, majority, split, different, single },
    history,
    builders: keys.map((key, at) => ({
      key,
      targets: targets - at * 700,
      same: targets - at * 700 - 900 - at * 130,
      different: 500 + at * 100,
      failed: 400 + at * 30,
    })),
    pairs: keys.flatMap((a, at) =>
      keys
        .slice(at + 1)
        .map((b, by) => ({ a, b, same: 1_000 - ((at * by * 7) % 90), different: (at * by * 7) % 90 })),
    ),
  };
}

function sendFile(response: ServerResponse, folder: string, path: string): void {
  try {
    const octets = readFileSync(join(folder, path));
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    response.end(octets);
  } catch {
    response.writeHead(404).end();
  }
}
