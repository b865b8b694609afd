import { collectFound, counted, judge, rememberHeads } from "../../protocol/index.ts";
import type {
  Asked,
  Collected,
  Evidence,
  Findings,
  Policy,
  RawFindings,
  Verdict,
  Vote,
  VoteKind,
} from "../../protocol/index.ts";
import type { Mirrors, Source } from "../edges.ts";
import type { ClientError } from "../errors.ts";
import { badBundle, notUsed } from "../source/index.ts";
import type { NamedBundle } from "../source/index.ts";
import { uptimeMs } from "../uptime.ts";
import { assertNetwork, checkedOnce } from "./brought.ts";
import type { Examined } from "./examine.ts";
import { gather, NOTHING } from "./gather.ts";
import { Memory } from "./memory.ts";
import type { State } from "./memory.ts";
import { Pool } from "./pool.ts";
import { questionsFor, soughtBy, wantedBy } from "./question.ts";
import type { Wanted } from "./question.ts";
import { sourcesWanted } from "./sources.ts";

export interface VerifyOptions {
  readonly policy: Policy;
  readonly network: string;
  /** Where heads and evidence are remembered (RULES R22). */
  readonly dataDir: string;
  /** False: nothing that was seen before is looked at, and nothing is kept. True if left out. */
  readonly isRemembering?: boolean;
  /** Whom to ask; null = nobody. */
  readonly source: Source | null;
  /** A node answers out of its own store, and asks nobody in its turn (RULES R33). False if left out. */
  readonly isNear?: boolean;
  readonly bundles: readonly NamedBundle[];
  /** What is read beside; null = none. */
  readonly mirrors: Mirrors | null;
  /** For whom is asked, and for all that is read. */
  readonly deadlineMs: number;
  readonly mirrorsMs: number;
  /** ms since 1970, read once. */
  readonly now: number;
}

export interface Judged extends Examined {
  readonly verdict: Verdict;
}

/** The verdicts, and how they came about. */
export interface Outcome {
  readonly judged: readonly Judged[];
  readonly state: State;
  /** There was something to ask, and nobody who could be asked. */
  readonly nobodyAsked: boolean;
  /** What sources failed with, and what of mirrors is not used. */
  readonly failures: readonly ClientError[];
  /** Items that were dropped because something about them was wrong. */
  readonly junk: number;
  /** All octets that sources and bundles handed over. */
  readonly raw: readonly RawFindings[];
  /** Where a proof was kept. */
  readonly evidenceFile: (evidence: Evidence) => string;
}

/** Votes of whom the network may know more (RULES R20): nothing of the builder is here, nor its whole feed, or it is too old. */
const OPEN: ReadonlySet<VoteKind> = new Set(["unasked", "silent", "stale"]);

/**
 * Judges files: what the user brought, then a running node's own store and the mirrors, then, for builders that this leaves open, peers
 * and the DHT; at last with the evidence that is remembered, which answers for nobody: a builder may have taken back what it says. Every
 * octet is checked here. Rejects only for what the user named: `bundle/bad-file`.
 */
export async function verify(files: readonly Examined[], options: VerifyOptions): Promise<Outcome> {
  const { source, deadlineMs, policy, mirrors } = options;
  const started = uptimeMs();
  const memory = new Memory(options.dataDir, options.network, options.isRemembering ?? true);
  const inquiry = await Inquiry.open(files, options, memory);
  const wanted = wantedBy(
    policy,
    files.map(({ artifact }) => artifact),
    options.now,
  );
  if (source?.holdsFeeds === true) await inquiry.ask(source, wanted, { network: false, deadlineMs });
  const left = deadlineMs - (uptimeMs() - started);
  if (mirrors !== null && wanted.length > 0) await inquiry.read(mirrors, wanted);
  const open =
    source === null || options.isNear === true ? [] : stillOpen(inquiry.judge(), policy, options.now);
  if (source !== null && open.length > 0)
    await inquiry.ask(source, open, { network: true, deadlineMs: left });
  await inquiry.askForSources(() => deadlineMs - (uptimeMs() - started));
  await inquiry.remember(memory);
  const judged = inquiry.judge();
  const whole = inquiry.pool.whole();
  const state = await memory.keep(
    whole.memory,
    rememberHeads(whole.memory, whole, options.now),
    judged.flatMap(({ verdict }) => verdict.evidence),
  );
  return {
    judged: judged.map((one) => ({ ...one, verdict: fitting(one) })),
    state,
    nobodyAsked: wanted.length > 0 && inquiry.nobodyAsked,
    failures: inquiry.failures,
    junk: inquiry.pool.junk,
    raw: inquiry.raw,
    evidenceFile: (evidence) => memory.evidenceFile(evidence),
  };
}

