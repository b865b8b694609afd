/** What an engine is made of, and which part works with which. */
import { MAX_RECENT_ENTRIES } from "../limits.ts";
import { Admission } from "./admit.ts";
import { Accuser } from "./accuse.ts";
import { Appender } from "./append.ts";
import { Audit } from "./audit.ts";
import { Carriers } from "./carriers.ts";
import { Carrying } from "./carrying.ts";
import { Checker } from "./checker.ts";
import { Closest } from "./closest.ts";
import { Commands } from "./commands.ts";
import { CommonSearch } from "./fork-point.ts";
import { Cosignatures } from "./cosignatures.ts";
import type { CosignatureDoers } from "./cosignatures.ts";
import { Counters } from "./context.ts";
import type { Context } from "./context.ts";
import { DomainNews } from "./domain-news.ts";
import { Endings } from "./endings.ts";
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
import { OwnCheck } from "./own-check.ts";
import { OwnFeed } from "./own-feed.ts";
import { Pace } from "./pace.ts";
import { Past } from "./past.ts";
import { Peers } from "./peers.ts";
import { Providers } from "./providers.ts";
import { Providing } from "./providing.ts";
import { Publisher } from "./publish.ts";
import { QueryServer } from "./query.ts";
import { Records } from "./records.ts";
import { Recovery } from "./recovery.ts";
import { Retractions } from "./retractions.ts";
import { Room } from "./room.ts";
import { Reception, TileServer } from "./serve.ts";
import { Seen } from "./seen.ts";
import { Silence } from "./silence.ts";
import { SlowChecks } from "./slow-checks.ts";
import { Sweep } from "./sweep.ts";
import { Sync } from "./sync.ts";
import { Tiles } from "./tiles.ts";
import { Turn } from "./turn.ts";
import { WitnessDesk } from "./witness-desk.ts";
import type { WitnessDoers } from "./witness-desk.ts";
import { WitnessRounds } from "./witness-rounds.ts";
import type { EngineConfig } from "./types.ts";

/** The parts of one engine, each made once. */
export interface Parts {
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
  readonly slow: SlowChecks;
  readonly examiner: Examiner;
  readonly indexer: Indexer;
  readonly audit: Audit;
  readonly records: Records;
  readonly sweep: Sweep;
  readonly evictor: Evictor;
  readonly silence: Silence;
  readonly hints: Hints;
  readonly providers: Providers;
  readonly providing: Providing;
  readonly recovery: Recovery;
  readonly joins: Joins;
  readonly finder: Finder;
  readonly witness: WitnessDesk;
  readonly rounds: WitnessRounds;
  readonly cosignatures: Cosignatures;
  readonly carrying: Carrying;
  readonly carriers: Carriers;
  readonly news: DomainNews;
}

