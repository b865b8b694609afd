/** The engine: takes events apart and hands them to their module. What each does is said there, and in spec/peer.md. */
import { MAX_RECENT_ENTRIES } from "../limits.ts";
import { Admission } from "./admit.ts";
import { Appender } from "./append.ts";
import { Checker } from "./checker.ts";
import { Closest } from "./closest.ts";
import { Commands } from "./commands.ts";
import { CommonSearch } from "./common.ts";
import { Counters } from "./context.ts";
import type { Context } from "./context.ts";
import { EvidenceDesk } from "./evidence-desk.ts";
import { Evictor } from "./evict.ts";
import { Examiner } from "./examine.ts";
import { Feeds } from "./feeds.ts";
import { Findings } from "./findings.ts";
import { Finder } from "./find.ts";
import { Forks } from "./forks.ts";
import { Heads } from "./heads.ts";
import { Hints } from "./hints.ts";
import { Indexer } from "./indexer.ts";
import { Joins } from "./joins.ts";
import { KnownKeys } from "./keys.ts";
import { Lookup } from "./lookup.ts";
import { loadFeeds } from "./open.ts";
import { OwnCheck } from "./own-check.ts";
import { OwnFeed } from "./own-feed.ts";
import { Peers } from "./peers.ts";
import { Publisher } from "./publish.ts";
import { QueryServer } from "./query.ts";
import { Records } from "./records.ts";
import { Recovery } from "./recovery.ts";
import { Retractions } from "./retractions.ts";
import { Room } from "./room.ts";
import { reopenForks } from "./reopen-forks.ts";
import { Reception, TileServer } from "./serve.ts";
import { Seen } from "./seen.ts";
import { Silence } from "./silence.ts";
import { Sweep } from "./sweep.ts";
import { Sync } from "./sync.ts";
import { Tiles } from "./tiles.ts";
import { Turn } from "./turn.ts";
import type { Effect, Engine, EngineConfig, Event, Topic } from "./types.ts";

/** The parts of one engine, each made once. */
interface Parts {
  readonly ctx: Context;
  readonly own: OwnFeed;
  readonly check: OwnCheck;
  readonly publisher: Publisher;
  readonly admission: Admission;
  readonly desk: EvidenceDesk;
  readonly heads: Heads;
  readonly forks: Forks;
  readonly sync: Sync;
  readonly reception: Reception;
  readonly commands: Commands;
  readonly findings: Findings;
  readonly indexer: Indexer;
  readonly records: Records;
  readonly sweep: Sweep;
  readonly evictor: Evictor;
  readonly silence: Silence;
  readonly hints: Hints;
  readonly recovery: Recovery;
  readonly joins: Joins;
  readonly finder: Finder;
}

/** A new engine, to be given `opened` first. `rng` gives numbers 0 ≤ n < 1. */
export function createEngine(config: EngineConfig, rng: () => number): Engine {
  return new PeerEngine(makeParts(config, rng));
}

class PeerEngine implements Engine {
  readonly #parts: Parts;
  #ready = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  handle(event: Event, now: number): readonly Effect[] {
    const { turn, counters } = this.#parts.ctx;
    turn.begin(now);
    try {
      this.#take(event);
    } catch {
      // Our bug, whoever's octets brought it to light: nobody is dropped for it, and whoever waits gets an answer.
      counters.add("internal/impossible");
      this.#excuse(event);
    }
    return turn.take();
  }

  #take(event: Event): void {
    switch (event.kind) {
      case "opened":
        this.#open(event.own, event.moved === true);
        return;
      case "joined":
        this.#join(event.peer);
        return;
      case "left":
        this.#parts.ctx.peers.leave(event.peer);
        return;
      case "gossip":
      case "asked":
      case "local":
        if (this.#ready) this.#serve(event);
        else this.#excuse(event);
        return;
      case "tick":
        if (this.#ready) this.#tick();
        return;
      default:
        this.#parts.ctx.turn.resume(event.token, event);
    }
  }

  #open(own: Uint8Array | "none" | "lost", moved: boolean): void {
    const { ctx, findings, evictor, own: ownFeed, heads, forks } = this.#parts;
    const failed = (): void => ctx.counters.add("open-failed");
    const ready = (): void => {
      this.#ready = true;
      ctx.turn.emit({ kind: "ready" });
      for (const peer of ctx.peers.connected()) heads.exchange(peer);
      this.#tick();
    };
    const reopen = (): void => reopenForks(ctx, forks, ready, failed);
    loadFeeds(
      ctx,
      () => findings.load(() => evictor.load(() => ownFeed.open(own, moved, reopen, failed), failed), failed),
      failed,
    );
  }

  #join(peer: string): void {
    const { ctx, heads, sync, sweep, check, recovery } = this.#parts;
    ctx.peers.join(peer);
    if (!this.#ready || peer === ctx.config.self) return;
    check.tick();
    recovery.tick();
    heads.exchange(peer);
    sync.joined();
    sweep.joined();
  }

  #serve(event: Extract<Event, { kind: "gossip" | "asked" | "local" }>): void {
    const { admission, desk, reception, commands } = this.#parts;
    if (event.kind === "local") commands.run(event.command, event.ticket);
    else if (event.kind === "asked") reception.ask(event.stream, event.bytes, event.from, event.ticket);
    else if (event.topic === "feeds") admission.receive(event.bytes, event.from, event.ticket);
    else if (event.topic === "evidence") desk.gossip(event.bytes, event.from, event.ticket);
    else this.#ignore(event.topic, event.ticket);
  }

  #tick(): void {
    const {
      own,
      check,
      recovery,
      publisher,
      heads,
      sync,
      indexer,
      records,
      sweep,
      evictor,
      silence,
      hints,
      finder,
      joins,
      forks,
    } = this.#parts;
    check.tick();
    recovery.tick();
    publisher.tick();
    own.keepTime((head) => sweep.announce(head));
    heads.tick();
    sync.tick();
    indexer.work();
    records.tick();
    sweep.tick();
    evictor.work();
    silence.tick();
    hints.tick();
    joins.tick();
    forks.tick();
    finder.tick();
  }

  /** One answer for what we can't answer. */
  #excuse(event: Event): void {
    const { turn } = this.#parts.ctx;
    const code = this.#ready ? "internal/impossible" : "peer/not-ready";
    if (event.kind === "gossip")
      turn.emit({ kind: "verdict", ticket: event.ticket, verdict: "ignore", code });
    else if (event.kind === "asked") turn.emit({ kind: "refuse", ticket: event.ticket, code });
    else if (event.kind === "local") {
      const message = this.#ready
        ? "an error of samebits itself: please report it"
        : "the store is still being read";
      turn.emit({ kind: "done", ticket: event.ticket, result: { ok: false, code, message } });
    }
  }

  #ignore(topic: Topic, ticket: number): void {
    this.#parts.ctx.counters.add(`gossip/ignore ${topic}`);
    this.#parts.ctx.turn.emit({ kind: "verdict", ticket, verdict: "ignore", code: "peer/unknown-topic" });
  }
}

