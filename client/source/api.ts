import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatTime, readJson, toBase64, toHex } from "../../protocol/index.ts";
import type { Acknowledged, FindResult, JsonValue, PublishedEntry, Question } from "../../protocol/index.ts";
import type { FindingFeed, FindOptions, NotedFinding, Publisher, Source } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { readAnswer, refused } from "./answer.ts";
import { followEvents } from "./events.ts";
import { addressWords, ask } from "./http.ts";
import type { Address } from "./http.ts";
import { readFindAnswer, readPublished } from "./read-find.ts";
import { readAcknowledgement, readFindings } from "./read-finding.ts";

const STATUS_TIMEOUT_MS = 2_000;
const PUBLISH_TIMEOUT_MS = 30_000;
/** A bundle of the longest entries has 16 MB. */
const FILE_TIMEOUT_MS = 30_000;
/** Beyond the deadline that the node was given: time for its answer to come over. */
const ANSWER_MARGIN_MS = 2_000;

/** A running node, asked over its HTTP interface. */
export interface NodeApi extends Source, Publisher, FindingFeed {
  readonly address: Address;
  /** All findings that it keeps after a number. Throws `api/…`. */
  kept(since: number): AsyncGenerator<NotedFinding>;
  /** Notes that somebody has seen to a finding. Throws `api/…`. */
  acknowledge(id: string, note: string): Promise<void>;
  /** Whether somebody has; null = nobody. Throws `api/…`. */
  acknowledged(id: string): Promise<Acknowledged | null>;
  /** A GET route's JSON answer. Throws `api/…`. */
  get(path: string): Promise<JsonValue>;
  /** The octets of a static file; null where the node has none of that path. Throws `api/…`. */
  file(path: string): Promise<Uint8Array | null>;
}

/**
 * The HTTP interface of a running node. `trusted` where it is the user's own on this machine: then what it says of its own
 * completeness may be taken over. `dataDir` is where its token lies, needed for publishing. Findings of another network than `network`
 * are refused.
 */
export function openApi(
  address: Address,
  options: { readonly trusted: boolean; readonly dataDir: string; readonly network: string },
): NodeApi {
  const name = addressWords(address);
  return {
    name,
    address,
    holdsFeeds: true,
    trusted: options.trusted,
    find: (question, find) => findAt(address, question, { ...find, of: options.network }),
    findings: (since, signal) => followEvents(address, since, signal),
    publish: async (envelopes) => publish(address, envelopes, readToken(options.dataDir)),
    kept: (since) => keptAt(address, since),
    acknowledge: (id, note) => acknowledge(address, { id, note }, readToken(options.dataDir)),
    acknowledged: async (id) => {
      const path = `/v1/findings/${id}/ack`;
      const answer = await ask(address, { method: "GET", path, timeoutMs: STATUS_TIMEOUT_MS });
      if (answer.status !== 200) throw refused(address, answer);
      return readAnswer(name, () => readAcknowledgement(answer.body));
    },
    get: async (path) => {
      const answer = await ask(address, { method: "GET", path, timeoutMs: STATUS_TIMEOUT_MS });
      if (answer.status !== 200) throw refused(address, answer);
      return readAnswer(name, () => readJson(answer.body, { maxBytes: answer.body.length }));
    },
    file: async (path) => {
      const { status, body } = await ask(address, { method: "GET", path, timeoutMs: FILE_TIMEOUT_MS });
      if (status === 404) return null;
      if (status !== 200) throw refused(address, { status, body });
      return body;
    },
    close: async () => undefined,
  };
}

async function findAt(
  address: Address,
  question: Question,
  options: FindOptions & { readonly of: string },
): Promise<FindResult> {
  const { since = [] } = question;
  const body = JSON.stringify({
    targets: question.targets.map(toHex),
    sha256: question.digests.map(toHex),
    builders: question.builders.map(toHex),
    // Older nodes know no such member, and are asked without it where there is nothing to ask.
    ...(since.length === 0 ? {} : { since: since.map((seconds) => formatTime(1_000 * seconds)) }),
    network: options.network,
    deadline_ms: Math.max(1, Math.round(options.deadlineMs)),
  });
  const timeoutMs = options.deadlineMs + ANSWER_MARGIN_MS;
  const answer = await ask(address, { method: "POST", path: "/v1/query", body, timeoutMs });
  if (answer.status !== 200) throw refused(address, answer);
  const { network, result } = readAnswer(addressWords(address), () => readFindAnswer(answer.body));
  if (network === options.of) return result;
  throw new ClientError(
    "api/refused",
    `the node at ${addressWords(address)} is of network ${network}, this command of ${options.of}: give --network or another --api`,
  );
}

async function publish(
  address: Address,
  envelopes: readonly Uint8Array[],
  token: string,
): Promise<readonly PublishedEntry[]> {
  const answer = await ask(address, {
    method: "POST",
    path: "/v1/attestations",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ envelopes: envelopes.map(toBase64) }),
    timeoutMs: PUBLISH_TIMEOUT_MS,
  });
  if (answer.status !== 200) throw refused(address, answer);
  return readAnswer(addressWords(address), () => readPublished(answer.body));
}

async function* keptAt(address: Address, since: number): AsyncGenerator<NotedFinding> {
  for (let after: number | null = since; after !== null;) {
    const path = `/v1/findings?since=${after}`;
    const answer = await ask(address, { method: "GET", path, timeoutMs: FILE_TIMEOUT_MS });
    if (answer.status !== 200) throw refused(address, answer);
    const page = readAnswer(addressWords(address), () =>
      readFindings(readJson(answer.body, { maxBytes: answer.body.length })),
    );
    yield* page.findings;
    after = page.next;
  }
}

async function acknowledge(
  address: Address,
  { id, note }: { readonly id: string; readonly note: string },
  token: string,
): Promise<void> {
  const answer = await ask(address, {
    method: "POST",
    path: `/v1/findings/${id}/ack`,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ note }),
    timeoutMs: STATUS_TIMEOUT_MS,
  });
  if (answer.status !== 200) throw refused(address, answer);
}

function readToken(dataDir: string): string {
  const path = join(dataDir, "token");
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new ClientError(
      "api/unauthorized",
      `${path}: the node's token cannot be read: run as the node's user, and name its data directory with --data`,
      { cause: error },
    );
  }
}
