/** Looks out for what policies expect and a node does not show: reads feeds on, has files judged when they are due, and tells. */
import { dirname } from "node:path";
import { MAX_EXPECTED_JUDGED, MAX_EXPECTED_READ } from "../../../protocol/index.ts";
import type { Policy } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../../folder.ts";
import { locked } from "../../lock.ts";
import type { Policies } from "../../policy-file.ts";
import { openFeed } from "../../source/index.ts";
import type { NodeApi } from "../../source/index.ts";
import { wait } from "../../wait.ts";
import { isFileRow } from "./rows.ts";
import type { FileRow, KeyRow, Row, Where } from "./rows.ts";
import { ExpectedJournal, journalPath } from "./journal.ts";
import { isRebuilt, judgeRows, releaseOf } from "./judging.ts";
import type { Standing } from "./judging.ts";
import { placesOf, rebuiltWithin } from "./places.ts";
import type { Patience, Place } from "./places.ts";
import { proofsOf } from "./proofs.ts";
import { reportOf } from "./report.ts";
import type { End, ExpectedReport } from "./report.ts";
import { keyIsExpected, ruleOf, sightingsIn } from "./sightings.ts";
import type { Sighting } from "./sightings.ts";

export interface ExpectedOptions {
  /** A running node: its feeds are read, and its store judges. */
  readonly api: NodeApi;
  readonly network: string;
  readonly dataDir: string;
  /** What the book is called: watches by different policies have different ones. */
  readonly name: string;
  /** As they are at that moment; null = nothing is expected. */
  readonly policies: () => Policies | null;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Told of what could not be done; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** Resolved = somebody was told; rejected = it ends, and is told again the next time. */
export type Tell = (report: ExpectedReport) => Promise<void>;

/** ms between two rounds: as often a node asks its peers for heads. */
const ROUND_MS = 5_000;
const LOCK_PATIENCE_MS = 1_000;

/**
 * Tells for ever, or until the signal: each matter once over all restarts, and once more when it is over. Rejects with `watch/busy` where
 * another watch has the book, with what `tell` rejects with, and where the book can't be read.
 */
export async function watchExpected(options: ExpectedOptions, tell: Tell): Promise<void> {
  const path = journalPath(options.dataDir, options.name);
  makeFolder(dirname(path), 0o700);
  const run = async (): Promise<void> => {
    const rounds = new Rounds(await ExpectedJournal.open(path), options, tell);
    while (!options.signal.aborted) {
      const isMore = await rounds.run();
      if (!isMore) await wait(ROUND_MS, options.signal);
    }
  };
  await locked(`${path}.lock`, "watch/busy", run, LOCK_PATIENCE_MS);
}

/** One round after the other over one book. */
class Rounds {
  readonly #journal: ExpectedJournal;
  readonly #options: ExpectedOptions;
  readonly #tell: Tell;
  #mark = "";

  constructor(journal: ExpectedJournal, options: ExpectedOptions, tell: Tell) {
    this.#journal = journal;
    this.#options = options;
    this.#tell = tell;
  }

