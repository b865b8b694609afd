import { parseOrigin } from "../../protocol/index.ts";
import type { Fields } from "./fields.ts";
import { addressRule, anchorRule, apiListenRule, hostPortRule, mirrorRule } from "./places.ts";

/** How much a node writes into its log. */
export type LogWord = "silent" | "warn" | "info" | "debug";
const LOG_WORDS: readonly LogWord[] = ["silent", "warn", "info", "debug"];

/** The table `[node]`: each member is the option of `samebits node` of that name, and what it is where neither says anything. */
export interface NodeSettings {
  readonly listen?: readonly string[] | undefined;
  readonly mirror?: readonly string[] | undefined;
  readonly anchor?: readonly string[] | undefined;
  readonly publishKey?: string | undefined;
  readonly witnessKey?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly follow?: readonly string[] | undefined;
  readonly maxStore?: string | undefined;
  readonly maxFollowed?: string | undefined;
  readonly apiListen?: string | undefined;
  readonly apiPublic?: boolean | undefined;
  readonly apiHost?: readonly string[] | undefined;
  readonly rebuilderdApi?: string | undefined;
  readonly log?: LogWord | undefined;
}

type Optional = "publishKey" | "witnessKey" | "passphraseFile" | "rebuilderdApi";
type NodeDefaults = {
  readonly [Name in keyof Omit<NodeSettings, Optional>]-?: NonNullable<NodeSettings[Name]>;
};

/** What holds where neither the command line, nor the environment, nor the file says anything. */
export const NODE_DEFAULTS: NodeDefaults = {
  listen: ["/ip4/0.0.0.0/tcp/7716", "/ip4/0.0.0.0/tcp/7718/ws"],
  mirror: [],
  anchor: [],
  follow: ["policy"],
  maxStore: "4G",
  maxFollowed: "32G",
  apiListen: "127.0.0.1:7717",
  apiPublic: false,
  apiHost: [],
  log: "info",
};

const FOLLOW_WORDS: ReadonlySet<string> = new Set(["policy", "all"]);

export function readNode(fields: Fields): NodeSettings {
  const settings: NodeSettings = {
    listen: readListen(fields),
    mirror: fields.places("mirror", mirrorRule),
    anchor: fields.places("anchor", anchorRule),
    publishKey: fields.path("publish_key"),
    witnessKey: fields.path("witness_key"),
    passphraseFile: fields.path("passphrase_file"),
    follow: fields.list("follow", (text, item) => {
      if (!FOLLOW_WORDS.has(text)) item.within(() => parseOrigin(text));
    }),
    maxStore: fields.size("max_store"),
    maxFollowed: fields.size("max_followed"),
    apiListen: fields.text("api_listen", apiListenRule),
    apiPublic: fields.flag("api_public"),
    apiHost: fields.list("api_host"),
    rebuilderdApi: fields.text("rebuilderd_api", hostPortRule),
    log: fields.oneOf("log", LOG_WORDS),
  };
  fields.done();
  return settings;
}

/** `none` alone, or addresses. */
function readListen(fields: Fields): readonly string[] | undefined {
  const all = fields.places("listen", (text) => (text === "none" ? null : addressRule(text)));
  if (all !== undefined && all.length > 1 && all.includes("none"))
    fields
      .shape("listen")
      ?.fail("shape/out-of-range", 'there are addresses beside "none": name the one or the other');
  return all;
}
