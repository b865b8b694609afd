import {
  ed25519Key,
  MAX_HTTP_BODY_BYTES,
  MAX_HTTP_QUESTIONS,
  sameKey,
  verifyWith,
} from "../../protocol/index.ts";
import type { Attestation, PublicKey, PublishedEntry, Target, Verified } from "../../protocol/index.ts";
import type { Publisher, Source } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { liveClaims, matter, pastAttestations } from "./past.ts";

/** Octets of base64 in one request: the rest of the body is quotes and commas. */
const BATCH_CHARS = Math.floor(MAX_HTTP_BODY_BYTES * 0.9);

/** Hands envelopes to a node, as many at once as a request takes; answers in their order. Idempotent. */
export async function publish(
  attestations: readonly Attestation[],
  publisher: Publisher,
): Promise<readonly PublishedEntry[]> {
  const entries: PublishedEntry[] = [];
  let batch: Uint8Array[] = [];
  let chars = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) entries.push(...(await publisher.publish(batch)));
    batch = [];
    chars = 0;
  };
  for (const { bytes } of attestations) {
    const length = 4 * Math.ceil(bytes.length / 3) + 3;
    if (chars + length > BATCH_CHARS || batch.length === MAX_HTTP_QUESTIONS) await flush();
    batch.push(bytes);
    chars += length;
  }
  await flush();
  return entries;
}

/**
 * Throws `attest/conflicts` where a builder would contradict itself by what is to be published (RULES R13): the node's feed key, or
 * any builder of whom the node knows claims on the same targets. Retractions among `attestations` count.
 */
export async function refuseConflicts(
  attestations: readonly Attestation[],
  source: Source,
  ownKey: Uint8Array | null,
): Promise<void> {
  const targets = new Map<string, Target>();
  for (const { target } of attestations.flatMap(({ claims }) => claims)) {
    if (target !== null) targets.set(target.keyHex, target);
  }
  const past = await pastOf([...targets.values()], source);
  for (const signer of signersOf(past, ownKey)) {
    const own: Verified[] = [];
    for (const attestation of attestations) {
      const verified = await verifyWith(attestation, signer);
      if (verified !== null) own.push(verified);
    }
    refuseTwo(own, [...past, ...own], signer);
  }
}

async function pastOf(targets: readonly Target[], source: Source): Promise<readonly Verified[]> {
  const past: Verified[] = [];
  for (let at = 0; at < targets.length; at += MAX_HTTP_QUESTIONS) {
    past.push(...(await pastAttestations(source, targets.slice(at, at + MAX_HTTP_QUESTIONS), null)));
  }
  return past;
}

function signersOf(past: readonly Verified[], ownKey: Uint8Array | null): readonly PublicKey[] {
  const signers = ownKey === null ? [] : [ed25519Key(ownKey)];
  for (const { signer } of past) if (!signers.some((known) => sameKey(known, signer))) signers.push(signer);
  return signers;
}

function refuseTwo(fresh: readonly Verified[], all: readonly Verified[], signer: PublicKey): void {
  const live = liveClaims(all, signer.raw);
  for (const { claims } of fresh) {
    for (const { kind, target, step } of claims) {
      if (kind !== "positive" || target === null) continue;
      const digests = new Set(live.get(matter(target, step))?.map(({ sha256 }) => sha256));
      if (digests.size < 2) continue;
      throw new ClientError(
        "attest/conflicts",
        `${target.file}: one key says ${[...digests].join(" and ")} for ${target.purl}. That would be a public contradiction: ` +
          `publish a retraction of the wrong one with it (samebits attest --replace writes both); nothing was published`,
      );
    }
  }
}