/** One verification on its way: what was collected so far, and who answered. */
class Inquiry {
  readonly pool: Pool;
  readonly raw: RawFindings[] = [];
  readonly failures: ClientError[] = [];
  readonly #files: readonly Examined[];
  readonly #options: VerifyOptions;
  #asked: Asked;
  #settled: Findings["settled"] = "all";
  /** A node has answered out of its own store. */
  #answered = false;

  private constructor(files: readonly Examined[], options: VerifyOptions, pool: Pool) {
    this.#files = files;
    this.#options = options;
    this.pool = pool;
    this.#asked = { local: options.bundles.length, mirrors: 0, peers: 0, dht: 0 };
  }

  /** With what the user brought, held to be right to the last octet. */
  static async open(files: readonly Examined[], options: VerifyOptions, memory: Memory): Promise<Inquiry> {
    const inquiry = new Inquiry(files, options, new Pool(memory.heads()));
    for (const bundle of options.bundles) {
      if (bundle.isHint === true) await inquiry.#addHint(bundle);
      else await inquiry.#addNamed(bundle);
    }
    return inquiry;
  }

  async #addNamed({ path, bundle }: NamedBundle): Promise<void> {
    const { network } = this.#options;
    try {
      assertNetwork(path, bundle.made?.network ?? network, network);
      this.#take(bundle, await checkedOnce(bundle, this.#options));
    } catch (error) {
      throw badBundle(path, error);
    }
  }

  /** What nobody named is worth what holds of it, as what a peer says. */
  async #addHint({ path, bundle }: NamedBundle): Promise<void> {
    const before = this.pool.junk;
    await this.#add(bundle, false);
    const dropped = this.pool.junk - before;
    if (dropped > 0)
      this.failures.push(notUsed(path, `${counted(dropped, "item")} of it, which do not hold`));
  }

  /** With the evidence that was seen before. */
  async remember(memory: Memory): Promise<void> {
    const targets = this.#files.flatMap(({ artifact }) => artifact.target ?? []);
    await this.#add({ ...NOTHING, evidence: memory.evidence(targets) }, false);
  }

  get nobodyAsked(): boolean {
    const { local, mirrors, peers, dht } = this.#asked;
    return local + mirrors + peers + dht === 0;
  }

  async ask(
    source: Source,
    wanted: readonly Wanted[],
    options: { readonly network: boolean; readonly deadlineMs: number },
  ): Promise<void> {
    const { raw, peers, dht, ended, failure } = await gather(
      source,
      questionsFor(wanted, options.network),
      options,
    );
    await this.#add(raw, false);
    if (failure !== null) this.failures.push(failure);
    const { mirrors } = this.#asked;
    this.#answered ||= source.holdsFeeds && !options.network && failure === null;
    const local = this.#options.bundles.length + (this.#answered ? 1 : 0);
    this.#asked = { ...mostOf(this.#asked, { peers, dht }), local, mirrors };
    if (options.network && !ended) this.#settled = this.#builders();
  }

  /** Who states the sources of what was built: known only when those who built it have spoken. */
  async askForSources(leftMs: () => number): Promise<void> {
    const { source, mirrors, policy, now, isNear } = this.#options;
    const wanted = (): readonly Wanted[] =>
      sourcesWanted(
        this.judge().map(({ verdict }) => verdict),
        policy,
        now,
      );
    const first = wanted();
    if (first.length === 0) return;
    const askIn = (from: Source, network: boolean) => (some: readonly Wanted[]) =>
      this.ask(from, some, { network, deadlineMs: leftMs() });
    if (source?.holdsFeeds === true) await this.#twice(first, askIn(source, false));
    if (mirrors !== null) await this.#twice(first, (some) => this.read(mirrors, some));
    const isEnough = this.judge().every(({ verdict }) => verdict.verdict !== "pending");
    if (source !== null && isNear !== true && !isEnough) await this.#twice(wanted(), askIn(source, true));
  }

  /** A statement is found by the digest of what it is about, and what took it back by its target, which the statement names. */
  async #twice(wanted: readonly Wanted[], ask: (wanted: readonly Wanted[]) => Promise<void>): Promise<void> {
    await ask(wanted);
    const named = wanted.flatMap((one) =>
      this.pool.targetsOf(one.artifact.sha256).map((target) => {
        return { ...one, artifact: { ...one.artifact, name: target.file, target } };
      }),
    );
    if (named.length > 0) await ask(named);
  }

  /** What mirrors hold of whole feeds. */
  async read(mirrors: Mirrors, wanted: readonly Wanted[]): Promise<void> {
    const { network, mirrorsMs, policy } = this.#options;
    const witnesses = [...policy.witnesses.values()].map(({ cosigner }) => cosigner);
    const sought = soughtBy(wanted, network, witnesses);
    const { raw, count, ended, dropped } = await mirrors.read(sought, mirrorsMs);
    await this.#add(raw, false);
    this.failures.push(...dropped);
    this.#asked = { ...this.#asked, mirrors: count };
    if (!ended) this.#settled = this.#builders();
  }

  judge(): readonly Judged[] {
    const how = { asked: this.#asked, settled: this.#settled };
    const { policy, now } = this.#options;
    return this.#files.map((file) => {
      const { artifact } = file;
      return { ...file, verdict: judge(artifact, this.pool.findings(artifact, how), policy, now) };
    });
  }

  async #add(raw: RawFindings, strict: boolean): Promise<void> {
    const { policy, network } = this.#options;
    this.#take(raw, await collectFound(raw, { policy, network, strict }));
  }

  #take(raw: RawFindings, collected: Collected): void {
    this.pool.add(collected);
    this.raw.push(raw);
  }

  /** Builders of whom something is here. */
  #builders(): ReadonlySet<string> {
    return new Set(this.pool.whole().entries.map(({ builder }) => builder));
  }
}

