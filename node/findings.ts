import {
  evidenceKey,
  findingRange,
  MAX_EVIDENCE_BYTES,
  MAX_FINDINGS_BYTES,
  readFinding,
} from "../protocol/index.ts";
import type { Finding } from "../protocol/index.ts";
import type { Driver } from "./driver.ts";

/** Findings at once while somebody catches up. */
const CATCH_UP = 100;

/** Findings after number `since`, oldest first, with their evidence: at most `limit`, and about MAX_FINDINGS_BYTES. */
export async function findingsAfter(
  driver: Driver,
  since: number,
  limit: number,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let octets = 0;
  for await (const finding of keptAfter(driver, since, limit)) {
    findings.push(finding);
    octets += finding.evidence?.length ?? 0;
    if (octets >= MAX_FINDINGS_BYTES) break;
  }
  return findings;
}

/**
 * Findings after number `since`, kept ones and new ones, each once and in order, until `signal` says enough. A slow
 * reader is read for from the store: one finding waits for it in memory.
 */
export async function* followFindings(
  driver: Driver,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  let last = since;
  while (!signal.aborted) {
    const news = Promise.withResolvers<void>();
    const wake = (): void => news.resolve();
    const ignore = driver.watch(wake);
    signal.addEventListener("abort", wake);
    try {
      const before = last;
      for await (const finding of keptAfter(driver, last, CATCH_UP)) {
        last = finding.number;
        yield finding;
      }
      if (last === before) await news.promise;
    } finally {
      ignore();
      signal.removeEventListener("abort", wake);
    }
  }
}

/** The evidence of each is read when it is asked for: it may be long. */
async function* keptAfter(driver: Driver, since: number, limit: number): AsyncGenerator<Finding> {
  const { rows } = await driver.read(findingRange(since, limit));
  for (const row of rows) {
    const finding = readFinding(row);
    const key = evidenceKey(finding.id);
    const [kept] = (await driver.read({ from: key, to: Uint8Array.from([...key, 0]), limit: 1 })).rows;
    const evidence = kept?.value ?? new Uint8Array();
    const whole = evidence.length > 0 && evidence.length <= MAX_EVIDENCE_BYTES;
    yield { ...finding, evidence: whole ? evidence : null };
  }
}
