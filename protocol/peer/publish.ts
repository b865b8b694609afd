/** Publishing into the own feed, in batches: store durably, sign, swap, then gossip and answer (RULES R12, R13). */
import { octetsIn, toHex } from "../bytes/index.ts";
import type { Attestation } from "../attestation/index.ts";
import type { CompactRange, SignedHead } from "../feed/index.ts";
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_ENTRIES,
  MAX_TAIL_BYTES,
  MAX_TAIL_ENTRIES,
  MAX_WAITING_ENTRIES,
  MIN_HEAD_INTERVAL_MS,
} from "../limits.ts";
import { writeFeedUpdate } from "../wire/index.ts";
import { grow } from "./append.ts";
import type { Appender } from "./append.ts";
import type { Context } from "./context.ts";
import { identify } from "./identify.ts";
import type { OwnFeed } from "./own-feed.ts";
import type { Refusal } from "./own-refusal.ts";
import { readAll } from "./reads.ts";
import { ownEntryKey, readIndex, rowAt, writeIndex } from "./rows.ts";
import type { CommandResult, PublishedEntry, Ticket } from "./types.ts";

/** One entry on its way into the feed, and who waits for it. */
interface Item {
  readonly attestation: Attestation;
  readonly id: Uint8Array;
  readonly waiting: { readonly command: Waiting; readonly at: number; readonly known: boolean }[];
}

interface Waiting {
  readonly ticket: Ticket;
  readonly results: PublishedEntry[];
  left: number;
}

export class Publisher {
  readonly #ctx: Context;
  readonly #own: OwnFeed;
  readonly #appender: Appender;
  /** Told when a head is out: its entries are to be stored in the DHT. */
  readonly #published: (head: SignedHead) => void;
  /** All that was asked for and is not yet under a head, by id. */
  readonly #open = new Map<string, Item>();
  #queue: Item[] = [];
  /** Entries whose signatures are being checked. */
  #identifying = 0;
  #busy = false;
  #notBefore = 0;

  constructor(ctx: Context, own: OwnFeed, appender: Appender, published: (head: SignedHead) => void) {
    this.#ctx = ctx;
    this.#own = own;
    this.#appender = appender;
    this.#published = published;
  }

  publish(attestations: readonly Attestation[], ticket: Ticket): void {
    const refusal = this.#own.refusal() ?? this.#ended();
    if (refusal !== null) {
      this.#refuse(ticket, refusal.code, refusal.message);
      return;
    }
    const waiting = this.#open.size + this.#identifying;
    if (waiting + attestations.length > MAX_WAITING_ENTRIES) {
      this.#refuse(ticket, "peer/too-many-waiting", `${waiting} entries wait already: publish more slowly`);
      return;
    }
    this.#identifying += attestations.length;
    identify(
      this.#ctx,
      attestations,
      (ids) => {
        this.#identifying -= attestations.length;
        this.#take(attestations, ids, ticket);
      },
      (code, message) => {
        this.#identifying -= attestations.length;
        this.#refuse(ticket, code, message);
      },
    );
  }

