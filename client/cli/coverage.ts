/** How much of many files is reproduced: counted as they are judged, part by part, so that no more than a part is held in full. */
import {
  artifactName,
  compareCodePoints,
  counted,
  exitOfDecision,
  exitOfVerdict,
  MAX_NAMES_SHOWN,
  stepRules,
  summarize,
  worstExit,
} from "../../protocol/index.ts";
import type { Verdict, VerdictExit } from "../../protocol/index.ts";
import { EXIT } from "../errors.ts";
import type { ClientError } from "../errors.ts";
import type { Gap, Unchecked } from "../manifest/index.ts";
import type { Policies } from "../policy-file.ts";
import type { JudgedBy, Outcomes } from "./judged.ts";
import type { Told } from "./circumstances.ts";
import type { Printer } from "./print.ts";
import { plain } from "./show/index.ts";
import { isUnproven, judgedLines, needsLook } from "./verify.ts";

/** Of how many independent builders is counted. */
const STEPS = [1, 2, 3] as const;

/** What is counted, and from where it is. */
export interface CoverageOptions {
  /** Files, or `dpkg`: for JSON. */
  readonly of: readonly string[];
  readonly decide: boolean;
  /** Each file on the screen, not only what needs a look. */
  readonly all: boolean;
}

/** What is not checked for one reason. */
interface Kind {
  readonly gap: Gap;
  /** Those that are shown. */
  readonly names: string[];
  count: number;
}

export class Coverage {
  readonly #options: CoverageOptions;
  readonly #printer: Printer;
  readonly #policies: Policies;
  /** Without votes and proofs. */
  readonly #verdicts: Verdict[] = [];
  /** Lines of what is contradicted or not what it should be; with `all`, of everything. */
  readonly #shown: string[] = [];
  readonly #waiting = new Map<string, string[]>();
  readonly #independent = new Map<number, number>();
  readonly #unchecked = new Map<string, Kind>();
  readonly #failures = new Map<string, ClientError>();
  #uncheckedCount = 0;
  /** One of them whole: all were asked for in the same way. */
  #first: JudgedBy | null = null;
  #junk = 0;
  #state: Outcomes["state"] = "kept";
  #nobodyAsked = false;

  constructor(policies: Policies, options: CoverageOptions, printer: Printer) {
    this.#policies = policies;
    this.#options = options;
    this.#printer = printer;
  }

  /** Counts what was judged. */
  add(outcome: Outcomes): void {
    this.#first ??= outcome.judged[0] ?? null;
    for (const one of outcome.judged) this.#addOne(one, outcome);
    for (const failure of outcome.failures) this.#failures.set(failure.message, failure);
    this.#junk += outcome.junk;
    if (outcome.state === "none") this.#state = "none";
    this.#nobodyAsked ||= outcome.nobodyAsked;
  }

