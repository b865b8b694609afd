import { join } from "node:path";
import {
  collectFound,
  counted,
  judge,
  MAX_LINK_ROUNDS,
  MAX_RULE_STEPS,
  stepFiles,
} from "../../protocol/index.ts";
import type {
  Artifact,
  Asked,
  Collected,
  Findings,
  Policy,
  RawFindings,
  Verdict,
} from "../../protocol/index.ts";
import type { Mirrors, Source } from "../edges.ts";
import type { ClientError } from "../errors.ts";
import { badBundle, notALink, notUsed } from "../source/index.ts";
import type { NamedBundle } from "../source/index.ts";
import { assertNetwork, checkedOnce } from "./brought.ts";
import type { Examined } from "./examine.ts";
import type { Formed, Forms } from "./forms.ts";
import { gather, NOTHING } from "./gather.ts";
import { filesOf, Inspecting } from "./inspections.ts";
import { linksWanted } from "./links.ts";
import type { Memory } from "./memory.ts";
import { Pool } from "./pool.ts";
import { questionsFor, rulesOf, soughtBy } from "./question.ts";
import type { Wanted } from "./question.ts";
import { sourcesWanted } from "./sources.ts";
import { judgedInFull, stepsWanted } from "./steps.ts";

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
  /** Runs what layouts want to be looked at; left out: nothing is run, and what needs it waits. */
  readonly inspecting?: Inspecting;
  /** What the only file was before it was signed, as the user says. */
  readonly unsigned?: string;
}

export interface Judged extends Examined {
  readonly verdict: Verdict;
}

/** One verification on its way: what was collected so far, and who answered. */
export class Inquiry {
  readonly pool: Pool;
  readonly raw: RawFindings[] = [];
  readonly failures: ClientError[] = [];
  readonly #files: readonly Examined[];
  readonly #forms: Forms;
  /** Files of steps that were asked about. */
  readonly #steps = new Set<string>();
  readonly #options: VerifyOptions;
  #asked: Asked;
  #settled: Findings["settled"] = "all";
  /** A node has answered out of its own store. */
  #answered = false;

  /** What has been looked at. */
  readonly #inspecting: Inspecting;

  private constructor({ files, forms }: Formed, options: VerifyOptions, pool: Pool) {
    this.#files = files;
    this.#forms = forms;
    this.#options = options;
    this.pool = pool;
    this.#asked = { local: options.bundles.length, mirrors: 0, peers: 0, dht: 0 };
    this.#inspecting = options.inspecting ?? new Inspecting(null);
  }

  /** With what the user named, held to be right to the last octet. */
  static async open(formed: Formed, options: VerifyOptions, memory: Memory): Promise<Inquiry> {
    const inquiry = new Inquiry(formed, options, new Pool(memory.heads()));
    for (const bundle of options.bundles) if (bundle.isHint !== true) await inquiry.#addNamed(bundle);
    return inquiry;
  }

