/** From drafts to a feed, whatever ends the run in between. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { counted } from "../../../protocol/index.ts";
import type { Attestation } from "../../../protocol/index.ts";
import { publish, readAttestations, refuseConflicts } from "../../attest/index.ts";
import type { Draft } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import type { Outcome, Task } from "../../rebuild/index.ts";
import { handOver, plan, writeAll } from "../attesting.ts";
import type { Planned, Work } from "../attesting.ts";

/** Is told which files hold attestations before any of them is published. */
export type Kept = (paths: readonly string[]) => Promise<void>;

/**
 * Signs drafts, each into its folder (null = stdout), and hands them over; answers with how many there were. Throws `attest/conflicts`, `key/…`,
 * `output/…`, and `api/…` after all is signed and kept.
 */
export async function signAll(
  drafts: readonly Draft[],
  time: number,
  folderOf: (draft: Draft) => string | null,
  { work, kept }: { readonly work: Work; readonly kept: Kept },
): Promise<number> {
  const { written, away } = await work.ledger.exclusively(async () => {
    const { planned, away } = await planOf(drafts, time, work);
    return { written: await writeAll(planned, folderOf, work), away };
  });
  await kept(written.flatMap(({ path, link }) => (link === null ? path : link.path) ?? []));
  if (away !== null && work.options.publish === true) {
    for (const { path, link } of written)
      work.printer.note(`samebits: signed and not published: ${link?.path ?? path ?? "stdout"}`);
    throw away;
  }
  for (const each of written) await handOver(each, work);
  return written.length;
}

/** A node that went away costs no build: what is signed without it is held against what it knows when it is published. */
async function planOf(
  drafts: readonly Draft[],
  time: number,
  work: Work,
): Promise<{ readonly planned: readonly Planned[]; readonly away: ClientError | null }> {
  try {
    return { planned: await plan(drafts, time, work), away: null };
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "api/unreachable") throw error;
    return { planned: await plan(drafts, time, { ...work, running: null }), away: error };
  }
}

/** What a list remembers of what it signs. */
export function keepingIn(task: Task): Kept {
  return (paths) => task.keep(paths.map((path) => resolve(path)));
}

/** Delivers what an interrupted run has signed of a job; null where there is nothing of it. Throws as `publish` and `refuseConflicts`. */
export async function deliverKept({ kept }: Task, work: Work): Promise<Outcome | null> {
  if (kept.length === 0 || !kept.every((path) => existsSync(path))) return null;
  const { running, options, printer } = work;
  const signed: Attestation[] = [];
  // By the newest of each file it failed or not: what was said earlier stays in it.
  const newest: Attestation[] = [];
  for (const path of kept) {
    const inFile = await readAttestations(path);
    signed.push(...inFile);
    newest.push(...inFile.slice(-1));
  }
  if (options.publish === true && running !== null) {
    await refuseConflicts(signed, running.api, null);
    const published = await publish(signed, running.api);
    printer.note(
      `samebits: ${counted(published.length, "attestation")} that an interrupted run signed: published`,
    );
  }
  const failed = newest.flatMap(({ claims }) => claims).find(({ kind }) => kind === "failed");
  return failed === undefined ? { state: "done" } : { state: "failed", why: failed.reason ?? "it failed" };
}