/** The same are asked again: not more. */
function mostOf(before: Asked, now: Pick<Asked, "peers" | "dht">): Pick<Asked, "peers" | "dht"> {
  return { peers: Math.max(before.peers, now.peers), dht: Math.max(before.dht, now.dht) };
}

/** The files, and of each the builders of whom the network may know more: also those whom only another rule hears that may be for it. */
function stillOpen(judged: readonly Judged[], policy: Policy, now: number): readonly Wanted[] {
  return judged.flatMap(({ artifact, verdict }) => {
    if (verdict.problem === "misfit") return [];
    const closed = new Set(verdict.votes.filter((vote) => !isOpen(vote)).map(({ builder }) => builder));
    return wantedBy(policy, [artifact], now).flatMap((wanted) => {
      const builders = wanted.builders.filter(({ name }) => !closed.has(name));
      return builders.length === 0 ? [] : [{ ...wanted, builders }];
    });
  });
}

/** Others may know for how long a claim has been in a feed: whoever has kept more of what witnesses cosigned. */
function isOpen({ vote, witnesses, revoked }: Vote): boolean {
  return OPEN.has(vote) || (vote === "excluded" && (revoked !== undefined || witnesses?.since !== undefined));
}

/** The verdict, unless the file can't be what it is given out as (CONTRACT: exit 3). */
function fitting({ unfit, verdict }: Judged): Verdict {
  if (unfit === null) return verdict;
  return Object.freeze({
    ...verdict,
    problem: "misfit",
    decision: "refuse",
    exception: null,
    reasons: Object.freeze([unfit]),
    next: "get the right file, or name what it really is with --purl",
  });
}