  /** A feed that lists its own end takes no more: others would have to be told of what stands behind it. */
  #ended(): Refusal | null {
    const { feeds, endings } = this.#ctx;
    const ending = feeds.ownOrigin === null ? null : endings.of(feeds.ownOrigin);
    if (ending === null || ending.carrier !== ending.origin) return null;
    const instead = ending.successor === null ? "" : `, and names ${ending.successor} as its successor`;
    const message = `this feed has ended: entry ${ending.index} says so${instead}; start the node with the key of another feed`;
    return { code: "peer/feed-ended", message };
  }

  /** The feed may have been frozen or lost while the signatures were checked. */
  #take(attestations: readonly Attestation[], ids: readonly Uint8Array[], ticket: Ticket): void {
    const refusal = this.#own.refusal();
    if (refusal !== null) {
      this.#refuse(ticket, refusal.code, refusal.message);
      return;
    }
    const command: Waiting = { ticket, results: [], left: attestations.length };
    if (attestations.length === 0) this.#finish(command);
    this.#lookUp(
      attestations.flatMap((attestation, at) =>
        this.#add(attestation, ids[at] ?? attestation.bytes, command, at),
      ),
    );
  }

  /** Goes on where the interval between two heads is over. */
  tick(): void {
    this.#pump();
  }

  /** The entry as a new item, or none where it waits already. */
  #add(attestation: Attestation, id: Uint8Array, command: Waiting, at: number): Item[] {
    const name = toHex(id);
    const open = this.#open.get(name);
    if (open !== undefined) {
      open.waiting.push({ command, at, known: true });
      return [];
    }
    const item: Item = { attestation, id, waiting: [{ command, at, known: false }] };
    this.#open.set(name, item);
    return [item];
  }

  /** What is in the feed already has its answer; the rest of a command goes into one batch. */
  #lookUp(items: readonly Item[]): void {
    const keys = items.map(({ id }) => ownEntryKey(id));
    readAll(
      this.#ctx.turn,
      keys.map(rowAt),
      (rows) => {
        for (const [i, item] of items.entries()) {
          const value = rows[i]?.[0]?.value;
          if (value === undefined) this.#queue.push(item);
          else this.#settle(item, readIndex(value), true);
        }
        this.#pump();
      },
      () => this.#fail(),
    );
  }

  #pump(): void {
    const { turn } = this.#ctx;
    const feed = this.#own.feed;
    if (this.#busy || this.#queue.length === 0) return;
    if (feed === null || this.#own.refusal() !== null) {
      this.#fail();
      return;
    }
    if (this.#own.isChecking) return;
    if (turn.steady < this.#notBefore) {
      turn.wake(this.#notBefore);
      return;
    }
    this.#busy = true;
    this.#notBefore = turn.steady + MIN_HEAD_INTERVAL_MS;
    const batch = this.#takeBatch();
    const read = batch.map(({ attestation }) => attestation);
    const entries = read.map(({ bytes }) => bytes);
    const before = feed.range;
    const rows = batch.map(({ id }, i) => {
      return { op: "put", key: ownEntryKey(id), value: writeIndex(before.size + i) } as const;
    });
    const addition = { entries, read, growth: grow(feed, entries), head: null, durable: true, rows };
    const failed = (): void => {
      this.#own.freeze();
      this.#fail();
    };
    this.#appender.append(
      feed,
      addition,
      () =>
        this.#own.commit((head) => {
          this.announce(head, before, entries);
          for (const [i, item] of batch.entries()) this.#settle(item, before.size + i, false);
          this.#busy = false;
          this.#published(head);
          this.#pump();
        }, failed),
      failed,
    );
  }

  /** Gossips a head: with its tail where that fits into a frame, else alone (RULES R8). */
  announce(head: SignedHead, before: CompactRange | null, entries: readonly Uint8Array[]): void {
    const feed = this.#own.feed;
    if (feed === null) return;
    const octets = octetsIn(entries);
    const fits = before !== null && entries.length <= MAX_TAIL_ENTRIES && octets <= MAX_TAIL_BYTES;
    const update = fits
      ? { checkpoint: head.note, from: before.size, frontier: before.hashes, tail: entries }
      : { checkpoint: head.note, from: head.size, frontier: feed.stored.hashes, tail: [] };
    this.#ctx.turn.emit({ kind: "gossip", topic: "feeds", bytes: writeFeedUpdate(update) });
  }

  #takeBatch(): Item[] {
    let octets = 0;
    let count = 0;
    for (const { attestation } of this.#queue) {
      const { length } = attestation.bytes;
      if (count === MAX_BATCH_ENTRIES || (count > 0 && octets + length > MAX_BATCH_BYTES)) break;
      octets += length;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #settle(item: Item, index: number, known: boolean): void {
    const name = toHex(item.id);
    // Refused meanwhile: whoever waited has their answer.
    if (this.#open.get(name) !== item) return;
    this.#open.delete(name);
    const origin = this.#ctx.feeds.ownOrigin ?? "";
    for (const waiter of item.waiting) {
      const { command } = waiter;
      command.results[waiter.at] = { origin, index, known: known || waiter.known };
      if (--command.left === 0) this.#finish(command);
    }
  }

  #finish({ ticket, results }: Waiting): void {
    this.#done(ticket, { ok: true, do: "publish", entries: results });
  }

  /** Everything that waits gets the refusal of the state that the feed is in now. */
  #fail(): void {
    const tickets = new Set<Ticket>();
    for (const item of this.#open.values())
      for (const { command } of item.waiting) tickets.add(command.ticket);
    this.#open.clear();
    this.#queue = [];
    this.#own.freeze();
    const { code, message } = this.#own.refusal() ?? { code: "peer/publishing-frozen", message: "" };
    for (const ticket of tickets) this.#refuse(ticket, code, message);
  }

  #refuse(ticket: Ticket, code: string, message: string): void {
    this.#done(ticket, { ok: false, code, message });
  }

  #done(ticket: Ticket, result: CommandResult): void {
    this.#ctx.turn.emit({ kind: "done", ticket, result });
  }
}
