/** The engine: takes events apart and hands them to their module. What each does is said there, and in spec/peer.md. */
import { indexAnew } from "./index-anew.ts";
import { loadFeeds } from "./open.ts";
import { makeParts } from "./parts.ts";
import type { Parts } from "./parts.ts";
import { reopenForks } from "./reopen-forks.ts";
import type { Effect, Engine, EngineConfig, Event } from "./types.ts";

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
    const { ctx, findings, evictor, audit, own: ownFeed, heads, forks, witness, cosignatures } = this.#parts;
    const failed = (): void => ctx.counters.add("open-failed");
    const ready = (): void => {
      this.#ready = true;
      ctx.turn.emit({ kind: "ready" });
      for (const peer of ctx.peers.connected()) heads.exchange(peer);
      this.#tick();
    };
    const witnessed = (): void => witness.load(ready, failed);
    const endings = (): void => ctx.endings.load(witnessed, failed);
    const reopen = (): void => reopenForks(ctx, forks, endings, failed);
    // Who vouches for which feed is to be known before.
    const cosigned = (): void => cosignatures.load(reopen, failed);
    const open = (): void => ownFeed.open(own, moved, cosigned, failed);
    const loaded = (): void => evictor.load(() => audit.load(open, failed), failed);
    const indexed = (): void => findings.load(loaded, failed);
    loadFeeds(ctx, () => indexAnew(ctx, indexed, failed), failed);
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
    const { admission, desk, cosignatures, news, reception, commands } = this.#parts;
    if (event.kind === "local") commands.run(event.command, event.ticket);
    else if (event.kind === "asked") reception.ask(event.stream, event.bytes, event.from, event.ticket);
    else if (event.topic === "feeds") admission.receive(event.bytes, event.from, event.ticket);
    else if (event.topic === "evidence") desk.gossip(event.bytes, event.from, event.ticket);
    else if (event.topic === "cosignatures") cosignatures.gossip(event.bytes, event.from, event.ticket);
    else news.gossip(event.bytes, event.from, event.ticket);
  }

  #tick(): void {
    const {
      own,
      check,
      recovery,
      publisher,
      heads,
      sync,
      slow,
      examiner,
      indexer,
      audit,
      records,
      sweep,
      evictor,
      silence,
      hints,
      providers,
      providing,
      finder,
      joins,
      forks,
      rounds,
      findings,
      carrying,
      carriers,
      news,
    } = this.#parts;
    check.tick();
    recovery.tick();
    publisher.tick();
    own.keepTime((head) => hints.announce(head));
    heads.tick();
    sync.tick();
    this.#parts.ctx.pace.tick();
    slow.tick();
    examiner.tick();
    indexer.work();
    audit.tick();
    records.tick();
    sweep.tick();
    evictor.work();
    silence.tick();
    hints.tick();
    providers.tick();
    providing.tick();
    joins.tick();
    findings.tick();
    forks.tick();
    finder.tick();
    rounds.tick();
    carrying.tick();
    carriers.tick();
    news.tick();
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
}
