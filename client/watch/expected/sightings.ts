/** What an entry of a feed means to somebody who knows what to expect. Only what is signed by whom it says counts (RULES R9). */
import {
  heardBy,
  ed25519Key,
  fromHex,
  keyIdKha,
  keyIdPlain,
  parseAttestation,
  ProtocolError,
  rulesFor,
  sha256,
  sourceStatersOf,
  toHex,
  tried,
  utf8,
  verifyWith,
} from "../../../protocol/index.ts";
import type {
  Attestation,
  Builder,
  Claim,
  Policy,
  PublicKey,
  Rule,
  Target,
  Verified,
} from "../../../protocol/index.ts";
import { publishes } from "./places.ts";
import type { Place } from "./places.ts";

/** Where an entry stands, and since when all before it is known: ms since 1970, null = the feed was never read to its end. */
export interface Standing {
  readonly place: Place;
  readonly index: number;
  readonly caughtUpAt: number | null;
}

/** A file that somebody whom its rule hears, or a publisher, says is one. */
export interface FileSighting {
  readonly kind: "file";
  readonly target: Target;
  readonly sha256: string;
  readonly step: string;
  /** Claim id. */
  readonly claim: string;
  /** Raw key of who signed it. */
  readonly key: Uint8Array;
  readonly rule: Rule;
  /** It is to be rebuilt; its source is to be stated. */
  readonly isPublished: boolean;
  readonly isTraced: boolean;
}

/** A key that signs where the policy expects another one, or that it has revoked. */
export interface KeySighting {
  readonly kind: "unknown-key" | "revoked-key";
  /** Whose feed it is, or whose key it was. */
  readonly builder: string;
  /** Raw key; of an unknown one that nothing shows, what the envelope calls it by, as 32 octets. */
  readonly key: Uint8Array;
  /** The raw key itself, and its signature holds. */
  readonly isProven: boolean;
  readonly target: Target;
  readonly step: string;
}

export type Sighting =
  | FileSighting
  | KeySighting
  /** Claim ids that a builder with these keys, in hex, took back. */
  | { readonly kind: "retracted"; readonly claims: readonly string[]; readonly by: readonly string[] }
  /** Somebody who may state sources has stated one. */
  | { readonly kind: "stated" };

interface PolicyKey {
  readonly builder: Builder;
  readonly key: PublicKey;
}

/** What of an entry's claims the policy has a rule for. */
interface Covered {
  readonly claim: Claim;
  readonly target: Target;
  readonly policy: Policy;
  readonly rule: Rule;
}

/** The first rule that may be for the package; null = none is. */
export function ruleOf(policy: Policy, purl: string): Rule | null {
  return rulesFor(policy, purl)[0] ?? null;
}

/**
 * What is seen in an entry that is proven to stand in a feed; nothing for junk, and for what no policy covers. `policyFor` says who speaks for a
 * package, null = nobody. At `now`, ms since 1970.
 */
export async function sightingsIn(
  entry: Uint8Array,
  standing: Standing,
  policyFor: (purl: string) => Policy | null,
  now: number,
): Promise<readonly Sighting[]> {
  const attestation = tried(() => parseAttestation(entry));
  if (attestation === null) return [];
  const covered = attestation.claims.flatMap((claim) => coveredBy(claim, policyFor));
  const byPolicy = Map.groupBy(covered, ({ policy }) => policy);
  const seen: Sighting[] = [];
  for (const [policy, some] of byPolicy) {
    const named = namedKeys(attestation, policy);
    // Whether a leaf is the feed's own no key id decides.
    const own = hintsOf(policy).get(standing.place.key);
    const tries = own === undefined ? named : new Set([own, ...named]);
    const signed = await signersOf(attestation, tries);
    for (const [{ builder, key }, verified] of signed)
      seen.push(...saidBy(builder, key, verified, some, standing, now));
    // In the name of a key that the policy has, and not by it: junk.
    if (signed.length === 0 && named.size === 0)
      seen.push(...(await strangersIn(attestation, policy, some, standing, now)));
  }
  return seen;
}

function coveredBy(claim: Claim, policyFor: (purl: string) => Policy | null): readonly Covered[] {
  const { target } = claim;
  const policy = target === null ? null : policyFor(target.purl);
  const rule = target === null || policy === null ? null : ruleOf(policy, target.purl);
  return target === null || policy === null || rule === null ? [] : [{ claim, target, policy, rule }];
}

/** Keys of a policy by all that an envelope may call them. */
const keysByHint = new WeakMap<Policy, ReadonlyMap<string, PolicyKey>>();

function hintsOf(policy: Policy): ReadonlyMap<string, PolicyKey> {
  const known = keysByHint.get(policy);
  if (known !== undefined) return known;
  const hints = new Map<string, PolicyKey>();
  for (const builder of policy.builders.values())
    for (const key of builder.keys) {
      const one = { builder, key };
      for (const hint of [toHex(key.raw), keyIdPlain(key), keyIdKha(key)]) hints.set(hint, one);
    }
  keysByHint.set(policy, hints);
  return hints;
}

/** Keys of the policy that the envelope names. */
function namedKeys({ signatures }: Attestation, policy: Policy): ReadonlySet<PolicyKey> {
  const hints = hintsOf(policy);
  return new Set(signatures.map(({ keyid }) => hints.get(keyid ?? "")).filter((one) => one !== undefined));
}

