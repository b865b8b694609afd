/** What the node says as it happens: its state and what it finds, over one stream of events that is opened again when it breaks. */
import { ProtocolError, utf8 } from "../../protocol/index.ts";
import { answer, readPolicies, readStatus } from "./answers.ts";
import type { NodePolicy, Status } from "./answers.ts";
import { ask } from "./ask.ts";
import { BuilderNames } from "./builder-names.ts";
import { readFinding } from "./finding.ts";
import type { Finding } from "./finding.ts";

export interface LiveState {
  readonly connection: "starting" | "live" | "lost";
  readonly status: Status | null;
  /** The newest first, each matter once. */
  readonly findings: readonly Finding[];
  readonly policies: readonly NodePolicy[];
  readonly names: BuilderNames;
  /** Changes when there is more to be shown. */
  readonly version: number;
  /** Changes with every word of the node, a few seconds apart: what it counts in the background may be new. */
  readonly beat: number;
}

/** Of the last findings; older ones are in the node. */
const FINDINGS_KEPT = 400;
const RETRY_MS = 3_000;
const LARGE = Number.MAX_SAFE_INTEGER;

const EMPTY: LiveState = {
  connection: "starting",
  status: null,
  findings: [],
  policies: [],
  names: new BuilderNames([]),
  version: 0,
  beat: 0,
};

export class Live {
  #state: LiveState = EMPTY;
  #told: (state: LiveState) => void = () => undefined;
  #source: EventSource | null = null;
  #next = 0;

  get state(): LiveState {
    return this.#state;
  }

  /** From now on `told` is called with every change, first with how things stand. */
  follow(told: (state: LiveState) => void): void {
    this.#told = told;
    told(this.#state);
  }

  /** Begins, and begins again when it breaks off. */
  start(): void {
    this.#begin().catch(() => this.#again());
  }

  /** A finding was acknowledged here. */
  acknowledged(id: string, note: string): void {
    const findings = this.#state.findings.map((one) =>
      one.id === id ? { ...one, acknowledged: note } : one,
    );
    this.#set({ findings });
  }

  async #begin(): Promise<void> {
    const status = await ask("/v1/status", readStatus);
    const policies = await ask("/v1/policies", readPolicies).catch(() => []);
    this.#set({ status, policies, names: new BuilderNames(policies) });
    this.#next = Math.max(this.#next, status.findings - FINDINGS_KEPT, 0);
    for (let more = true; more;) {
      const page = await ask(`/v1/findings?since=${this.#next}`, (root) => ({
        findings: root.list("findings", LARGE).map((item) => readFinding(item.record())),
        next: root.integer("next", 0, LARGE),
        more: root.boolean("more"),
      }));
      this.#add(page.findings);
      this.#next = page.next;
      ({ more } = page);
    }
    this.#listen();
  }

  #listen(): void {
    const source = new EventSource(`/v1/events?status=1&since=${this.#next}`);
    this.#source = source;
    source.addEventListener("open", () => this.#set({ connection: "live" }));
    source.addEventListener("error", () => {
      this.#set({ connection: "lost" });
      // The browser opens it again by itself, unless the node refused it.
      if (source.readyState === EventSource.CLOSED) this.#again();
    });
    source.addEventListener("finding", (event: MessageEvent<string>) => {
      this.#read(() => {
        const finding = readFinding(answer(utf8(event.data)));
        this.#next = Math.max(this.#next, finding.number);
        this.#add([finding]);
      });
    });
    source.addEventListener("status", (event: MessageEvent<string>) => {
      this.#read(() => this.#update(readStatus(answer(utf8(event.data)))));
    });
  }

  #again(): void {
    this.#source?.close();
    this.#set({ connection: "lost" });
    setTimeout(() => this.start(), RETRY_MS);
  }

  /** What can't be read is left out: the next event says how things stand. */
  #read(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #update(status: Status): void {
    const before = this.#state.status;
    const isNews =
      before === null ||
      before.claims !== status.claims ||
      before.entries !== status.entries ||
      before.feeds !== status.feeds ||
      before.peers !== status.peers;
    this.#set({ status, beat: this.#state.beat + 1, version: this.#state.version + (isNews ? 1 : 0) });
  }

  #add(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    const byId = new Map(this.#state.findings.map((one) => [one.id, one]));
    for (const one of findings) {
      const known = byId.get(one.id);
      if (known === undefined || known.number <= one.number) byId.set(one.id, one);
    }
    const newest = [...byId.values()].toSorted((a, b) => b.number - a.number).slice(0, FINDINGS_KEPT);
    this.#set({ findings: newest, version: this.#state.version + 1 });
  }

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    this.#told(this.#state);
  }
}
