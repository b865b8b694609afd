import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { counted } from "../../../protocol/index.ts";
import type { Attestation } from "../../../protocol/index.ts";
import { publish, readAttestations, refuseConflicts } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import { every, sleep } from "../../import/index.ts";
import { fillIn, placeholdersOf, readWorkList, withJournal, workOff } from "../../rebuild/index.ts";
import type { Job, Outcome, Tally, Task } from "../../rebuild/index.ts";
import { durationInWords, parseDuration } from "../duration.ts";
import { buildOf } from "./options.ts";
import type { Wish } from "./options.ts";
import { buildAndSign } from "./sign.ts";
import type { Bench } from "./sign.ts";
import { tellJob, tellTally } from "./tell.ts";

/** What is wrong with one package, and not with all. */
const OF_ONE: readonly string[] = [
  "rebuild/failed",
  "rebuild/nothing-built",
  "rebuild/changed-material",
  "rebuild/interrupted",
  "artifact/",
  "attest/",
  "buildinfo/",
  "input/",
  "statement/",
  "target/",
  "usage/",
];
/** Between two rounds after failures at most: a node that is away comes back. */
const MAX_WAIT_MS = 3_600_000;

/** `--loop LIST`: the command once for each package of the list that is not done; with `--every` again and again. */
export async function workOffList(list: string, wish: Wish, bench: Bench): Promise<void> {
  const { printer, signal, options } = wish;
  const { config, work } = bench;
  const name = `${config.network} ${work.key.keyId} ${options.step}`;
  const round = async (): Promise<Tally> => {
    const jobs = await readWorkList(list);
    const tally = await withJournal(config.data, name, (journal) =>
      workOff(jobs, journal, (job, task) => workOn(job, task, wish, bench), {
        signal,
        now: Date.now,
        isImpatient: options.retry === true,
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
  if (options.every === undefined) return endBy(await round());
  const everyMs = parseDuration("--every", options.every);
  await every({
    round: async () => void (await round()),
    everyMs,
    maxWaitMs: Math.max(everyMs, MAX_WAIT_MS),
    failed: (error, waitMs) => {
      printer.failure(error);
      printer.note(`samebits: the next round begins in ${durationInWords(waitMs)}`);
    },
    wait: sleep,
    signal,
  });
}

/** Builds and signs one package, or delivers what an interrupted run has signed of it. */
async function workOn({ id }: Job, task: Task, wish: Wish, bench: Bench): Promise<Outcome> {
  try {
    if (task.kept.length > 0 && task.kept.every((path) => existsSync(path))) {
      return await deliverKept(task.kept, bench);
    }
    const values = placeholdersOf(id);
    const fill = (text: string): string => fillIn(text, values);
    const { output, buildinfo, git } = wish.options;
    const filled: Wish = {
      ...wish,
      argv: wish.argv.map(fill),
      options: {
        ...wish.options,
        material: (wish.options.material ?? []).map(fill),
        product: (wish.options.product ?? []).map(fill),
        ...(output === undefined ? {} : { output: fill(output) }),
        ...(buildinfo === undefined ? {} : { buildinfo: fill(buildinfo) }),
        ...(git === undefined ? {} : { git: fill(git) }),
      },
    };
    const here: Bench = { ...bench, work: { ...bench.work, options: filled.options } };
    const { failure } = await buildAndSign(buildOf(filled), id, here, (paths) =>
      task.keep(paths.map((path) => resolve(path))),
    );
    return failure === null ? DONE : { state: "failed", why: failure };
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      OF_ONE.some((area) => String(error.code).startsWith(area))
    )
      return { state: "failed", why: error.message.replace(/\s+/g, " ") };
    throw error;
  }
}

const DONE: Outcome = { state: "done" };

/** What was signed before may be that it failed. */
async function deliverKept(
  paths: readonly string[],
  { work: { running, options, printer } }: Bench,
): Promise<Outcome> {
  const signed: Attestation[] = [];
  for (const path of paths) signed.push(...(await readAttestations(path)));
  if (options.publish === true && running !== null) {
    await refuseConflicts(signed, running.api, null);
    const published = await publish(signed, running.api);
    printer.note(
      `samebits: ${counted(published.length, "attestation")} that an interrupted run signed: published`,
    );
  }
  const failed = signed.flatMap(({ claims }) => claims).find(({ kind }) => kind === "failed");
  return failed === undefined ? DONE : { state: "failed", why: failed.reason ?? "it failed" };
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
