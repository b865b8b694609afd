import { join } from "node:path";
import type { Log, Node } from "../../../node/index.ts";
import type { SyncView } from "../../../protocol/index.ts";
import { EXIT } from "../../errors.ts";
import { carryDomains } from "../node-domains.ts";
import { showPace } from "../pace.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { onHangUp, stopSignal } from "../stop-signal.ts";
import { failureOf } from "../failure.ts";
import { changesOf, takeable } from "./changes.ts";
import { planOf, tellWarnings } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { NodeOptions } from "./wanted.ts";

/** What a node that runs is looked after with. */
interface Running {
  readonly plan: Plan;
  readonly log: Log;
  readonly printer: Printer;
  readonly stop: AbortSignal;
  /** To be called where what is pinned or configured may be another now. */
  readonly renew: () => Promise<void>;
}

/**
 * Until it is told to stop; anew, in this process, whenever what configuration, policy and pinned trust domains say has changed (SIGHUP, or a
 * domain's update). What cannot be read, or does not start, changes nothing: the node goes on with what it had.
 */
export async function runNode(options: NodeOptions): Promise<number> {
  const stop = stopSignal();
  const printer = openPrinter(options);
  let plan = await planOf(options);
  const { openLog } = await import("../../../node/index.ts");
  const log = await openLog(plan.config.log);
  tellWarnings(plan, log);
  let former: Plan | null = null;
  const renewal = new Renewal(options, log);
  onHangUp(() => void renewal.look("hang-up"));
  for (;;) {
    const change = new AbortController();
    renewal.begin(plan, () => change.abort());
    const either = AbortSignal.any([stop, change.signal]);
    try {
      await runOnce({ plan, log, printer, stop: either, renew: () => renewal.look("domain") });
    } catch (error) {
      if (former === null) throw error;
      const { code, message } = failureOf(error);
      log.error(
        { event: "config-refused", code, error: message },
        "the node does not start with what is configured now: it goes on with what it had",
      );
      plan = former;
      former = null;
      continue;
    }
    if (stop.aborted) return EXIT.ok;
    former = plan;
    plan = renewal.next ?? plan;
  }
}

/** Looks, one time after the other, whether a node is told something else than what it runs with. */
class Renewal {
  readonly #options: NodeOptions;
  readonly #log: Log;
  #plan: Plan | null = null;
  #anew: () => void = () => undefined;
  #last: Promise<void> = Promise.resolve();
  /** What the node is to start anew with. */
  next: Plan | null = null;

  constructor(options: NodeOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** The node begins with this plan; `anew` has it end, to begin with `next`. */
  begin(plan: Plan, anew: () => void): void {
    this.#plan = plan;
    this.#anew = anew;
    this.next = null;
  }

  /** `why`: who says that something may have changed. */
  look(why: "hang-up" | "domain"): Promise<void> {
    this.#last = this.#last.then(() => this.#look(why));
    return this.#last;
  }

  async #look(why: "hang-up" | "domain"): Promise<void> {
    const before = this.next ?? this.#plan;
    if (before === null) return;
    let read: Plan;
    try {
      read = await planOf(this.#options);
    } catch (error) {
      // What is no policy of a domain now is no reason to stop following those who were named before.
      const { code, message } = failureOf(error);
      this.#log.error(
        { event: "config-refused", why, code, error: message },
        "what is configured cannot be used: the node goes on with what it had",
      );
      return;
    }
    const changes = changesOf(before.config, read.config);
    const of = (when: string): readonly string[] =>
      changes.filter((change) => change.when === when).map(({ setting, how }) => `${setting}: ${how}`);
    const [now, anew, restart] = [of("now"), of("anew"), of("restart")];
    this.#log.level(read.config.log);
    tellWarnings(read, this.#log);
    if (changes.length > 0 || why === "hang-up")
      this.#log.warn(
        { event: "config-read", why, now, anew, restart },
        changes.length === 0
          ? "nothing has changed"
          : `${now.length + anew.length} of ${changes.length} changed settings are taken${restart.length > 0 ? "; the others need a restart" : ""}`,
      );
    const plan = { ...read, config: takeable(before.config, read.config), dataDir: before.dataDir };
    if (anew.length === 0) this.#plan = plan;
    else {
      this.next = plan;
      this.#anew();
    }
  }
}

async function runOnce({ plan, log, printer, stop, renew }: Running): Promise<void> {
  const { keepNode } = await import("../../../node/index.ts");
  // Started anew after a failure of the disk, it is the new one that is asked.
  let pace: (() => Promise<SyncView>) | null = null;
  let carrying = new AbortController();
  const ready = (node: Node): void => {
    const isFirst = pace === null;
    pace = async () => (await node.status()).sync;
    tellReady(node, plan.dataDir, printer);
    carrying.abort();
    carrying = new AbortController();
    void carryDomains(plan.dataDir, node.domains, AbortSignal.any([stop, carrying.signal]), {
      failed: (error) => {
        const { code, message } = failureOf(error);
        log.warn({ event: "domain-failed", code }, message);
      },
      changed: renew,
    });
    if (isFirst && process.stderr.isTTY) void showPace(printer, async () => (await pace?.()) ?? null, stop);
  };
  await keepNode(plan.config, stop, ready, log);
}

function tellReady(node: Node, dataDir: string, printer: Printer): void {
  printer.object({
    samebits: 1,
    event: "ready",
    peer: node.peerId,
    listen: node.listen,
    api: node.api,
    socket: join(dataDir, "api.sock"),
    ...(node.rebuilderd === null ? {} : { rebuilderd: node.rebuilderd }),
    origin: node.origin,
  });
}