  /** With what nobody named. It answers for nobody: whoever put it there may have left out what was taken back since. */
  async addHints(): Promise<void> {
    for (const bundle of this.#options.bundles) if (bundle.isHint === true) await this.#addHint(bundle);
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
    const bad = await this.#add(bundle, false);
    for (const { path: below, error } of bad) this.failures.push(notALink(join(path, below), error));
    const dropped = this.pool.junk - before - bad.length;
    if (dropped > 0)
      this.failures.push(notUsed(path, `${counted(dropped, "item")} of it, which do not hold`));
  }

  /** With the evidence that was seen before. */
  async remember(memory: Memory): Promise<void> {
    const ofSteps = this.#stepped().flatMap(stepFiles);
    const own = this.#files.map(({ artifact }) => artifact);
    const targets = [...own, ...ofSteps].flatMap(({ target }) => target ?? []);
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
    if (source === null && mirrors === null) return;
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

  /** The steps before those that are known, round by round: dissent about them is wanted too, so that enough of them ends nothing. */
  async askForLinks(leftMs: () => number): Promise<void> {
    const { source, mirrors, policy, now, isNear } = this.#options;
    if (policy.layouts.size === 0 || (source === null && mirrors === null)) return;
    const asked = new Set<string>();
    for (let round = 0; round < MAX_LINK_ROUNDS; round++) {
      const verdicts = this.judge().map(({ verdict }) => verdict);
      const wanted = linksWanted(verdicts, this.pool.documents, asked, { policy, now });
      if (wanted.length === 0) return;
      const askIn = (from: Source, network: boolean) => (some: readonly Wanted[]) =>
        this.ask(from, some, { network, deadlineMs: leftMs() });
      if (source?.holdsFeeds === true) await this.#twice(wanted, askIn(source, false));
      if (mirrors !== null) await this.#twice(wanted, (some) => this.read(mirrors, some));
      if (source !== null && isNear !== true) await this.#twice(wanted, askIn(source, true));
    }
  }

  /** What the steps are about, so far as that is known and was not asked. */
  wantedOfSteps(): readonly Wanted[] {
    const { policy, now } = this.#options;
    return stepsWanted(this.#stepped(), this.#steps, { policy, now });
  }

  /** The steps before those that are known, round by round: which files they are about is known only when those after them are. Near: nobody is asked over the network. */
  async askForSteps(leftMs: () => number, isNear: boolean): Promise<void> {
    const { source, mirrors } = this.#options;
    const isHeld = source?.holdsFeeds === true;
    if (!isHeld && mirrors === null && (isNear || source === null)) return;
    for (let round = 0; round < MAX_RULE_STEPS; round++) {
      const wanted = this.wantedOfSteps();
      if (wanted.length === 0) return;
      if (isHeld) await this.ask(source, wanted, { network: false, deadlineMs: leftMs() });
      if (mirrors !== null) await this.read(mirrors, wanted);
      if (source !== null && !isNear) await this.ask(source, wanted, { network: true, deadlineMs: leftMs() });
    }
  }

  /** The verdicts on files for which a rule with steps may be: of others there is nothing to ask. */
  #stepped(): readonly Verdict[] {
    const { policy } = this.#options;
    return this.#files
      .filter(({ artifact }) => rulesOf(policy, artifact).some(({ before }) => before !== null))
      .map((file) => this.#judgeOne(file));
  }

  /** What layouts want to be looked at, one after the other: each sees what those before it left. */
  async inspect(): Promise<void> {
    for (const file of this.#files) {
      const scene = this.#sceneOf(file);
      const files = this.#isWhole ? this.#files : [file];
      while (await this.#inspecting.run(scene, files, () => this.#judgeOne(file))) continue;
    }
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
    return this.#files.map((file) => ({ ...file, verdict: this.#judgeOne(file) }));
  }

  #judgeOne(file: Examined): Verdict {
    const { policy, now } = this.#options;
    const { artifact } = file;
    const how = { asked: this.#asked, settled: this.#settled };
    const together = this.#isWhole ? { files: filesOf(this.#files.map((one) => one.artifact)) } : {};
    const rest = { ...together, forms: this.#forms };
    const inspect = this.#inspecting.of(this.#sceneOf(file));
    const judged = (about: readonly Artifact[]): Verdict =>
      judge(artifact, { ...this.pool.findings(artifact, how, about), ...rest }, policy, now, inspect);
    return judgedInFull(judged);
  }

  /** Files that a layout of the user's own is asked about lie in one folder, as its inspections are to see them. */
  get #isWhole(): boolean {
    return this.#options.policy.whole !== null;
  }

  #sceneOf({ path, artifact }: Examined): string {
    return this.#isWhole ? "" : (path ?? artifact.name);
  }

  /** With what could not be read of folders of links. */
  async #add(raw: RawFindings, strict: boolean): Promise<Collected["badDocuments"]> {
    const { policy, network } = this.#options;
    const collected = await collectFound(raw, { policy, network, strict });
    this.#take(raw, collected);
    return collected.badDocuments;
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