async function signersOf(
  attestation: Attestation,
  keys: Iterable<PolicyKey>,
): Promise<readonly (readonly [PolicyKey, Verified])[]> {
  const signed: (readonly [PolicyKey, Verified])[] = [];
  for (const one of keys) {
    const verified = await verifying(() => verifyWith(attestation, one.key));
    if (verified !== null) signed.push([one, verified]);
  }
  return signed;
}

/** A key that can't make such a signature has not made it. */
async function verifying(check: () => Promise<Verified | null>): Promise<Verified | null> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

function saidBy(
  builder: Builder,
  key: PublicKey,
  { id }: Verified,
  covered: readonly Covered[],
  standing: Standing,
  now: number,
): readonly Sighting[] {
  return covered.flatMap(({ claim, target, policy, rule }): readonly Sighting[] => {
    const { step } = claim;
    if (isAnybodys(builder, key, now)) {
      const isNews = hasRole(rule, policy, builder) && isAfter(builder, key, claim, standing);
      const found = { builder: builder.name, key: key.raw, isProven: true, target, step } as const;
      return isNews ? [{ kind: "revoked-key", ...found }] : [];
    }
    if (claim.kind === "retraction") {
      const by = builder.keys.map(({ raw }) => toHex(raw));
      return [{ kind: "retracted", claims: claim.retracts, by }];
    }
    if (claim.kind !== "positive" || claim.sha256 === null) return [];
    const isPublished = publishes(rule, builder);
    const isHeard = heardBy(rule, policy).some(({ name }) => name === builder.name);
    const stated = rule.source?.stated ?? null;
    const states = stated?.requirement.step === step && staterIn(rule, policy, builder);
    const digest = toHex(claim.sha256);
    const file = { target, sha256: digest, step, claim: id, key: key.raw, rule } as const;
    return [
      ...(isPublished || isHeard
        ? [{ kind: "file", ...file, isPublished, isTraced: isHeard && stated !== null } as const]
        : []),
      ...(states ? [{ kind: "stated" } as const] : []),
    ];
  });
}

function isAnybodys({ revoked }: Builder, key: PublicKey, now: number): boolean {
  return revokedAt(revoked, key) <= now;
}

function revokedAt(revoked: Builder["revoked"], key: PublicKey): number {
  const hex = toHex(key.raw);
  return revoked.find((one) => toHex(one.key.raw) === hex)?.atMs ?? Number.POSITIVE_INFINITY;
}

/**
 * That it was signed after the key was revoked: it says so itself, or it came into the key's own feed later than all that was there by
 * then. What the key signed before, and somebody brings into another feed, is no news of it.
 */
function isAfter(
  { revoked }: Builder,
  key: PublicKey,
  { time }: Claim,
  { place, caughtUpAt }: Standing,
): boolean {
  const at = revokedAt(revoked, key);
  const isOwn = place.key === toHex(key.raw);
  return (time !== null && time >= at) || (isOwn && caughtUpAt !== null && caughtUpAt >= at);
}

/** Whether the rule knows the builder at all: it counts it, has it publish, or asks it for sources. */
function hasRole(rule: Rule, policy: Policy, builder: Builder): boolean {
  return (
    heardBy(rule, policy).some(({ name }) => name === builder.name) ||
    publishes(rule, builder) ||
    staterIn(rule, policy, builder)
  );
}

/** Whether a key that somebody was told of is as the policy has it by now: its builder's own, or revoked no more. */
export function keyIsExpected(
  {
    kind,
    key,
    isProven,
  }: { readonly kind: KeySighting["kind"]; readonly key: string; readonly isProven: boolean },
  policy: Policy | null,
  now: number,
): boolean {
  if (policy === null) return false;
  const known = hintsOf(policy).get(key);
  if (known === undefined) return false;
  if (kind === "revoked-key") return !isAnybodys(known.builder, known.key, now);
  return isProven ? toHex(known.key.raw) === key : true;
}

function staterIn(rule: Rule, policy: Policy, { name }: Builder): boolean {
  return sourceStatersOf(rule, policy).some((one) => one.name === name);
}

/**
 * An envelope of nobody whom the policy knows is news in a builder's own feed only, which nobody else can write to: feeds that carry what others
 * hand them are full of strangers. Links and lists of the older forms are brought in from elsewhere, and are none either.
 */
async function strangersIn(
  attestation: Attestation,
  policy: Policy,
  covered: readonly Covered[],
  { place }: Standing,
  now: number,
): Promise<readonly Sighting[]> {
  const own = hintsOf(policy).get(place.key);
  // To the feed of a key that is anybody's, anybody writes.
  const owner = own === undefined || isAnybodys(own.builder, own.key, now) ? undefined : own.builder;
  const [first] = covered.filter(
    ({ rule, claim }) => owner !== undefined && claim.kind === "positive" && hasRole(rule, policy, owner),
  );
  const [signature] = attestation.signatures;
  if (owner === undefined || first === undefined || signature === undefined || attestation.form !== "dsse")
    return [];
  const keyid = signature.keyid ?? "";
  const octets = tried(() => fromHex(keyid, 32)) ?? sha256(utf8(keyid));
  const key = tried(() => ed25519Key(octets));
  const isProven = key !== null && (await verifying(() => verifyWith(attestation, key))) !== null;
  const { target, claim } = first;
  return [{ kind: "unknown-key", builder: owner.name, key: octets, isProven, target, step: claim.step }];
}
