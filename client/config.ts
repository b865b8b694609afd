import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isNetworkName, MAX_CONFIG_BYTES, MAX_POLICY_BYTES } from "../protocol/index.ts";
import { readText, textIfThere } from "./artifact/index.ts";
import { ClientError } from "./errors.ts";
import { readSettings } from "./settings/index.ts";
import type { NodeSettings, Settings, WatchSettings } from "./settings/index.ts";

/** The options that every command has, as the command line or the environment gave them. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly config?: string;
  readonly data?: string;
  readonly api?: string;
  readonly network?: string;
}

/** What a command works with: command line over environment over one configuration file over the defaults. */
export interface Config {
  /** The file that was read, or null. */
  readonly file: string | null;
  readonly data: string;
  /** A running node's address as the user gave it; null = the socket in the data directory, then the default port. */
  readonly api: string | null;
  readonly network: string;
  /** The user chose the network; else a trust domain may. */
  readonly isNetworkSaid: boolean;
  readonly policy: string | null;
  /** The trust domain whose policies decide: its fingerprint, or the beginning of it. */
  readonly domain: string | null;
  /** Multiaddrs of peers to meet first. */
  readonly bootstrap: readonly string[];
  /** Namespace of .deb files given without --purl (RULES R4: never taken from the file). */
  readonly debNamespace: string | null;
  /** What the file says, of what stands in no table. */
  readonly said: Omit<Settings, "node" | "watch">;
  /** What the file says for `samebits node`, beneath its options. */
  readonly node: NodeSettings;
  /** What it says for `samebits watch`, beneath its options. */
  readonly watch: WatchSettings;
}

const EMPTY: Settings = { node: {}, watch: {} };

/** Reads the first configuration file found (CONTRACT: nothing is merged). Throws `config/bad-file` with line and column. */
export async function loadConfig(options: CommonOptions): Promise<Config> {
  const folder = join(process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "samebits");
  const candidates =
    options.config === undefined
      ? [join(folder, "config.toml"), "/etc/samebits/config.toml"]
      : [options.config];
  const found = firstFile(candidates, MAX_CONFIG_BYTES, options.config !== undefined);
  const settings = found === null ? EMPTY : readSettings(found.text, found.path);
  const said = options.network ?? settings.network;
  const network = said ?? "main";
  if (!isNetworkName(network)) {
    throw new ClientError(
      "usage/bad-option",
      `network "${network}": no such name; use 1 to 32 of a-z, 0-9 and "-"`,
    );
  }
  if (options.data === "")
    throw new ClientError("usage/bad-option", "--data: no folder is named; leave it away for the usual one");
  return Object.freeze({
    file: found?.path ?? null,
    data: options.data ?? settings.data ?? defaultDataDir(),
    api: options.api ?? settings.api ?? null,
    network,
    isNetworkSaid: said !== undefined,
    domain: settings.domain ?? null,
    policy: settings.policy ?? firstPolicy(candidates.map(dirname), folder),
    bootstrap: settings.bootstrap ?? [],
    debNamespace: settings.debNamespace ?? null,
    said: saidBy(settings),
    node: settings.node,
    watch: settings.watch,
  });
}

function saidBy({ node: _node, watch: _watch, ...said }: Settings): Config["said"] {
  return said;
}

function defaultDataDir(): string {
  return join(process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "samebits");
}

/** `policy.toml` beside the configuration that was named, else beside one of those that are looked for. */
function firstPolicy(folders: readonly string[], own: string): string | null {
  const paths = [...new Set([...folders, own, "/etc/samebits"])].map((folder) => join(folder, "policy.toml"));
  return firstFile(paths, MAX_POLICY_BYTES, false)?.path ?? null;
}

function firstFile(
  paths: readonly string[],
  maxBytes: number,
  mustExist: boolean,
): { readonly path: string; readonly text: string } | null {
  for (const path of paths) {
    const text = mustExist ? readText(path, maxBytes) : textIfThere(path, maxBytes);
    if (text !== null) return { path, text };
  }
  return null;
}
