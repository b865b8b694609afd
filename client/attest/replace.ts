import { buildRetraction, fromHex, toHex } from "../../protocol/index.ts";
import type { Product, Subject, Target } from "../../protocol/index.ts";
import type { Source } from "../edges.ts";
import { ClientError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";
import { liveClaims, matter, pastAttestations } from "./past.ts";
import type { PastClaim } from "./past.ts";

/** A product whose target is known, and what its builder has said of that target and step before. */
export interface Standing {
  readonly product: Product & { readonly target: Target };
  readonly past: readonly PastClaim[];
}

/** What a key has said before of each product: remembered here, and in the node's store where one runs (RULES R13). */
export async function standingsOf(
  products: readonly Product[],
  step: string,
  publicKey: Uint8Array,
  ledger: Ledger,
  source: Source | null,
): Promise<readonly Standing[]> {
  const known = products.flatMap((product) =>
    product.target === null ? [] : [{ ...product, target: product.target }],
  );
  const targets = known.map(({ target }) => target);
  const published = source === null ? [] : await pastAttestations(source, targets, publicKey);
  const live = liveClaims(published, publicKey);
  return Promise.all(
    known.map(async (product) => {
      const past = new Map<string, PastClaim>();
      for (const claim of await ledger.claims(product.target, step)) past.set(claim.id, claim);
      for (const claim of live.get(matter(product.target, step)) ?? []) past.set(claim.id, claim);
      return { product, past: [...past.values()] };
    }),
  );
}

/** The standings with another digest than the product has now. */
export function contradicted(standings: readonly Standing[]): readonly Standing[] {
  return standings
    .map(({ product, past }) => ({
      product,
      past: past.filter(({ sha256 }) => sha256 !== toHex(product.sha256)),
    }))
    .filter(({ past }) => past.length > 0);
}

/** A claim that a retraction takes back. */
export interface Replaced {
  readonly target: Target;
  readonly id: string;
  readonly statement: Uint8Array;
}

/**
 * Retractions of the claims that a new attestation contradicts. An attestation is taken back whole, so one that is also about files
 * which the new one does not list is refused (`attest/conflicts`): those would lose their vote unseen.
 */
export function replacements(
  standings: readonly Standing[],
  by: { readonly id: string; readonly time: number },
): readonly Replaced[] {
  const covered = new Map<string, number>();
  for (const { past } of standings) {
    for (const { id } of past) covered.set(id, (covered.get(id) ?? 0) + 1);
  }
  const replaced = new Map<string, Replaced>();
  for (const { product, past } of contradicted(standings)) {
    const { target } = product;
    for (const { id, files } of past) {
      if ((covered.get(id) ?? 0) < files) throw alsoAbout(target, id, files);
      if (replaced.has(id)) continue;
      const statement = buildRetraction(subjectsOf(id, standings), {
        retracts: [id],
        reason: "replaced by a newer result",
        replacedBy: by.id,
        time: by.time,
      });
      replaced.set(id, { target, id, statement });
    }
  }
  return [...replaced.values()];
}

/** All that an earlier attestation says of the products at hand: a retraction has the subjects of what it takes back (R17). */
function subjectsOf(id: string, standings: readonly Standing[]): readonly Subject[] {
  return standings.flatMap(({ product: { target }, past }) =>
    past
      .filter((claim) => claim.id === id)
      .map(({ sha256 }) => ({ target, file: target.file, sha256: fromHex(sha256, 32) })),
  );
}

/** Throws `attest/conflicts` where a builder is about to contradict itself. */
export function refuseContradiction(standings: readonly Standing[]): void {
  const [first] = contradicted(standings);
  if (first === undefined) return;
  const { product, past } = first;
  throw new ClientError(
    "attest/conflicts",
    `${product.file}: this key has already attested ${past[0]?.sha256 ?? ""} for ${product.target.purl}, and this file is ` +
      `${toHex(product.sha256)}. Two digests of one key are a public contradiction. If the first one was wrong, take it back in the ` +
      `same step with --replace; nothing was signed`,
  );
}

function alsoAbout(target: Target, id: string, files: number): ClientError {
  return new ClientError(
    "attest/conflicts",
    `${target.file}: the earlier attestation ${id} is about ${files} files, and not all of them are attested anew: ` +
      `retract it by itself (samebits retract), then attest what still stands`,
  );
}
