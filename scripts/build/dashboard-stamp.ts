/** Whether the dashboard was built from the sources that are here: their digest stands in what was built. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TOP = join(import.meta.dirname, "../..");
/** What goes into it: its own sources, the protocol, who builds it and the packages. */
const SOURCES = ["node/dashboard", "protocol", "scripts/build/dashboard.ts", "package-lock.json"];
const LEFT_OUT = /^node\/dashboard\/built|^protocol\/spec\/|\.md$/;

/** Where it is built. */
export const DASHBOARD_BUILT: string = join(TOP, "node/dashboard/built");

/** What was built, by itself. */
export interface Manifest {
  /** SHA-256 in hex, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the sources. */
  readonly sources: string;
}

/** SHA-256 over names and contents of the sources, 64 hex digits. */
export function dashboardStamp(): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap(filesUnder).toSorted()) {
    const octets = readFileSync(join(TOP, path));
    hash.update(`${path}\n${octets.length}\n`).update(octets);
  }
  return hash.digest("hex");
}

/** Whether what is built is of these sources, and whole. */
export function isDashboardBuilt(): boolean {
  try {
    const text = readFileSync(join(DASHBOARD_BUILT, "manifest.json"), "utf8");
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.sources !== dashboardStamp()) return false;
    return Object.entries(manifest.files).every(
      ([name, sum]) => sha256(readFileSync(join(DASHBOARD_BUILT, name))) === sum,
    );
  } catch {
    return false; // nothing there, or not whole
  }
}

/** In hex. */
export function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}

function filesUnder(path: string): readonly string[] {
  if (LEFT_OUT.test(path)) return [];
  if (/\.[a-z]+$/.test(path)) return [path];
  return readdirSync(join(TOP, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() || entry.isFile() ? filesUnder(`${path}/${entry.name}`) : [],
  );
}
