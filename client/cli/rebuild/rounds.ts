/** Package after package: rounds of work, each job once, and how a round ends. */
import { counted } from "../../../protocol/index.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { every } from "../../import/index.ts";
import { withJournal, workOff } from "../../rebuild/index.ts";
import type { Job, Outcome, Tally, Task } from "../../rebuild/index.ts";
import { wait } from "../../wait.ts";
import { durationInWords, parseEvery } from "../duration.ts";
import type { Printer } from "../print.ts";
import { tellJob, tellTally } from "./tell.ts";

/** What is wrong with one package, and not with all. */
const OF_ONE: readonly string[] = [
  "rebuild/failed",
  "rebuild/nothing-built",
  "rebuild/changed-material",
  "rebuild/interrupted",
  "rebuild/no-source",
  "rebuild/no-dependencies",
  "rebuild/bad-build",
  "artifact/",
  "attest/",
  "buildinfo/",
  "dsc/",
  "input/",
  "statement/",
  "target/",
  "usage/",
];
/** Between two rounds after failures at most: a node that is away comes back. */
const MAX_WAIT_MS = 3_600_000;

/** What is to be done, and by what it is remembered. */
export interface Rounds<J extends Job> {
  /** Read anew for each round. */
  readonly jobs: () => Promise<readonly J[]>;
  readonly work: (job: J, task: Task) => Promise<Outcome>;
  readonly dataDir: string;
  /** Of the journal: one builder's work of one kind. */
  readonly name: string;
  /** What failed is tried again at once. */
  readonly isImpatient: boolean;
  /** A span as users write it; null = one round. */
  readonly every: string | null;
  readonly signal: AbortSignal;
  readonly printer: Printer;
}

/** One round, or one after the other until the signal. Throws `rebuild/failed` where a single round leaves something undone. */
export async function workRounds<J extends Job>(rounds: Rounds<J>): Promise<void> {
  const { jobs, work, dataDir, name, isImpatient, signal, printer } = rounds;
  let isBegun = false;
  const round = async (): Promise<Tally> => {
    const all = await jobs();
    isBegun = true;
    const tally = await withJournal(dataDir, name, (journal) =>
      workOff(all, journal, work, {
        signal,
        now: Date.now,
        isImpatient,
        began: ({ id }) => printer.note(`samebits: ${id} …`),
        ended: ({ id }, outcome, next) =>
          tellJob(id, outcome.state, outcome.state === "failed" ? outcome.why : null, next, printer),
        skipped: ({ id }, { state, why }, next) => {
          if (state === "failed") tellJob(id, "waits", why, next, printer);
        },
      }),
    );
    tellTally(tally, printer);
    return tally;
  };
  if (rounds.every === null) return endBy(await round());
  const everyMs = parseEvery(rounds.every);
  await every({
    round: async () => void (await round()),
    everyMs,
    maxWaitMs: Math.max(everyMs, MAX_WAIT_MS),
    failed: (error, waitMs) => {
      // A command line that can't be is none that comes right by waiting.
      if (!isBegun && error instanceof ClientError && error.exitCode === EXIT.usage) throw error;
      printer.failure(error);
      printer.note(`samebits: the next round begins in ${durationInWords(waitMs)}`);
    },
    wait,
    signal,
  });
}

/** Why one job failed, where that says nothing of the others; null for what stops them all. */
export function ofOne(error: unknown): string | null {
  const isOfOne =
    error instanceof Error && "code" in error && OF_ONE.some((area) => String(error.code).startsWith(area));
  return isOfOne ? error.message.replace(/\s+/g, " ") : null;
}

/** Throws where not all of the list is done. */
function endBy({ failed, waiting, interrupted }: Tally): void {
  if (interrupted)
    throw new ClientError(
      "rebuild/interrupted",
      "told to stop; what is done is remembered, the next run goes on",
    );
  const left = failed + waiting;
  if (left === 0) return;
  throw new ClientError(
    "rebuild/failed",
    `${counted(left, "package of the list is", "packages of the list are")} not done: run it again later; what failed is tried again when its pause is over`,
  );
}
