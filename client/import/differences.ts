import { toHex } from "../../protocol/index.ts";
import type { Imported } from "./imported.ts";

/** A signer who got other files than most of those who signed the same step of the same build. */
export interface Difference {
  readonly signer: string;
  readonly purl: string;
  readonly step: string;
  /** Files on which it differs, of those that others name too. */
  readonly files: readonly string[];
  readonly of: number;
  /** Who got what most got. */
  readonly others: readonly string[];
}

interface Result {
  readonly purl: string;
  readonly step: string;
  readonly file: string;
  /** Signers by the digest that they got. */
  readonly digests: Map<string, Set<string>>;
}

/** Who differs from whom among attestations about targets; in a tie nobody is most, and all differ. In the order of the signers' names. */
export function differences(imported: readonly Imported[]): readonly Difference[] {
  const results = new Map<string, Result>();
  for (const { attestation, signer } of imported) {
    for (const { kind, target, step, sha256 } of attestation.claims) {
      if (kind !== "positive" || target === null || sha256 === null || signer === null) continue;
      const id = `${step} ${target.keyHex}`;
      const result = results.get(id) ?? {
        purl: target.purl,
        step,
        file: target.file,
        digests: new Map<string, Set<string>>(),
      };
      const digest = toHex(sha256);
      results.set(id, result);
      const signers = result.digests.get(digest) ?? new Set<string>();
      result.digests.set(digest, signers.add(signer.name));
    }
  }
  return [...counted(results.values()).values()].toSorted((a, b) => (a.signer < b.signer ? -1 : 1));
}

function counted(results: Iterable<Result>): ReadonlyMap<string, Difference> {
  const found = new Map<string, Difference>();
  const builds = new Map<string, number>();
  for (const { purl, step, file, digests } of results) {
    const [most, next] = [...digests.values()].toSorted((a, b) => b.size - a.size);
    const signers = new Set([...digests.values()].flatMap((some) => [...some]));
    for (const signer of signers) {
      const id = `${signer} ${step} ${purl}`;
      if (signers.size > 1) builds.set(id, (builds.get(id) ?? 0) + 1);
      const agrees = most?.has(signer) === true && most.size > (next?.size ?? 0);
      if (agrees || digests.size < 2) continue;
      const known = found.get(id) ?? { signer, purl, step, files: [], of: 0, others: [] };
      const others = new Set([...known.others, ...(most ?? [])].filter((other) => other !== signer));
      found.set(id, { ...known, files: [...known.files, file], others: [...others].sort() });
    }
  }
  for (const [id, difference] of found) found.set(id, { ...difference, of: builds.get(id) ?? 0 });
  return found;
}