  /** True where there is more to do at once. */
  async run(): Promise<boolean> {
    const policies = this.#options.policies();
    // Who says nothing at present is heard again: until then nothing is judged.
    if (policies === null || policies.problem !== null) return false;
    const round = new Round(this.#journal, this.#options, policies, this.#tell);
    const mark = policies.all.map(({ policy }) => policy.sha256).join(" ");
    if (mark !== this.#mark) round.reschedule();
    this.#mark = mark;
    const isUnread = await round.read();
    await this.#save();
    await round.tellOfKeys();
    const isUnjudged = await round.judge();
    await this.#save();
    return isUnread || isUnjudged;
  }

  async #save(): Promise<void> {
    try {
      await this.#journal.save();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}

class Round {
  readonly #journal: ExpectedJournal;
  readonly #options: ExpectedOptions;
  readonly #policies: Policies;
  readonly #tell: Tell;
  readonly #now: number = Date.now();

  constructor(journal: ExpectedJournal, options: ExpectedOptions, policies: Policies, tell: Tell) {
    this.#journal = journal;
    this.#options = options;
    this.#policies = policies;
    this.#tell = tell;
  }

  readonly #policyFor = (purl: string): Policy | null => {
    try {
      return this.#policies.of(purl).policy;
    } catch (error) {
      if (error instanceof ClientError) return null;
      throw error;
    }
  };

  /** By policies that are new: what nobody was told of yet may be due at another time. */
  reschedule(): void {
    const { book } = this.#journal;
    for (const row of book.files) {
      const patience = row.isTold || row.looked > 0 ? null : this.#patienceFor(row);
      const due = row.seen + (patience ?? 0);
      if (patience !== null && due !== row.due) book.put({ ...row, due });
    }
  }

  /** ms that a rule takes for it; null = it does not ask for it. */
  #patienceFor({ kind, purl }: FileRow): number | null {
    const { patience } = this.#options;
    const policy = this.#policyFor(purl);
    const rule = policy === null ? null : ruleOf(policy, purl);
    if (rule === null) return null;
    if (kind === "unreproduced") return rebuiltWithin(rule, patience);
    return (rule.source?.stated ?? null) === null ? null : patience.statedMs;
  }

  /** Reads each feed on for a while; true where one goes on. */
  async read(): Promise<boolean> {
    const { network, patience, signal } = this.#options;
    const all = this.#policies.all.map(({ policy }) => policy);
    let isMore = false;
    for (const place of placesOf(all, network, patience).values()) {
      if (signal.aborted) return false;
      try {
        isMore = (await this.#readPlace(place)) || isMore;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        // A feed that the node does not hold yet is no fault.
        if (error.code !== "source/none") this.#options.failed(error);
      }
    }
    return isMore;
  }

  async #readPlace(place: Place): Promise<boolean> {
    const { book } = this.#journal;
    const { origin } = place;
    const feed = await openFeed(this.#options.api, origin);
    const { size } = feed.head;
    if (book.cursor(origin) === null) book.move(origin, { next: place.isWhole ? 0 : size, caughtUpAt: null });
    const { next: from, caughtUpAt } = book.cursor(origin) ?? { next: 0, caughtUpAt: null };
    const to = Math.min(size, from + MAX_EXPECTED_READ);
    const seen: Sighting[] = [];
    let next = from;
    try {
      for await (const { verified } of feed.leaves(from, to)) {
        const { index, entry } = verified;
        const found = await sightingsIn(entry, { place, index, caughtUpAt }, this.#policyFor, this.#now);
        if (!found.every((one) => this.#note(one, { origin, index }))) break;
        seen.push(...found);
        next = index + 1;
      }
    } finally {
      if (next > from) book.move(origin, { next, caughtUpAt });
      await this.#heed(seen);
    }
    if (next >= size && from <= size) book.caughtUp(origin, this.#now);
    return next > from && next < size;
  }

  /** False where there is no room for it. */
  #note(one: Sighting, where: Where): boolean {
    const { book } = this.#journal;
    if (one.kind === "unknown-key" || one.kind === "revoked-key") {
      book.meet(one, where, this.#now);
      return true;
    }
    if (one.kind !== "file") return true;
    const { patience } = this.#options;
    book.nudge(one.target, this.#now);
    const seen = this.#now;
    const within = one.isPublished ? rebuiltWithin(one.rule, patience) : null;
    const due = { rebuilt: seen + (within ?? 0), stated: seen + patience.statedMs };
    const isRoom = within === null || book.await("unreproduced", one, where, { seen, due: due.rebuilt });
    return (
      isRoom && (!one.isTraced || book.await("unexpected-release", one, where, { seen, due: due.stated }))
    );
  }

  /** What changes what is known already. */
  async #heed(seen: readonly Sighting[]): Promise<void> {
    const { book } = this.#journal;
    if (seen.some(({ kind }) => kind === "stated")) book.nudgeReleases(this.#now);
    const retracted = seen.filter((one) => one.kind === "retracted");
    for (const row of book.takenBack(retracted)) await this.#end(row, "taken back", null);
  }

  /** Keys that nobody was told of, and those that the policy knows by now. */
  async tellOfKeys(): Promise<void> {
    const { book } = this.#journal;
    const rows = book.keys;
    const over = rows.filter((row) => keyIsExpected(row, this.#policyFor(row.purl), this.#now));
    for (const row of over) await this.#end(row, "known", null);
    const fresh = rows.filter((row) => !row.isTold && !over.includes(row));
    await this.#tellAll(fresh.map((row) => [row, null] as const));
  }

  /** Has judged what is due; true where more is. */
  async judge(): Promise<boolean> {
    const { api, network, dataDir } = this.#options;
    const { book } = this.#journal;
    const rows = book.due(this.#now, MAX_EXPECTED_JUDGED);
    if (rows.length === 0) return false;
    const now = this.#now;
    let standings: ReadonlyMap<string, Standing | null>;
    try {
      standings = await judgeRows(rows, { policyFor: this.#policyFor, source: api, network, dataDir, now });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#options.failed(error);
      return false;
    }
    const lacking: (readonly [FileRow, Standing])[] = [];
    for (const row of rows) {
      const standing = standings.get(row.id) ?? null;
      const patience = this.#patienceFor(row);
      if (standing === null || patience === null) await this.#end(row, "not expected", null);
      else if (isThere(row, standing)) await this.#end(row, "there", standing);
      else if (now < row.seen + this.#leastFor(row, standing, patience))
        book.put({ ...row, due: row.seen + this.#leastFor(row, standing, patience) });
      else if (row.isTold) book.postpone(row, now);
      else lacking.push([row, standing]);
    }
    await this.#tellAll(lacking);
    return rows.length === MAX_EXPECTED_JUDGED;
  }

  /** Where nobody says from which source it is, a rebuild may show that: as long as the rule takes for one. */
  #leastFor({ kind }: FileRow, { rule, verdict }: Standing, patience: number): number {
    if (kind === "unreproduced" || releaseOf(verdict) !== "untraced") return patience;
    return Math.max(patience, rebuiltWithin(rule, this.#options.patience) ?? 0);
  }

  async #tellAll(rows: readonly (readonly [FileRow | KeyRow, Standing | null])[]): Promise<void> {
    const { book } = this.#journal;
    const proofs = await proofsOf(
      rows.map(([row]) => row),
      this.#options.api,
    );
    for (const [row, standing] of rows) {
      if (this.#options.signal.aborted) return;
      const proof = proofs.get(row.id) ?? null;
      await this.#tell(reportOf(row, { time: this.#now, end: null, standing, proof }));
      const told = { ...row, isTold: true };
      if (isFileRow(told)) book.postpone(told, this.#now);
      else book.put(told);
    }
  }

  async #end(row: Row, end: End, standing: Standing | null): Promise<void> {
    if (row.isTold) await this.#tell(reportOf(row, { time: this.#now, end, standing, proof: null }));
    this.#journal.book.drop(row.id);
  }
}

function isThere({ kind }: FileRow, { verdict }: Standing): boolean {
  return kind === "unreproduced" ? isRebuilt(verdict) : releaseOf(verdict) === "stated";
}
