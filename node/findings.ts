import {
  acknowledgedKey,
  evidenceKey,
  findingRange,
  MAX_EVIDENCE_BYTES,
  MAX_FINDINGS_BYTES,
  MAX_FINDINGS_LOOKED_AT,
  readAcknowledged,
  readFinding,
  rowAt,
} from "../protocol/index.ts";
import type { Acknowledged, Finding } from "../protocol/index.ts";
import type { Driver } from "./driver.ts";

/** Rows of findings that are read at once. */
const ROWS_AT_ONCE = 100;

/** Where findings are kept. */
type Rows = Pick<Driver, "read">;

/** A finding, and whether somebody has seen to it: where nothing is said, nobody has. */
export interface KeptFinding extends Finding {
  readonly acknowledged?: Acknowledged | null;
}

/** Findings in order, and how to go on. */
export interface FindingsPage {
  readonly findings: readonly KeptFinding[];
  /** The last number that was looked at: what follows has a larger one. */
  readonly next: number;
  /** There are findings after `next`. */
  readonly more: boolean;
}

/**
 * Findings after number `since`, oldest first, with their evidence: `limit` of them while there are so many, fewer where their evidence
 * has more than MAX_FINDINGS_BYTES. With `onlyProven` those without evidence are passed over, MAX_FINDINGS_LOOKED_AT in one call.
 */
export async function findingsAfter(
  rows: Rows,
  since: number,
  { limit, onlyProven }: { readonly limit: number; readonly onlyProven: boolean },
): Promise<FindingsPage> {
  const findings: KeptFinding[] = [];
  let octets = 0;
  let looked = 0;
  let next = since;
  for await (const finding of keptAfter(rows, since)) {
    const isFull = findings.length >= limit || octets >= MAX_FINDINGS_BYTES;
    if (isFull || looked >= MAX_FINDINGS_LOOKED_AT) return { findings, next, more: true };
    looked++;
    next = finding.number;
    if (onlyProven && finding.evidence === null) continue;
    findings.push(finding);
    octets += finding.evidence?.length ?? 0;
  }
  return { findings, next, more: false };
}

/**
 * Findings after number `since`, kept ones and new ones, each once and in order, until `signal` says enough. A slow
 * reader is read for from the store: one finding waits for it in memory.
 */
export async function* followFindings(
  driver: Driver,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<KeptFinding> {
  let last = since;
  while (!signal.aborted) {
    const news = Promise.withResolvers<void>();
    const wake = (): void => news.resolve();
    const ignore = driver.watch(wake);
    signal.addEventListener("abort", wake);
    try {
      const before = last;
      for await (const finding of keptAfter(driver, last)) {
        last = finding.number;
        yield finding;
        if (signal.aborted) return;
      }
      if (last === before) await news.promise;
    } finally {
      ignore();
      signal.removeEventListener("abort", wake);
    }
  }
}

/** All that are kept, some rows at a time; the evidence of each is read when it is asked for: it may be long. */
async function* keptAfter(reader: Rows, since: number): AsyncGenerator<KeptFinding> {
  for (let last = since, more = true; more;) {
    const page = await reader.read(findingRange(last, ROWS_AT_ONCE));
    for (const row of page.rows) {
      const finding = readFinding(row);
      last = finding.number;
      const acknowledged = await acknowledgedOf(reader, finding.id);
      yield { ...finding, evidence: await evidenceOf(reader, finding.id), acknowledged };
    }
    ({ more } = page);
  }
}

/** Whether somebody has seen to a finding; null = nobody, or there is none with this id (64 hex digits). */
export async function acknowledgedOf(reader: Rows, id: string): Promise<Acknowledged | null> {
  const { rows } = await reader.read(rowAt(acknowledgedKey(id)));
  return rows[0] === undefined ? null : readAcknowledged(rows[0].value);
}

async function evidenceOf(reader: Rows, id: string): Promise<Uint8Array | null> {
  const { rows } = await reader.read(rowAt(evidenceKey(id)));
  const evidence = rows[0]?.value ?? new Uint8Array();
  return evidence.length > 0 && evidence.length <= MAX_EVIDENCE_BYTES ? evidence : null;
}
