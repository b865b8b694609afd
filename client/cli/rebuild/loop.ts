import { asKnown, assertNone, fillIn, placeholdersOf, readWorkList } from "../../rebuild/index.ts";
import type { Job, Outcome, Placeholders, Task } from "../../rebuild/index.ts";
import { buildOf } from "./options.ts";
import type { Wish } from "./options.ts";
import { ofOne, workRounds } from "./rounds.ts";
import { buildAndSign } from "./sign.ts";
import type { Bench } from "./sign.ts";
import { deliverKept, keepingIn } from "./sign-all.ts";

/** `--loop LIST`: the command once for each package of the list that is not done; with `--every` again and again. */
export async function workOffList(list: string, wish: Wish, bench: Bench): Promise<void> {
  const { printer, signal, options } = wish;
  const { config, work } = bench;
  eachText(wish, asKnown);
  assertNone("--step", options.step);
  assertNone("--git-branch", options.gitBranch ?? "");
  assertNone("--git-url", options.gitUrl ?? "");
  await workRounds({
    jobs: () => jobsOf(list, wish),
    work: (job, task) => workOn(job, task, wish, bench),
    dataDir: config.data,
    name: `${config.network} ${work.key.keyId} ${options.step}`,
    isImpatient: options.retry === true,
    every: options.every ?? null,
    signal,
    printer,
  });
}

/** The list; throws `usage/bad-option` where a placeholder stands for nothing of one of its packages: before any is built, and remembered of none. */
async function jobsOf(list: string, wish: Wish): Promise<readonly Job[]> {
  const jobs = await readWorkList(list);
  for (const { id } of jobs) {
    const values = valuesOf(id);
    if (values !== null) filledIn(wish, values);
  }
  return jobs;
}

/** Null where the package itself is at fault: that is told when its turn comes, and the others go on. */
function valuesOf(id: string): Placeholders | null {
  try {
    return placeholdersOf(id);
  } catch (error) {
    if (ofOne(error) === null) throw error;
    return null;
  }
}

function filledIn(wish: Wish, values: Placeholders): Wish {
  return eachText(wish, (text) => fillIn(text, values));
}

/** The wish with all texts in which placeholders may stand put through `change`. */
function eachText(wish: Wish, change: (text: string) => string): Wish {
  const { material = [], product = [], output, buildinfo, git } = wish.options;
  return {
    ...wish,
    argv: wish.argv.map(change),
    options: {
      ...wish.options,
      material: material.map(change),
      product: product.map(change),
      ...(output === undefined ? {} : { output: change(output) }),
      ...(buildinfo === undefined ? {} : { buildinfo: change(buildinfo) }),
      ...(git === undefined ? {} : { git: git.map(change) }),
    },
  };
}

/** Builds and signs one package, or delivers what an interrupted run has signed of it. */
async function workOn({ id }: Job, task: Task, wish: Wish, bench: Bench): Promise<Outcome> {
  try {
    const delivered = await deliverKept(task, bench.work);
    if (delivered !== null) return delivered;
    const filled = filledIn(wish, placeholdersOf(id));
    const here: Bench = { ...bench, work: { ...bench.work, options: filled.options } };
    const { failure } = await buildAndSign(buildOf(filled), id, here, keepingIn(task));
    return failure === null ? { state: "done" } : { state: "failed", why: failure };
  } catch (error) {
    const why = ofOne(error);
    if (why !== null) return { state: "failed", why };
    throw error;
  }
}
