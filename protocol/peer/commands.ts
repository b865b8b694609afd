/** What somebody on this machine asks of its own peer; each ends in one `done`. */
import { MAX_CARRIED_BYTES, MAX_FINDINGS_PAGE } from "../limits.ts";
import type { Audit } from "./audit.ts";
import type { Context } from "./context.ts";
import type { Carriers } from "./carriers.ts";
import type { Carrying } from "./carrying.ts";
import type { DomainCommand } from "./domain-commands.ts";
import type { DomainNews } from "./domain-news.ts";
import type { Evictor } from "./evict.ts";
import type { Finder } from "./find.ts";
import { feedView } from "./feed-view.ts";
import type { Findings } from "./findings.ts";
import type { OwnFeed } from "./own-feed.ts";
import type { Publisher } from "./publish.ts";
import type { Records } from "./records.ts";
import type { Recovery } from "./recovery.ts";
import type { Sweep } from "./sweep.ts";
import type { WitnessDesk } from "./witness-desk.ts";
import type { Command, CommandResult, StatusResult, Ticket } from "./types.ts";

/** Who does what is asked. */
export interface Doers {
  readonly own: OwnFeed;
  readonly publisher: Publisher;
  readonly finder: Finder;
  readonly findings: Findings;
  readonly records: Records;
  readonly sweep: Sweep;
  readonly evictor: Evictor;
  readonly recovery: Recovery;
  readonly witness: WitnessDesk;
  readonly audit: Audit;
  readonly carrying: Carrying;
  readonly carriers: Carriers;
  readonly news: DomainNews;
}

export class Commands {
  readonly #ctx: Context;
  readonly #doers: Doers;

  constructor(ctx: Context, doers: Doers) {
    this.#ctx = ctx;
    this.#doers = doers;
  }

  run(command: Command, ticket: Ticket): void {
    const { publisher, finder, findings, evictor } = this.#doers;
    const done = (result: CommandResult): void => this.#ctx.turn.emit({ kind: "done", ticket, result });
    const failed = (code: string): void =>
      done({ ok: false, code, message: "the store could not be read or written" });
    switch (command.do) {
      case "publish":
        publisher.publish(command.attestations, ticket);
        return;
      case "find":
        finder.find(command, (result) => done({ ok: true, do: "find", result }), failed);
        return;
      case "findings": {
        const limit = Math.min(command.limit, MAX_FINDINGS_PAGE);
        findings.list(
          command.since,
          limit,
          (list) => done({ ok: true, do: "findings", findings: list }),
          failed,
        );
        return;
      }
      case "acknowledge":
        findings.acknowledge(
          command.id,
          command.note,
          () => done({ ok: true, do: "acknowledge" }),
          (code) =>
            done({ ok: false, code, message: `no finding has the id ${command.id}, or the store failed` }),
        );
        return;
      case "status":
        done({ ok: true, do: "status", result: this.#status() });
        return;
      case "add-checkpoint":
        this.#doers.witness.add(command.request, done);
        return;
      case "prune":
        evictor.prune();
        done({ ok: true, do: "prune" });
        return;
      case "carry":
      case "carriers":
      case "fetch":
        this.#domain(command, done);
    }
  }

  #domain(command: DomainCommand, done: (result: CommandResult) => void): void {
    const { carrying, carriers } = this.#doers;
    if (command.do === "carriers") {
      carriers.find(command, (peers) => done({ ok: true, do: "carriers", peers }));
    } else if (command.do === "fetch") {
      const failed = (code: string): void => done({ ok: false, code, message: "the peer gives nothing" });
      carriers.fetch(command.from, command, (bytes) => done({ ok: true, do: "fetch", bytes }), failed);
    } else if (carrying.carry(command.domain, command.documents)) {
      const { domain, documents, versions = null } = command;
      this.#doers.news.carried(domain, documents.size === 0 ? null : versions);
      done({ ok: true, do: "carry" });
    } else {
      this.#doers.news.carried(command.domain, null);
      const message = `domains of more than ${MAX_CARRIED_BYTES} octets in all are not carried`;
      done({ ok: false, code: "peer/no-room", message });
    }
  }

  #status(): StatusResult {
    const { own, findings, records, recovery, sweep, witness, audit } = this.#doers;
    const { feeds, peers, counters, pace } = this.#ctx;
    const views = [...feeds.all()].flatMap((feed) => feedView(this.#ctx, feed) ?? []);
    const origin = feeds.ownOrigin;
    const claims = [...feeds.all()].reduce((sum, feed) => sum + feed.claims, 0);
    return {
      feeds: views,
      own:
        origin === null
          ? null
          : {
              origin,
              state: own.stateName,
              size: own.feed?.head?.size ?? 0,
              reason: own.refusal()?.message ?? null,
            },
      recovery: recovery.view(),
      witness: witness.view(),
      sync: pace.view(),
      audit: audit.view(),
      claims,
      findings: findings.count,
      records: records.count,
      sweep: sweep.view,
      peers: peers.count,
      counters: counters.all(),
    };
  }
}
