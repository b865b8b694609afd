import { evidenceKey, findingRange, MAX_EVIDENCE_BYTES, readFinding } from "../protocol/index.ts";
import type { Finding } from "../protocol/index.ts";
import type { Driver } from "./driver.ts";

/** Findings at once while somebody catches up. */
const CATCH_UP = 100;

/** Findings after number `since`, oldest first, at most `limit`, with their evidence. */
export async function findingsAfter(
  driver: Driver,
  since: number,
  limit: number,
): Promise<readonly Finding[]> {
  const { rows } = await driver.read(findingRange(since, limit));
  const findings: Finding[] = [];
  for (const row of rows) {
    const finding = readFinding(row);
    const key = evidenceKey(finding.id);
    const [kept] = (await driver.read({ from: key, to: Uint8Array.from([...key, 0]), limit: 1 })).rows;
    const evidence = kept === undefined || kept.value.length === 0 ? null : kept.value;
    findings.push({
      ...finding,
      evidence: evidence !== null && evidence.length <= MAX_EVIDENCE_BYTES ? evidence : null,
    });
  }
  return findings;
}

/**
 * Findings after number `since`, kept ones and new ones, each once and in order, until `signal` says enough. A slow
 * reader is read for from the store: nothing waits for it in memory.
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
      const found = await findingsAfter(driver, last, CATCH_UP);
      for (const finding of found) {
        last = finding.number;
        yield finding;
      }
      if (found.length === 0) await news.promise;
    } finally {
      ignore();
      signal.removeEventListener("abort", wake);
    }
  }
}
