/**
 * The dashboard, built by Vite for the node that serves it: `node/dashboard/built/` with `index.html`, `assets/`, the one file `verify.html`
 * that people save, and a manifest of their SHA-256. From the same sources come the same bytes.
 * Set-up runs it each time: where it is built from these sources, nothing is done.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InlineConfig, Plugin, Rolldown } from "vite";
import {
  DASHBOARD_BUILT,
  dashboardStamp,
  isDashboardBuilt,
  type Manifest,
  sha256,
} from "./dashboard-stamp.ts";

const TOP = join(import.meta.dirname, "../..");
const ROOT = join(TOP, "node/dashboard");

type Output = Rolldown.RolldownOutput["output"][number];

/** Whatever of a package or of the core nothing is taken from stays out: nothing of them that comes into a page does anything by being there. */
const NOTHING_BY_ITSELF = {
  moduleSideEffects: [{ test: /\/(?:node_modules|protocol)\//, sideEffects: false }],
};

/** Builds into `out`, whole or not at all. Resolves to the names of the files and their octets. */
export async function buildDashboard(out: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const page = await bundle({
    rolldownOptions: { input: join(ROOT, "index.html"), treeshake: NOTHING_BY_ITSELF },
  });
  const alone = await bundle({
    rolldownOptions: {
      input: join(ROOT, "check-page.tsx"),
      output: { format: "iife" },
      treeshake: NOTHING_BY_ITSELF,
    },
  });
  const files = new Map(page.map((one) => [one.fileName, octetsOf(one)]));
  const style = page.find(({ fileName }) => fileName.endsWith(".css"));
  const script = alone.find(({ type }) => type === "chunk");
  if (style === undefined || script === undefined)
    throw new Error("the dashboard was built without its style or script");
  files.set("verify.html", inOneFile(textOf(script), textOf(style)));
  write(out, files);
  return files;
}

/** A page has the policy alone, and none of the files that it names: what a layout that is here would say is never asked. */
const withoutLayouts: Plugin = {
  name: "without-layouts",
  enforce: "pre",
  load: (id) => (id.endsWith("/protocol/intoto/verify.ts") ? NO_LAYOUTS : null),
};
const NO_LAYOUTS = `export function judgeLayout() { throw new Error("a page has no layouts"); }
export const verifyLayout = judgeLayout;`;

async function bundle(options: NonNullable<InlineConfig["build"]>): Promise<readonly Output[]> {
  const { build } = await import("vite"); // which takes longer to load than to see that nothing is to be done
  const result = await build({
    root: ROOT,
    configFile: false,
    plugins: [withoutLayouts],
    envDir: false,
    logLevel: "warn",
    // assets/NAME, wherever the page is served from
    base: "./",
    build: { ...options, write: false, target: "es2024", modulePreload: false, reportCompressedSize: false },
  });
  if (!("output" in result)) throw new Error("Vite was to build once, and watches");
  return result.output;
}

function octetsOf(one: Output): Uint8Array {
  const source = one.type === "chunk" ? one.code : one.source;
  return typeof source === "string" ? new TextEncoder().encode(source) : source;
}

function textOf(one: Output): string {
  return new TextDecoder().decode(octetsOf(one));
}

/** The page with its script and style in it, which alone may run in it: their hashes stand in its policy. */
function inOneFile(script: string, style: string): Uint8Array {
  const code = script.trim().replaceAll("</script", String.raw`<\/script`);
  const looks = style.trim();
  const policy = `default-src 'none'; script-src '${hashOf(code)}'; style-src '${hashOf(looks)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const parts: Readonly<Record<string, string>> = {
    "<!--policy-->": `<meta http-equiv="content-security-policy" content="${policy}" />`,
    "<!--style-->": `<style>${looks}</style>`,
    "<!--script-->": `<script>${code}</script>`,
  };
  let text = readFileSync(join(ROOT, "verify.html"), "utf8");
  for (const [mark, part] of Object.entries(parts)) text = text.split(mark).join(part);
  return new TextEncoder().encode(text);
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** Beside its place first, so that a build that breaks off leaves what was there. */
function write(out: string, files: ReadonlyMap<string, Uint8Array>): void {
  const fresh = `${out}.new-${process.pid}`;
  mkdirSync(join(fresh, "assets"), { recursive: true });
  for (const [name, octets] of files) writeFileSync(join(fresh, name), octets);
  const names = [...files.keys()].sort();
  const sums = names.map((name) => [name, sha256(files.get(name) ?? new Uint8Array())] as const);
  const manifest: Manifest = { files: Object.fromEntries(sums), sources: dashboardStamp() };
  writeFileSync(join(fresh, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
}

/** Builds it where set-up and tests look for it, unless it is there. */
export async function ensureDashboard(): Promise<void> {
  if (!isDashboardBuilt()) await buildDashboard(DASHBOARD_BUILT);
}

if (import.meta.main) {
  if (!isDashboardBuilt()) process.stderr.write("setup: building the dashboard\n");
  await ensureDashboard();
}
