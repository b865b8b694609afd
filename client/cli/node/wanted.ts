import type { CommonOptions, Config } from "../../config.ts";
import { NODE_DEFAULTS } from "../../settings/index.ts";
import type { LogWord } from "../../settings/index.ts";

/** The options of `samebits node`, as the command line or the environment gave them. */
export interface NodeOptions extends CommonOptions {
  readonly listen?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly mirror?: readonly string[];
  readonly anchor?: readonly string[];
  readonly publishKey?: string;
  readonly witnessKey?: string;
  readonly passphraseFile?: string;
  readonly first?: boolean;
  readonly follow?: readonly string[];
  readonly policy?: string;
  readonly maxStore?: string;
  readonly maxFollowed?: string;
  readonly apiListen?: string;
  readonly apiPublic?: boolean;
  readonly apiHost?: readonly string[];
  readonly rebuilderdApi?: string;
  readonly log?: LogWord;
}

/** What a node is to do: each setting by the command line, else the environment, else the configuration, else the default. */
export interface Wanted {
  readonly listen: readonly string[];
  /** Null: as the configuration or the trust domain says. */
  readonly bootstrap: readonly string[] | null;
  readonly mirror: readonly string[];
  readonly anchor: readonly string[];
  readonly publishKey: string | null;
  readonly witnessKey: string | null;
  readonly passphraseFile: string | null;
  readonly first: boolean;
  readonly follow: readonly string[];
  readonly maxStore: string;
  readonly maxFollowed: string;
  readonly apiListen: string;
  readonly apiPublic: boolean;
  readonly apiHost: readonly string[];
  readonly rebuilderdApi: string | null;
  readonly log: LogWord;
}

export function wantedOf(options: NodeOptions, { node }: Config): Wanted {
  return {
    listen: options.listen ?? node.listen ?? NODE_DEFAULTS.listen,
    bootstrap: options.bootstrap ?? null,
    mirror: options.mirror ?? node.mirror ?? NODE_DEFAULTS.mirror,
    anchor: options.anchor ?? node.anchor ?? NODE_DEFAULTS.anchor,
    publishKey: options.publishKey ?? node.publishKey ?? null,
    witnessKey: options.witnessKey ?? node.witnessKey ?? null,
    passphraseFile: options.passphraseFile ?? node.passphraseFile ?? null,
    first: options.first === true,
    follow: options.follow ?? node.follow ?? NODE_DEFAULTS.follow,
    maxStore: options.maxStore ?? node.maxStore ?? NODE_DEFAULTS.maxStore,
    maxFollowed: options.maxFollowed ?? node.maxFollowed ?? NODE_DEFAULTS.maxFollowed,
    apiListen: options.apiListen ?? node.apiListen ?? NODE_DEFAULTS.apiListen,
    apiPublic: options.apiPublic ?? node.apiPublic ?? NODE_DEFAULTS.apiPublic,
    apiHost: options.apiHost ?? node.apiHost ?? NODE_DEFAULTS.apiHost,
    rebuilderdApi: options.rebuilderdApi ?? node.rebuilderdApi ?? null,
    log: options.log ?? saidInShort(options) ?? node.log ?? NODE_DEFAULTS.log,
  };
}

/** `--verbose` and `--quiet` say it, too. */
function saidInShort({ verbose, quiet }: NodeOptions): LogWord | null {
  if (verbose === true) return "debug";
  return quiet === true ? "warn" : null;
}