  /** Counts what can't be checked; `list` says in which of several lists it stands. */
  leaveOut({ place, name, gap, reason }: Unchecked, list: string): void {
    this.#uncheckedCount++;
    const kind = this.#unchecked.get(reason) ?? { gap, names: [], count: 0 };
    kind.count++;
    if (kind.names.length < MAX_NAMES_SHOWN || this.#options.all) kind.names.push(name);
    this.#unchecked.set(reason, kind);
    if (this.#printer.json) this.#printer.object({ samebits: 1, list, place, name, gap, reason });
  }

  /** Says what was counted: on the screen all, with JSON the last object. `more` are members that one command adds. */
  print(more: object = {}): void {
    if (this.#printer.json) this.#printer.object({ ...this.#object(), ...more });
    else for (const line of this.#lines()) this.#printer.data(line);
  }

  /** The first line of the screen. */
  get summary(): string {
    return summarize(this.#verdicts);
  }

  /** Those of which too few have spoken, without their votes. */
  get pending(): readonly Verdict[] {
    return this.#verdicts.filter(({ verdict, problem }) => verdict === "pending" && problem === null);
  }

  /** The same as of one judgement, for what is said of its circumstances. */
  told(): Told {
    return {
      judged: this.#first === null ? [] : [this.#first],
      failures: [...this.#failures.values()],
      state: this.#state,
      nobodyAsked: this.#nobodyAsked,
      junk: this.#junk,
    };
  }

  /** The worst of all; what can't be checked is as what no rule is for. */
  get exit(): number {
    const { decide } = this.#options;
    const exits = new Set<VerdictExit>(
      this.#verdicts.map((verdict) => (decide ? exitOfDecision(verdict) : exitOfVerdict(verdict))),
    );
    const isLetBy = decide && this.#policies.of(null).policy.default.mode !== "refuse";
    if (this.#uncheckedCount > 0 && !isLetBy) exits.add(EXIT.policy);
    return this.#nobodyAsked ? EXIT.unavailable : worstExit([...exits]);
  }

  #addOne(one: JudgedBy, outcome: Outcomes): void {
    const { verdict } = one;
    const builders = independent(one);
    for (const step of STEPS)
      if (builders >= step) this.#independent.set(step, (this.#independent.get(step) ?? 0) + 1);
    this.#verdicts.push({ ...verdict, votes: [], reasons: [], evidence: [], attestations: [] });
    if (this.#printer.json) return;
    const isWaiting = isUnproven(verdict);
    if (this.#options.all || (needsLook(one) && !isWaiting)) {
      this.#shown.push(...judgedLines(one, outcome, this.#printer.color));
    } else if (isWaiting) {
      const why =
        verdict.problem === "no-rule" ? "no rule" : `${verdict.agreeing} of ${verdict.needed} needed`;
      const names = this.#waiting.get(why) ?? [];
      if (names.push(artifactName(verdict.artifact)) === 1) this.#waiting.set(why, names);
    }
  }

  #lines(): readonly string[] {
    const total = this.#verdicts.length + this.#uncheckedCount;
    const steps = STEPS.map((step) => `${step}: ${share(this.#independent.get(step) ?? 0, total)}`);
    return [
      this.summary,
      `  the same bits by independent builders, at least ${steps.join(" · ")}`,
      ...(this.#uncheckedCount === 0
        ? []
        : [`  not checked: ${this.#uncheckedCount} of ${counted(total, "entry")}`]),
      ...this.#kinds().map(
        ([reason, { names, count }]) => `    ${count}  ${reason}: ${this.#some(names, count)}`,
      ),
      ...this.#shown,
      ...[...this.#waiting]
        .toSorted(([a], [b]) => compareCodePoints(a, b))
        .flatMap(([why, names]) => [
          `  held     ${names.length} with ${why}: ${this.#some(names, names.length)}`,
        ]),
    ];
  }

  /** Why something is not checked: what concerns most first. */
  #kinds(): readonly (readonly [reason: string, kind: Kind])[] {
    return [...this.#unchecked].toSorted(
      ([a, { count: some }], [b, { count: others }]) => others - some || compareCodePoints(a, b),
    );
  }

  #some(names: readonly string[], count: number): string {
    const shown = this.#options.all ? names : names.slice(0, MAX_NAMES_SHOWN);
    const rest = count - shown.length;
    const more = rest === 0 ? "" : ` and ${rest} more (--verbose or --json has all)`;
    return `${shown.map((name) => plain(name)).join(", ")}${more}`;
  }

  #object(): object {
    const count = (of: (verdict: Verdict) => boolean): number => this.#verdicts.filter(of).length;
    const steps = STEPS.map((step) => this.#independent.get(step) ?? 0);
    return {
      samebits: 1,
      of: this.#options.of,
      listed: this.#verdicts.length + this.#uncheckedCount,
      checked: this.#verdicts.length,
      reproduced: count(({ verdict }) => verdict === "reproduced"),
      contradicted: count(({ verdict }) => verdict === "contradicted"),
      pending: count(({ verdict, problem }) => verdict === "pending" && problem === null),
      no_rule: count(({ problem }) => problem === "no-rule"),
      misfit: count(({ problem }) => problem === "misfit"),
      refused: count(({ decision }) => decision === "refuse"),
      independent: steps,
      unchecked: this.#kinds().map(([reason, { gap, count: number }]) => ({
        gap,
        reason,
        count: number,
      })),
      exit: this.exit,
    };
  }
}

/** Operators who got this file, or what it was before the first step was followed by others; the judge lets none agree of whom another builder got a different one. */
function independent({ verdict: { rule: ruleName, votes: all, chain }, by }: JudgedBy): number {
  const rule = by.policy.rules.find(({ name }) => name === ruleName);
  const first = rule === undefined ? undefined : stepRules(rule)[0];
  const votes = chain?.[0]?.votes ?? all;
  const agree = votes.filter(
    ({ vote, builder }) => vote === "agrees" && first?.counted.has(builder) === true,
  );
  return new Set(agree.map(({ operator }) => operator)).size;
}

function share(count: number, total: number): string {
  return total === 0 ? "0" : `${count} (${Math.floor((100 * count) / total)} %)`;
}
