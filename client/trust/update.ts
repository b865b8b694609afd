/** Pins domains and brings what is kept of them up to date. */
import {
  documentPath,
  fingerprintOf,
  formatTime,
  MAX_TRUST_ROLES,
  parseFingerprint,
  toHex,
} from "../../protocol/index.ts";
import type { Root } from "../../protocol/index.ts";
import type { TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { domainOf, lastOf, nameOctets, namedBy, openDomain } from "./domain.ts";
import type { Domain, Octets } from "./domain.ts";
import { removedBetween } from "./removed.ts";
import { lastingPlace } from "./source.ts";
import { MAX_FROM } from "./state.ts";
import type { DomainState, Split } from "./state.ts";
import type { TrustStore } from "./store.ts";
import { fetchFirst, RootWalk, TargetsWalk } from "./walk.ts";

/** How a domain is now, and what did not go well. */
export interface Updated {
  readonly domain: Domain;
  /** Sources that were not used, and what of the others is not. */
  readonly failures: readonly ClientError[];
}

export interface AddOptions {
  /** What the user was given by those whom they trust; null = the source's word, at first use. */
  readonly fingerprint: string | null;
  readonly sources: readonly TrustSource[];
  /** ms since 1970. */
  readonly now: number;
}

/**
 * Pins a domain; one that is pinned already gets these sources too. Throws `trust/bad-fingerprint`, and of the first source
 * `trust/unreachable`, `trust/bad-document`; a domain that can't be read whole is not pinned.
 */
export async function addDomain(
  store: TrustStore,
  { fingerprint, sources, now }: AddOptions,
): Promise<Updated> {
  const pin = fingerprint === null ? null : parseFingerprint(fingerprint);
  const [first, unused] = await firstFrom(sources, pin);
  const { domain } = first;
  return store.change(domain, async () => {
    const state = store.state(domain);
    const known = state === null ? null : openDomain(store, domain);
    const places = [...(state?.from ?? []), ...sources.map(({ name, place }) => place ?? lastingPlace(name))];
    const next: DomainState = {
      domain,
      verified: pin !== null || state?.verified === true,
      from: [...new Set(places)].slice(-MAX_FROM),
      pinned: state?.pinned ?? now,
      updated: state?.updated ?? null,
      roots: state?.roots ?? [],
      documents: state?.documents ?? new Map(),
      removed: state?.removed ?? [],
      split: state?.split ?? null,
    };
    const updated = await bringUp(store, next, known, known?.roots ?? [first], sources, now);
    return { ...updated, failures: [...unused, ...updated.failures] };
  });
}

/** Asks the sources for what is newer. Throws where none of them could be used: with what the first failed with. */
export async function updateDomain(
  store: TrustStore,
  fingerprint: string,
  sources: readonly TrustSource[],
  now: number,
): Promise<Updated> {
  return store.change(fingerprint, async () => {
    const known = openDomain(store, fingerprint);
    return bringUp(store, known.state, known, known.roots, sources, now);
  });
}

async function firstFrom(
  sources: readonly TrustSource[],
  pin: string | null,
): Promise<readonly [Root, readonly ClientError[]]> {
  const failures: ClientError[] = [];
  for (const source of sources) {
    try {
      return [await fetchFirst(source, pin, fingerprintOf), failures];
    } catch (error) {
      failures.push(failureOf(error));
    }
  }
  throw (
    failures[0] ??
    new ClientError("usage/nothing-to-do", "no place to get the domain from: name one with --from")
  );
}

async function bringUp(
  store: TrustStore,
  state: DomainState,
  known: Domain | null,
  roots: Domain["roots"],
  sources: readonly TrustSource[],
  now: number,
): Promise<Updated> {
  const walk = new RootWalk(roots);
  const failures: ClientError[] = [];
  const good: TrustSource[] = [];
  for (const source of sources) {
    try {
      await walk.take(source);
      good.push(source);
    } catch (error) {
      failures.push(failureOf(error));
    }
  }
  const targets = new TargetsWalk(lastOf(walk.roots), keptBy(store, state), known?.targets);
  let read = 0;
  for (const source of walk.split === null ? good : []) {
    try {
      await targets.take(source);
      read++;
    } catch (error) {
      failures.push(failureOf(error));
    }
  }
  failures.push(...targets.failures);
  const split = splitOf(walk.split, now) ?? state.split;
  // What was not pinned, and can't be read whole, is not pinned now.
  if (read === 0 && split === null && known === null && failures[0] !== undefined) throw failures[0];
  const domain = await keep(store, {
    state,
    known,
    walk,
    targets,
    split,
    updated: read > 0 ? now : state.updated,
    now,
  });
  if (read === 0 && split === null && failures[0] !== undefined) throw failures[0];
  return { domain, failures };
}

interface Fetched {
  readonly state: DomainState;
  readonly known: Domain | null;
  readonly walk: RootWalk;
  readonly targets: TargetsWalk;
  readonly split: Split | null;
  readonly updated: number | null;
  readonly now: number;
}

async function keep(
  store: TrustStore,
  { state, known, walk, targets, split, updated, now }: Fetched,
): Promise<Domain> {
  const { roots } = walk;
  const documents = new Map(state.documents);
  for (const [path, bytes] of targets.documents) documents.set(path, nameOctets(bytes));
  const next: DomainState = {
    ...state,
    updated,
    split,
    documents,
    roots: roots.map(({ bytes }) => nameOctets(bytes)),
  };
  const after = domainOf(bounded(next, roots, targets.octets), roots, targets.octets);
  const removed = removedBetween(known, after, now);
  const isProven = split !== null && (walk.proof !== null || store.proof(state.domain) !== null);
  const proof = isProven ? store.proofFile(state.domain) : null;
  const domain: Domain = { ...after, state: { ...after.state, removed }, proof };
  const octets = [
    ...roots.map(({ bytes }) => bytes),
    ...(walk.split ?? []).map(({ bytes }) => bytes),
    ...targets.documents.values(),
    ...targets.files.values(),
  ];
  if (walk.proof !== null) await store.keepProof(state.domain, walk.proof);
  await store.keep(domain.state, octets);
  // Who began to read before this finds what the state before named; the next update takes that away.
  store.sweep(state.domain, new Set([...namedBy(domain), ...(known === null ? [] : namedBy(known))]));
  return domain;
}

/** Without documents of roles to which nothing is delegated any more, where there would be too many. */
function bounded(state: DomainState, roots: Domain["roots"], octets: Octets): DomainState {
  if (state.documents.size <= MAX_TRUST_ROLES) return state;
  const { targets } = domainOf(state, roots, octets);
  const present = new Set([...targets.values()].map(({ role }) => documentPath({ role })));
  return { ...state, documents: new Map([...state.documents].filter(([path]) => present.has(path))) };
}

function splitOf(seen: RootWalk["split"], now: number): Split | null {
  if (seen === null) return null;
  const [one, other] = seen;
  return {
    version: one.version,
    roots: [nameOctets(one.bytes), nameOctets(other.bytes)],
    time: Date.parse(formatTime(now)),
  };
}

function keptBy(store: TrustStore, { domain, documents }: DomainState): Octets {
  return {
    document(path) {
      const sha256 = documents.get(path);
      return sha256 === undefined ? null : store.find(domain, sha256);
    },
    file: ({ sha256 }) => store.find(domain, toHex(sha256)),
  };
}

function failureOf(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  throw error;
}
