/**
 * Finding attestations for this machine: what is held here, then connected peers and the DHT side by side, until each that was asked has
 * replied, refused or timed out, or the deadline comes (RULES R20, R26). Octets are handed on unverified: whoever decides checks them.
 */
import { equalBytes, tried } from "../bytes/index.ts";
import { publicKeyOf } from "../crypto/index.ts";
import { evidenceId } from "../evidence/index.ts";
import { nameOfHead } from "../feed/index.ts";
import { MAX_FIND_BYTES, MAX_FIND_EVIDENCE, MAX_FIND_JOINS } from "../limits.ts";
import type { Closest } from "./closest.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { FindRun } from "./find-run.ts";
import { feedsOf, joinCosigned } from "./head-joins.ts";
import type { HeldHead } from "./head-joins.ts";
import type { Found, Lookup } from "./lookup.ts";
import type { Past } from "./past.ts";
import { readAll } from "./reads.ts";
import { evidenceKey, rowAt } from "./rows.ts";
import type { Tiles } from "./tiles.ts";
import type { Command, FindResult, Question } from "./types.ts";

type FindCommand = Extract<Command, { readonly do: "find" }>;

export class Finder {
  readonly #ctx: Context;
  readonly #lookup: Lookup;
  readonly #closest: Closest;
  readonly #tiles: Tiles;
  readonly #past: Past;
  readonly #runs = new Set<FindRun>();

  constructor(ctx: Context, lookup: Lookup, closest: Closest, tiles: Tiles, past: Past) {
    this.#tiles = tiles;
    this.#past = past;
    this.#ctx = ctx;
    this.#lookup = lookup;
    this.#closest = closest;
  }

  find(command: FindCommand, done: (result: FindResult) => void, failed: (code: string) => void): void {
    const { question, network } = command;
    const deadline = this.#ctx.turn.steadyOf(command.deadline);
    this.#lookup.find(
      question,
      { from: 0, maxBytes: MAX_FIND_BYTES },
      "us",
      (local) =>
        this.#evidence(
          question,
          (evidence) => {
            const run = new FindRun(this.#ctx, this.#closest, question, deadline, (asked) => {
              this.#runs.delete(run);
              this.#witnessed(question, local, (own) => {
                const { entries, peers, dht, ended } = asked;
                done({
                  found: entries,
                  heads: own.heads,
                  cosigned: [...own.cosigned, ...asked.cosigned],
                  joins: [...own.joins, ...asked.joins],
                  evidence: [...evidence, ...asked.evidence],
                  peers,
                  dht,
                  ended,
                });
              });
            });
            run.addLocal(local);
            this.#runs.add(run);
            run.start(network);
          },
          failed,
        ),
      failed,
    );
  }

  /** Ends what has reached its deadline. */
  tick(): void {
    for (const run of this.#runs) run.tick();
  }

  /** The heads of feeds of those asked for, with what witnesses cosigned of the past, and how all that goes together. */
  #witnessed(
    question: Question,
    local: Found,
    done: (own: Pick<FindResult, "heads" | "cosigned" | "joins">) => void,
  ): void {
    const feeds = this.#feeds(question);
    const heads = feeds.flatMap((feed) => feed.view() ?? []);
    this.#past.at(feedsOf(local.heads), question.since ?? [], (past) => {
      const cosigned = [...past.values()].flatMap((some) => some.map(({ note }) => note));
      const held = heldHeads(feeds, local.heads);
      joinCosigned(this.#ctx, this.#tiles, held, past, MAX_FIND_JOINS, (joins) =>
        done({ heads, cosigned, joins }),
      );
    });
  }

  /** Feeds of the builders asked for; without builders, all whose claims are read here. */
  #feeds({ builders }: Question): readonly FeedState[] {
    return [...this.#ctx.feeds.all()].filter((feed) => {
      const asked = builders.length === 0 || builders.some((key) => equalBytes(key, feed.key));
      return feed.wanted && (asked || feed.isFollowed);
    });
  }

  /** Evidence held here against the builders asked for. */
  #evidence(
    { builders, targets }: Question,
    done: (evidence: Uint8Array[]) => void,
    failed: (code: string) => void,
  ): void {
    const ids = builders.flatMap((builder) => {
      const key = rawOf(builder);
      if (key === null) return [];
      const self = targets.map((target) => evidenceId("self-contradiction", [key], target));
      return [evidenceId("fork", [key], null), evidenceId("bad-leaf", [key], null), ...self];
    });
    const keys = ids.slice(0, MAX_FIND_EVIDENCE).map(evidenceKey);
    const ranges = keys.map(rowAt);
    readAll(
      this.#ctx.turn,
      ranges,
      (rows) => done(rows.flat().flatMap(({ value }) => (value.length > 0 ? [value] : []))),
      failed,
    );
  }
}

/** The newest head of each feed that is held, and those under which entries were proven a moment ago. */
function heldHeads(feeds: readonly FeedState[], found: readonly HeldHead[]): readonly HeldHead[] {
  const newest = feeds.flatMap((feed) => (feed.proven === null ? [] : [{ feed, head: feed.proven }]));
  return [...new Map([...newest, ...found].map((held) => [nameOfHead(held.head), held])).values()];
}

function rawOf(builder: Uint8Array): Uint8Array | null {
  return tried(() => publicKeyOf(builder).raw);
}