function makeParts(config: EngineConfig, rng: () => number): Parts {
  const ctx = contextOf(config, rng);
  const { feeds } = ctx;
  const keys = new KnownKeys(config.follow.builders);
  const tiles = new Tiles(ctx);
  const findings = new Findings(ctx);
  const checker = new Checker(ctx, keys, tiles, findings);
  const retractions = new Retractions(ctx, checker);
  const examiner = new Examiner(ctx, checker, retractions, findings, () => examined(feeds));
  const indexer = new Indexer(ctx, keys, (touched) => examiner.examine(touched));
  const appender = new Appender(ctx, {
    index: (feed, from, entries) => indexer.atOnce(feed, from, entries),
    stored: (feed) => {
      indexer.stored(feed);
      forks.settle(feed);
      sync.kick(feed, null);
    },
  });
  const own = new OwnFeed(ctx, appender, tiles);
  const forks = new Forks(ctx, appender, own, tiles, findings, new CommonSearch(ctx, tiles));
  const joins = new Joins(ctx, forks);
  const evictor = new Evictor(ctx, keys);
  const room = new Room(ctx, evictor);
  const sync = new Sync(ctx, appender, forks, findings, room);
  const desk = new EvidenceDesk(ctx, room, forks, retractions, findings);
  const lookup = new Lookup(ctx, checker, tiles);
  const records = new Records(ctx, keys, checker, tiles);
  const closest = new Closest(ctx);
  const sweep = new Sweep(ctx, own, tiles, checker, closest);
  const publisher = new Publisher(ctx, own, appender, () => sweep.published());
  const check = new OwnCheck(ctx, own, forks, desk, (head) => {
    publisher.announce(head, null, []);
    sweep.published();
  });
  const reception = receptionOf(ctx, new TileServer(ctx, tiles), new QueryServer(lookup), records);
  const finder = new Finder(ctx, lookup, closest);
  const hints = new Hints(ctx, room, forks, sync);
  const recovery = new Recovery(ctx, { room, forks, sync, desk, hints });
  const commands = new Commands(ctx, { own, publisher, finder, findings, records, evictor, recovery });
  const admission = new Admission(ctx, appender, forks, sync, room);
  const heads = new Heads(ctx, forks, sync, desk, room, joins);
  return {
    ctx,
    own,
    check,
    publisher,
    admission,
    desk,
    heads,
    forks,
    sync,
    reception,
    commands,
    findings,
    indexer,
    records,
    sweep,
    evictor,
    silence: new Silence(ctx, findings),
    hints,
    recovery,
    finder,
    joins,
  };
}

function contextOf(config: EngineConfig, rng: () => number): Context {
  const turn = new Turn();
  return {
    config,
    turn,
    rng,
    feeds: new Feeds(config, rng),
    peers: new Peers(turn, rng, config.self),
    counters: new Counters(),
    recent: new Seen(MAX_RECENT_ENTRIES),
  };
}

function receptionOf(ctx: Context, tiles: TileServer, query: QueryServer, records: Records): Reception {
  return new Reception(ctx, {
    tiles: (bytes, reply) => tiles.serve(bytes, reply),
    query: (bytes, reply) => query.serve(bytes, reply),
    records: (bytes, reply) => records.serve(bytes, reply),
  });
}

/** All that is indexed was looked through; the cursors reach the store with the next write of each feed. */
function examined(feeds: Feeds): void {
  for (const feed of feeds.all()) feed.examined = feed.visible;
}
