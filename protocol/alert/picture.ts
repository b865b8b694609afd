/** How builders stand to each other on one target: one against all, several camps, or nobody with anybody. */
import type { Policy } from "../policy/index.ts";
import type { Voice } from "./types.ts";
import { isRevoked, speakerOf } from "./who.ts";

/** Those that got one result. */
export interface Camp {
  /** 64 hex digits. */
  readonly sha256: string;
  /** Its signers that count, sorted. */
  readonly signers: readonly string[];
  /** How many operators these are. */
  readonly count: number;
}

/**
 * - `single`: at most one result is left that counts
 * - `pair`: one against one
 * - `outlier`: one against others that agree
 * - `split`: several camps, of which one at least is more than one
 * - `scattered`: three or more, and no two got the same
 */
export type Stance = "single" | "pair" | "outlier" | "split" | "scattered";

export interface Picture {
  readonly stance: Stance;
  /** The largest first, then by result. */
  readonly camps: readonly Camp[];
}

/** The picture that these voices give: what was taken back, or is of a key revoked by `now`, is not in it. */
export function pictureOf(voices: readonly Voice[], policy: Policy | null, now: number): Picture {
  const byResult = new Map<string, Set<string>>();
  for (const { signer, sha256, withdrawn } of voices) {
    if (withdrawn || isRevoked(policy, signer, now)) continue;
    byResult.set(sha256, (byResult.get(sha256) ?? new Set()).add(signer));
  }
  const camps = [...byResult].map(([sha256, signers]): Camp => {
    const count = new Set([...signers].map((signer) => speakerOf(policy, signer))).size;
    return { sha256, signers: [...signers].sort(), count };
  });
  camps.sort((a, b) => b.count - a.count || (a.sha256 < b.sha256 ? -1 : 1));
  return { stance: stanceOf(camps.map(({ count }) => count)), camps };
}

/** `counts`: of each camp, the largest first. */
function stanceOf([most = 0, ...others]: readonly number[]): Stance {
  const rest = others.reduce((sum, count) => sum + count, 0);
  if (rest === 0) return "single";
  if (most === 1) return rest === 1 ? "pair" : "scattered";
  return rest === 1 ? "outlier" : "split";
}
