/** `watch` in a process of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { LAUNCHER } from "../built.ts";
import { newFolder } from "../node/folder.ts";

const children: ReturnType<typeof spawn>[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

export interface Watcher {
  /** The first. */
  readonly line: Promise<string>;
  /** All so far. */
  readonly lines: readonly string[];
  /** What it says on stderr. */
  readonly notes: readonly string[];
  readonly child: ReturnType<typeof spawn>;
}

/** Resolves once it says that it is watching. Its configuration and data are in `home`. */
export async function watch(args: readonly string[], home?: string): Promise<Watcher> {
  const folder = home ?? (await newFolder());
  const child = spawn(process.execPath, [LAUNCHER, "watch", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, XDG_CONFIG_HOME: join(folder, "config"), XDG_DATA_HOME: join(folder, "data") },
  });
  children.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (text) => lines.push(text));
  const line = once(reader, "line").then(([text]: unknown[]) => String(text));
  const notes: string[] = [];
  const noted = createInterface({ input: child.stderr }).on("line", (text) => notes.push(text));
  await once(noted, "line");
  assert.match(notes[0] ?? "", /^samebits: watching by /);
  return { line, lines, notes, child };
}
