/** Rebuilders: each a node with a feed, and the command that really rebuilds, in a system that they share. */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultConfig, startNode } from "../../node/index.ts";
import type { Node } from "../../node/index.ts";
import { atEnd } from "../at-end.ts";
import { LAUNCHER } from "../built.ts";
import { assertPrinted } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { NETWORK } from "./apt-machine.ts";
import { run } from "./apt-rig.ts";
import { BASE, whyNoBase } from "./base.ts";
import type { TestBuilder } from "./claims.ts";

/** A source package of Debian, and what Debian built from it. */
export const VECTORS: string = join(import.meta.dirname, "../vectors/debian/rebuildable");

export interface Rebuilder {
  readonly node: Node;
  readonly data: string;
  /** Its node started again, where it was closed. */
  anew(): Promise<Node>;
  /** Runs `samebits rebuild debian` there, in a system that is here: `words` come last. */
  rebuild(...words: readonly string[]): Promise<Printed>;
}

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly objects: readonly Record<string, unknown>[];
}

/** `chroots`: a folder that rebuilders may share. */
export async function rebuilder(
  who: TestBuilder,
  chroots: string,
  bootstrap: readonly string[],
): Promise<Rebuilder> {
  const data = await newFolder();
  const start = async (first: boolean): Promise<Node> => {
    const started = await startNode({
      ...defaultConfig(data),
      network: NETWORK,
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap,
      publishKey: who.pem,
      first,
      api: { listen: null, public: false, hosts: [] },
      log: "silent",
    });
    atEnd(() => started.close());
    return started;
  };
  const node = await start(true);
  const key = join(data, "builder.key");
  await writeFile(key, who.pem, { mode: 0o600 });
  const places = ["--chroots", chroots, "--data", data, "--network", NETWORK, "--key", key];
  return {
    node,
    data,
    anew: () => start(false),
    async rebuild(...words) {
      const isOwn = words.includes("--base") || words.includes("--follow");
      const base = isOwn ? [] : ["--suite", "bookworm", "--base", BASE, "--offline"];
      const argv = [
        "rebuild",
        "debian",
        "--json",
        "--output",
        join(data, "out"),
        ...places,
        ...base,
        ...words,
      ];
      const { code, output } = await run(process.execPath, [LAUNCHER, ...argv]);
      const lines = output.split("\n").filter((line) => line.startsWith("{"));
      const isError = (line: string): boolean => line.startsWith('{"samebits":1,"event":"error"');
      const [out, err] = [lines.filter((line) => !isError(line)), lines.filter(isError)];
      assertPrinted(argv, { code, out: out.join("\n"), err: err.join("\n") });
      return { code, out: output, objects: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
    },
  };
}

/** Why nothing can be rebuilt here; false where it can. */
export function whyNoRebuild(): string | false {
  if (process.getuid?.() !== 0) return "needs root, or ids in /etc/subuid, which a test's user has not";
  const lacking = whyNoBase() ?? lacks("unshare", "setpriv");
  if (lacking !== false) return lacking;
  return spawnSync("unshare", ["--user", "true"]).status === 0
    ? false
    : "no user namespaces can be made here";
}
