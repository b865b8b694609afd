import { existsSync } from "node:fs";
import { join } from "node:path";
import { MAX_PINNED_DOMAINS, MAX_TRUST_VERSION, record, toHex } from "../../protocol/index.ts";
import type { AuditView, JsonValue, RecordShape, Shape, SyncView } from "../../protocol/index.ts";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import { readAnswer } from "./answer.ts";
import { openApi } from "./api.ts";
import type { NodeApi } from "./api.ts";
import { isLocal, parseAddress } from "./http.ts";
import type { Address } from "./http.ts";

const DEFAULT_URL = "http://127.0.0.1:7717";
const MAX_WORDS = 4_096;
const MAX_LIFECYCLES = 16;

type Count =
  "uptime_ms" | "peers" | "feeds" | "complete" | "entries" | "wanted" | "claims" | "records" | "findings";

/** What a node says of itself (`GET /v1/status`). */
export interface NodeStatus {
  readonly network: string;
  readonly peer: string;
  /** Its own feed; null for a node without. */
  readonly own: {
    readonly origin: string;
    readonly state: string;
    readonly size: number;
    /** Why nothing can be published, in the node's words; null where it can. */
    readonly reason: string | null;
  } | null;
  /** What keeps it from reading or writing its data; null where all is well. */
  readonly trouble: string | null;
  /** Trust domains that are pinned on its machine; `problem`: why nothing is judged by one at present. */
  readonly domains: readonly {
    readonly domain: string;
    readonly root: number;
    readonly targets: number | null;
    readonly problem: string | null;
  }[];
  /** What it fetches, and how fast. */
  readonly sync: SyncView;
  /** How far it is with checking the signatures of what it has fetched. */
  readonly audit: AuditView;
  /** ms since it started, and how much it has of what. */
  readonly counts: Readonly<Record<Count, number>>;
  /** How many feeds are in which state. */
  readonly lifecycle: ReadonlyMap<string, number>;
  /** The whole answer, for those who print it. */
  readonly answer: JsonValue;
}

/** A node that answered, and what it said. */
export interface RunningNode {
  readonly api: NodeApi;
  readonly status: NodeStatus;
}

/**
 * The node that a command works with: `--api`'s, else that of the socket in the data directory, else the one on the default port.
 * Null where nobody answers. Throws `api/unreachable` for an `--api` that does not answer, and `api/refused` for a node of another
 * network: its answers would be about other feeds.
 */
export async function runningNode(config: Config): Promise<RunningNode | null> {
  for (const address of addresses(config)) {
    const api = openApi(address, {
      trusted: isLocal(address),
      dataDir: config.data,
      network: config.network,
    });
    let status: NodeStatus;
    try {
      const answer = await api.get("/v1/status");
      status = readAnswer(api.name, () => readStatus(answer));
    } catch (error) {
      if (config.api === null && error instanceof ClientError && error.code === "api/unreachable") continue;
      throw error;
    }
    if (status.network === config.network) return { api, status };
    // The default port may well be another network's; what the user named, or keeps in this folder, should not be.
    if (config.api === null && !("socket" in address)) continue;
    throw new ClientError(
      "api/refused",
      `the node at ${api.name} is of network ${status.network}, this command of ${config.network}: give --network or another --api`,
    );
  }
  return null;
}

/** The same, where the command can do nothing without one. Throws `api/unreachable`. */
export async function needRunningNode(config: Config): Promise<RunningNode> {
  const running = await runningNode(config);
  if (running !== null) return running;
  throw new ClientError(
    "api/unreachable",
    `no node of network ${config.network} runs here (tried ${join(config.data, "api.sock")} and ${DEFAULT_URL}): start one with \`samebits node\`, or name one with --api`,
  );
}

function addresses(config: Config): readonly Address[] {
  if (config.api !== null) return [parseAddress(config.api)];
  const socket = join(config.data, "api.sock");
  return [...(existsSync(socket) ? [{ socket }] : []), parseAddress(DEFAULT_URL)];
}

function readReason(own: RecordShape): string | null {
  const reason = own.optional("reason");
  return reason === undefined || reason.value === null ? null : reason.string(MAX_WORDS);
}

function readSync(sync: RecordShape): SyncView {
  const count = (name: string): number => sync.integer(name, 0, Number.MAX_SAFE_INTEGER);
  const isStuck = sync.member("left_s").value === null;
  return {
    feeds: count("feeds"),
    missing: count("missing"),
    rate: count("rate"),
    seconds: isStuck ? null : count("left_s"),
  };
}

function readAudit(audit: RecordShape): AuditView {
  const count = (name: string): number => audit.integer(name, 0, Number.MAX_SAFE_INTEGER);
  return { audited: count("audited"), left: count("left"), seconds: count("left_s") };
}

function readLifecycle(shape: Shape | undefined): ReadonlyMap<string, number> {
  const states = shape?.table(MAX_LIFECYCLES) ?? new Map<string, Shape>();
  return new Map([...states].map(([name, count]) => [name, count.integer(0, Number.MAX_SAFE_INTEGER)]));
}

function readDomains(shape: Shape | undefined): NodeStatus["domains"] {
  return (shape?.list(MAX_PINNED_DOMAINS) ?? []).map((item) => {
    const fields = item.record();
    const targets = fields.member("targets");
    const problem = fields.member("problem");
    return {
      domain: toHex(fields.member("domain").hex(32)),
      root: fields.integer("root", 1, MAX_TRUST_VERSION),
      targets: targets.value === null ? null : targets.integer(1, MAX_TRUST_VERSION),
      problem: problem.value === null ? null : problem.record().string("detail", MAX_WORDS),
    };
  });
}

function readStatus(answer: JsonValue): NodeStatus {
  const root = record(answer, "status");
  root.integer("samebits", 1, 1);
  const own = root.member("own");
  const feed = own.value === null ? null : own.record();
  const trouble = root.optional("trouble");
  const count = (name: Count): number => root.integer(name, 0, Number.MAX_SAFE_INTEGER);
  return {
    network: root.string("network", MAX_WORDS),
    peer: root.string("peer", MAX_WORDS),
    own:
      feed === null
        ? null
        : {
            origin: feed.string("origin", MAX_WORDS),
            state: feed.string("state", MAX_WORDS),
            size: feed.integer("size", 0, Number.MAX_SAFE_INTEGER),
            reason: readReason(feed),
          },
    trouble: trouble?.value === null ? null : (trouble?.record().string("detail", MAX_WORDS) ?? null),
    domains: readDomains(root.optional("domains")),
    sync: readSync(root.member("sync").record()),
    audit: readAudit(root.member("audit").record()),
    counts: {
      uptime_ms: count("uptime_ms"),
      peers: count("peers"),
      feeds: count("feeds"),
      complete: count("complete"),
      entries: count("entries"),
      wanted: count("wanted"),
      claims: count("claims"),
      records: count("records"),
      findings: count("findings"),
    },
    lifecycle: readLifecycle(root.optional("lifecycle")),
    answer,
  };
}