/** Makes the parts, and tells each of those that it works with. */
export function makeParts(config: EngineConfig, rng: () => number): Parts {
  const ctx = contextOf(config, rng);
  const keys = new KnownKeys(config.follow.builders);
  const tiles = new Tiles(ctx);
  const findings = new Findings(ctx);
  const accuser = new Accuser(ctx, tiles, findings);
  const reading = readers(ctx, keys, accuser, findings);
  const { checker, retractions, indexer } = reading;
  const audit = new Audit(ctx, accuser);
  const appender = new Appender(ctx, {
    index: (feed, from, tail) => indexer.atOnce(feed, from, tail),
    stored: (feed, there) => {
      indexer.stored(feed, there);
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
  const sweep = new Sweep(ctx, own, tiles, checker);
  const publisher = new Publisher(ctx, own, appender, () => sweep.published());
  const check = new OwnCheck(ctx, own, forks, desk, (head) => {
    publisher.announce(head, null, []);
    sweep.published();
  });
  const past = new Past(ctx);
  const carried = { carrying: new Carrying(ctx), carriers: new Carriers(ctx), news: new DomainNews(ctx) };
  const finder = new Finder(ctx, lookup, new Closest(ctx), tiles, past);
  const hints = new Hints(ctx, room, forks, sync);
  const recovery = new Recovery(ctx, { room, forks, sync, desk, hints });
  const cosigning = witnessing(ctx, { room, forks, sync, tiles, past });
  const doers = { own, publisher, finder, findings, records, sweep, evictor, recovery, audit };
  const commands = new Commands(ctx, { ...doers, ...cosigning, ...carried });
  const heads = new Heads(ctx, { forks, sync, desk, room, joins, ...cosigning });
  return {
    ctx,
    own,
    check,
    publisher,
    admission: new Admission(ctx, appender, forks, sync, room),
    desk,
    heads,
    forks,
    sync,
    reception: receptionOf(ctx, { tiles, lookup, records, past, ...carried }),
    commands,
    findings,
    ...reading,
    audit,
    records,
    sweep,
    evictor,
    hints,
    ...minding(ctx, findings, heads),
    recovery,
    finder,
    joins,
    ...cosigning,
    ...carried,
  };
}

/** Who checks claims, and compares them. */
function readers(
  ctx: Context,
  keys: KnownKeys,
  accuser: Accuser,
  findings: Findings,
): Pick<Parts, "slow" | "examiner" | "indexer"> & {
  readonly checker: Checker;
  readonly retractions: Retractions;
} {
  const slow = new SlowChecks(ctx.turn);
  const checker = new Checker(ctx, keys, accuser, slow);
  const retractions = new Retractions(ctx, checker);
  const examiner: Examiner = new Examiner(ctx, checker, slow, retractions, findings, (parked) => {
    // What was found may not be written yet, and a crash would take it: it is found again then.
    if (!parked && findings.isStored) examined(ctx.feeds);
    indexer.work();
  });
  const indexer = new Indexer(
    ctx,
    keys,
    (targets) => examiner.examine(targets),
    (feed) => examiner.isBehind(feed),
  );
  return { slow, checker, retractions, examiner, indexer };
}

/** Who minds whole feeds: which are silent, which nobody around has, which are here for others. */
function minding(
  ctx: Context,
  findings: Findings,
  heads: Heads,
): Pick<Parts, "silence" | "providers" | "providing"> {
  return {
    silence: new Silence(ctx, findings),
    providers: new Providers(ctx, heads),
    providing: new Providing(ctx),
  };
}

/** Who cosigns, and who keeps what others have cosigned: each tells the other. */
function witnessing(
  ctx: Context,
  { tiles, ...doers }: Omit<WitnessDoers, "announce"> & Omit<CosignatureDoers, "sawOwn">,
): Pick<Parts, "cosignatures" | "witness" | "rounds"> {
  const cosignatures = new Cosignatures(ctx, { ...doers, sawOwn: (seen) => witness.sawOwn(seen) });
  const announce: WitnessDoers["announce"] = (feed, cosigned) => cosignatures.announce(feed, cosigned);
  const witness = new WitnessDesk(ctx, { ...doers, tiles, announce });
  return { cosignatures, witness, rounds: new WitnessRounds(ctx, witness) };
}

function contextOf(config: EngineConfig, rng: () => number): Context {
  const turn = new Turn();
  const feeds = new Feeds(config, rng);
  const counters = new Counters();
  return {
    config,
    turn,
    rng,
    feeds,
    peers: new Peers(turn, rng, config.self),
    counters,
    pace: new Pace(feeds, turn),
    endings: new Endings(turn, feeds, (name) => counters.add(name)),
    leaving: new Set(),
    recent: new Seen(MAX_RECENT_ENTRIES),
  };
}

/** Who knows what is asked for. */
interface Answerers {
  readonly tiles: Tiles;
  readonly lookup: Lookup;
  readonly records: Records;
  readonly past: Past;
  readonly carrying: Carrying;
}

function receptionOf(ctx: Context, { tiles, lookup, records, past, carrying }: Answerers): Reception {
  const server = new TileServer(ctx, tiles, carrying);
  const query = new QueryServer(ctx, lookup, tiles, past);
  return new Reception(ctx, {
    tiles: (bytes, reply) => server.serve(bytes, reply),
    query: (bytes, reply) => query.serve(bytes, reply),
    records: (bytes, reply) => records.serve(bytes, reply),
  });
}

/** All that is indexed was looked through; the cursors reach the store with the next write of each feed. */
function examined(feeds: Feeds): void {
  for (const feed of feeds.all()) feed.examined = feed.visible;
}
