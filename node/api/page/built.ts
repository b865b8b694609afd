/** The dashboard's files as Vite has built them, read once when the node starts: what is served is what was there then. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MAX_DASHBOARD_BYTES, MAX_DASHBOARD_FILES } from "../../../protocol/index.ts";

/** A file that is served. */
export interface PageFile {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Of HTTP, with its quotes. */
  readonly etag: string;
}

/** The files of the dashboard; null where it was not built. */
export interface Built {
  readonly index: string | null;
  readonly verify: (PageFile & { readonly policy: string }) | null;
  /** By their names. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

export const NOT_BUILT: Built = { index: null, verify: null, assets: new Map() };

/** What the browser may do on our pages: run and fetch what this node serves, and nothing else. */
export const CONTENT_POLICY: string = contentPolicy("'self'", "'self'");

const BUILT = fileURLToPath(new URL("../../dashboard/built/", import.meta.url));
const TYPES: ReadonlyMap<string, string> = new Map([
  [".css", "text/css; charset=utf-8"],
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".json", "application/json"],
  [".map", "application/json"],
  [".svg", "image/svg+xml"],
  [".woff2", "font/woff2"],
]);
const ASSET = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const SCRIPT = /<script\b[^>]*>([^]*?)<\/script>/g;
const STYLE = /<style\b[^>]*>([^]*?)<\/style>/g;

/** Reads what is in the folder; all that is not named as it is expected is left out, and what is too much is nothing. */
export async function readBuilt(folder: string = BUILT): Promise<Built> {
  const [index, verify, assets] = await Promise.all([
    ifThere(join(folder, "index.html")),
    ifThere(join(folder, "verify.html")),
    readAssets(join(folder, "assets")),
  ]);
  const octets = [index, verify, ...assets.values()].reduce((sum, one) => sum + (one?.octets.length ?? 0), 0);
  if (octets > MAX_DASHBOARD_BYTES || assets.size > MAX_DASHBOARD_FILES) return NOT_BUILT;
  return {
    index: index === null ? null : new TextDecoder().decode(index.octets),
    verify: verify === null ? null : { ...verify, policy: inlinePolicy(verify.octets) },
    assets,
  };
}

/** As HTTP writes it. */
export function etagOf(octets: Uint8Array): string {
  return `"${createHash("sha256").update(octets).digest("base64url")}"`;
}

async function readAssets(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const assets = new Map<string, PageFile>();
  for (const name of await readdir(folder).catch(() => [])) {
    const file = ASSET.test(name) ? await ifThere(join(folder, name)) : null;
    if (file !== null) assets.set(name, file);
  }
  return assets;
}

/** Null for what is not there, or is no file of a kind that a page has. */
async function ifThere(path: string): Promise<PageFile | null> {
  const type = TYPES.get(extname(path));
  const octets = type === undefined ? null : await readFile(path).catch(() => null);
  if (type === undefined || octets === null) return null;
  return { octets: new Uint8Array(octets), type, etag: etagOf(octets) };
}

/** A page that is one file has its scripts and styles in it: these very ones may be used. */
function inlinePolicy(octets: Uint8Array): string {
  const text = new TextDecoder().decode(octets);
  return contentPolicy(hashesOf(text, "script"), hashesOf(text, "style"));
}

function hashesOf(text: string, tag: "script" | "style"): string {
  const found = [...text.matchAll(tag === "script" ? SCRIPT : STYLE)];
  const hashes = found.map(
    ([, inner = ""]) => `'sha256-${createHash("sha256").update(inner).digest("base64")}'`,
  );
  return hashes.length === 0 ? "'none'" : hashes.join(" ");
}

function contentPolicy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${script}`,
    `style-src ${style}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
