import {
  counted,
  MAX_CHECKPOINT_BYTES,
  MAX_TOLD_COSIGNATURES,
  parseOrigin,
  ProtocolError,
  record,
  utf8,
  verifyCheckpoint,
} from "../../../protocol/index.ts";
import type { RecordShape, Shape } from "../../../protocol/index.ts";
import type { CommonOptions, Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { needRunningNode, readAnswer } from "../../source/index.ts";
import type { RunningNode } from "../../source/index.ts";
import { openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";

const MAX_FEEDS_SHOWN = 10_000;
const MAX_TEXT = 16_384;

/** A feed as a node knows it. A head shows `size`, and a timed one its time; the feed's key has signed cosigned ones too; the rest is the node's word. */
export interface Feed {
  readonly origin: string;
  readonly checkpoint: string;
  readonly size: number;
  readonly held: number;
  readonly indexed: number;
  readonly timed: string | null;
  /** Heads with a witness's line each: whose it is, is not known here. */
  readonly cosigned: readonly string[];
  readonly state: string;
  readonly class: string;
  /** What became of it; not there where an older node does not say. */
  readonly lifecycle?: string;
  readonly ending: FeedEnding | null;
}

/** By the node's word: that the feed's own key has ended it. */
interface FeedEnding {
  readonly successor: string | null;
  readonly reason: string;
  readonly time: string;
  /** The feed that lists the statement, and where. */
  readonly origin: string;
  readonly index: number;
  /** Entries that the feed has behind its end. */
  readonly after: number;
}

/** What commands that look into feeds work with. */
export interface Looking {
  readonly config: Config;
  readonly running: RunningNode;
  readonly printer: Printer;
}

export async function open(options: CommonOptions): Promise<Looking> {
  const config = await openConfig(options);
  return { config, running: await needRunningNode(config), printer: openPrinter(options) };
}

/** The origin that was named, else that of the node's own feed. Throws `usage/…` for what is none. */
export function wantedOrigin({ status }: RunningNode, wanted: string | undefined): string {
  const origin = wanted ?? status.own?.origin;
  if (origin === undefined)
    throw new ClientError(
      "usage/nothing-to-do",
      "this node has no feed of its own: name the origin of one (samebits feed list)",
    );
  try {
    parseOrigin(origin);
    return origin;
  } catch (error) {
    const how = "name a feed by its origin, samebits/<network>/<hex>, as `samebits feed list` shows it";
    throw new ClientError("usage/bad-option", `${origin}: ${how}`, { cause: error });
  }
}

/** A feed whose head was verified. Throws `source/none` where the node knows none, `api/bad-answer` where it does not hold. */
export async function findFeed(running: RunningNode, origin: string): Promise<Feed> {
  const feed = (await readFeeds(running)).find((each) => each.origin === origin);
  if (feed === undefined)
    throw new ClientError(
      "source/none",
      `${origin}: the node at ${running.api.name} holds no head of it; have it follow the feed (samebits node --follow), or wait`,
    );
  const fault = faultOf(feed);
  if (fault === null) return feed;
  throw new ClientError("api/bad-answer", `the node at ${running.api.name}: ${fault}`);
}

/** All feeds of which the node's word on the head holds, and an error where there are others. */
export async function provenFeeds(
  running: RunningNode,
): Promise<{ readonly feeds: readonly Feed[]; readonly error: ClientError | null }> {
  const all = (await readFeeds(running)).map((feed) => ({ feed, fault: faultOf(feed) }));
  const feeds = all.flatMap(({ feed, fault }) => (fault === null ? [feed] : []));
  const faults = all.flatMap(({ fault }) => fault ?? []);
  const [first] = faults;
  if (first === undefined) return { feeds, error: null };
  const some = `of ${faults.length} of ${counted(all.length, "feed")} the node at ${running.api.name} does not say what ${faults.length === 1 ? "its key" : "their keys"} signed: ${first}`;
  return { feeds, error: new ClientError("api/bad-answer", some) };
}

/** What the head that a node gives of a feed does not show of what the node says of it; null where it shows it. */
function faultOf({ origin, checkpoint, size, timed, cosigned }: Feed): string | null {
  try {
    const { network } = parseOrigin(origin);
    const head = verifyCheckpoint(utf8(checkpoint), network);
    if (head.origin !== origin) return `it gives a head of ${head.origin} for ${origin}`;
    if (head.size !== size)
      return `it says ${counted(size, "entry")}, and the head that it gives was signed for ${head.size} (${origin})`;
    const time = timed === null ? null : verifyCheckpoint(utf8(timed), network);
    if (time !== null && (time.origin !== origin || time.time === null))
      return `what it gives as a head of ${origin} with a time is none`;
    const strange = cosigned.some((note) => verifyCheckpoint(utf8(note), network).origin !== origin);
    return strange ? `what it gives as a cosigned head of ${origin} is another feed's` : null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `it gives a head of ${origin} that does not hold: ${error.message} (${error.code})`;
  }
}

/** Every feed that the node knows, by its word. */
export async function readFeeds({ api }: RunningNode): Promise<readonly Feed[]> {
  const answer = await api.get("/v1/feeds");
  return readAnswer(api.name, () =>
    record(answer, "feeds")
      .list("feeds", MAX_FEEDS_SHOWN)
      .map((item) => readFeed(item.record())),
  );
}

function readFeed(feed: RecordShape): Feed {
  const timed = feed.member("timed");
  const lifecycle = feed.optional("lifecycle");
  return {
    origin: readOrigin(feed),
    checkpoint: feed.string("checkpoint", MAX_TEXT),
    size: feed.integer("size", 0, Number.MAX_SAFE_INTEGER),
    held: feed.integer("held", 0, Number.MAX_SAFE_INTEGER),
    indexed: feed.integer("indexed", 0, Number.MAX_SAFE_INTEGER),
    timed: timed.value === null ? null : timed.string(MAX_TEXT),
    cosigned: feed.list("cosigned", MAX_TOLD_COSIGNATURES).map((note) => note.string(MAX_CHECKPOINT_BYTES)),
    state: feed.string("state", MAX_TEXT),
    class: feed.string("class", MAX_TEXT),
    ending: readEnding(feed.optional("ending")),
    ...(lifecycle === undefined ? {} : { lifecycle: lifecycle.string(MAX_TEXT) }),
  };
}

function readEnding(shape: Shape | undefined): FeedEnding | null {
  if (shape === undefined || shape.value === null) return null;
  const ending = shape.record();
  const successor = ending.member("successor");
  return {
    successor: successor.value === null ? null : successor.string(MAX_TEXT),
    reason: ending.string("reason", MAX_TEXT),
    time: ending.string("time", MAX_TEXT),
    origin: ending.string("origin", MAX_TEXT),
    index: ending.integer("index", 0, Number.MAX_SAFE_INTEGER),
    after: ending.integer("after", 0, Number.MAX_SAFE_INTEGER),
  };
}

function readOrigin(feed: RecordShape): string {
  const origin = feed.string("origin", MAX_TEXT);
  parseOrigin(origin);
  return origin;
}
