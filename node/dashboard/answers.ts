/** What the node answers, read: only its form is held to be right here. */
import { MAX_HTTP_ANSWER_BYTES, readJson, record } from "../../protocol/index.ts";
import type { RecordShape, Shape } from "../../protocol/index.ts";

export interface Status {
  readonly network: string;
  readonly peer: string;
  readonly uptimeMs: number;
  readonly peers: number;
  readonly feeds: number;
  readonly complete: number;
  readonly entries: number;
  readonly claims: number;
  readonly findings: number;
  readonly trouble: string | null;
}

export interface Peer {
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly direction: "in" | "out";
  /** ms since 1970. */
  readonly since: number;
}

export interface Feed {
  readonly origin: string;
  readonly size: number;
  readonly held: number;
  readonly state: string;
  readonly lifecycle: string;
  /** The note with the newest own time line; null where none is known. */
  readonly timed: string | null;
  /** Sizes by time, oldest first; empty where nothing is known. */
  readonly grown: readonly Grown[];
}

export interface Grown {
  readonly time: number;
  readonly size: number;
}

export interface Flow {
  readonly asker: string;
  readonly stream: string;
  readonly questions: number;
  readonly asked: number;
  readonly answered: number;
}

export interface TargetName {
  readonly purl: string;
  readonly file: string;
  readonly key: string;
}

/** What a claim says of a file. */
export interface ClaimName {
  readonly purl: string | null;
  readonly file: string;
}

/** A policy that the node was started with. */
export interface NodePolicy {
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
  readonly builders: readonly NamedBuilder[];
}

export interface NamedBuilder {
  readonly name: string;
  readonly operator: string;
  /** Raw, in hex. */
  readonly keys: readonly string[];
}

const LARGE = Number.MAX_SAFE_INTEGER;
const MANY = 100_000;

/** The record that an answer is. Throws `json/…`, `shape/…`. */
export function answer(body: Uint8Array): RecordShape {
  const root = record(readJson(body, { maxBytes: MAX_HTTP_ANSWER_BYTES }), "answer");
  root.integer("samebits", 1, 1);
  return root;
}

export function readStatus(root: RecordShape): Status {
  const trouble = root.member("trouble");
  const count = (name: string): number => root.integer(name, 0, LARGE);
  return {
    network: root.string("network"),
    peer: root.string("peer"),
    uptimeMs: count("uptime_ms"),
    peers: count("peers"),
    feeds: count("feeds"),
    complete: count("complete"),
    entries: count("entries"),
    claims: count("claims"),
    findings: count("findings"),
    trouble: trouble.value === null ? null : trouble.record().string("detail"),
  };
}

export function readPeers(root: RecordShape): readonly Peer[] {
  return root.list("peers", MANY).map((item) => {
    const peer = item.record();
    return {
      peer: peer.string("peer"),
      addresses: peer.list("addresses", MANY).map((address) => address.string()),
      direction: peer.member("direction").oneOf(["in", "out"]),
      since: readWhen(peer.member("since")),
    };
  });
}

export function readFeeds(root: RecordShape): readonly Feed[] {
  return root.list("feeds", MANY).map((item) => {
    const feed = item.record();
    const timed = feed.member("timed");
    return {
      origin: feed.string("origin"),
      size: feed.integer("size", 0, LARGE),
      held: feed.integer("held", 0, LARGE),
      state: feed.string("state"),
      lifecycle: feed.string("lifecycle"),
      timed: timed.value === null ? null : timed.string(),
      grown: (feed.optional("grown")?.list(MANY) ?? []).map(readGrown),
    };
  });
}

function readGrown(item: Shape): Grown {
  const grown = item.record();
  return { time: readWhen(grown.member("time")), size: grown.integer("size", 0, LARGE) };
}

export function readTraffic(root: RecordShape): readonly Flow[] {
  return root.list("streams", MANY).map((item) => {
    const flow = item.record();
    return {
      asker: flow.string("asker"),
      stream: flow.string("stream"),
      questions: flow.integer("questions", 0, LARGE),
      asked: flow.integer("asked", 0, LARGE),
      answered: flow.integer("answered", 0, LARGE),
    };
  });
}

export function readTargets(root: RecordShape): {
  readonly targets: readonly TargetName[];
  readonly next: string | null;
} {
  const next = root.optional("next");
  return {
    targets: root.list("targets", MANY).map((item) => {
      const target = item.record();
      return { purl: target.string("purl"), file: target.string("file"), key: target.string("key") };
    }),
    next: next === undefined || next.value === null ? null : next.string(),
  };
}

/** What is claimed of a digest. */
export function readClaims(root: RecordShape): readonly ClaimName[] {
  return root.list("claims", MANY).map((item) => {
    const claim = item.record();
    const purl = claim.member("purl");
    return { purl: purl.value === null ? null : purl.string(), file: claim.string("file") };
  });
}

export function readPolicies(root: RecordShape): readonly NodePolicy[] {
  return root.list("policies", MANY).map((item) => {
    const policy = item.record();
    return {
      name: policy.string("name"),
      sha256: policy.string("sha256"),
      text: policy.string("text"),
      builders: policy.list("builders", MANY).map(readNamed),
    };
  });
}

function readNamed(item: Shape): NamedBuilder {
  const builder = item.record();
  return {
    name: builder.string("name"),
    operator: builder.string("operator"),
    keys: builder.list("keys", MANY).map((key) => key.string()),
  };
}

/** A time as the node writes it, in ms since 1970. */
export function readWhen(shape: Shape): number {
  const time = Date.parse(shape.string());
  return Number.isNaN(time) ? shape.fail("shape/out-of-range", "a time expected") : time;
}
