/** From the bytes that sources handed over to verified findings. Junk is counted and decides nothing (RULES R23). */
import { parseAttestation, verifyWith } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import { keyIdKha, keyIdPlain, publicKeyOf, sha256Hex } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { checkEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { checkConsistency, verifyCheckpoint, verifyCosignature, verifyEntryUnder } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { endingIn } from "../lifecycle/index.ts";
import type { Ending } from "../lifecycle/index.ts";
import type { Policy } from "../policy/index.ts";
import { DocumentDesk } from "./documents.ts";
import type { BadDocument } from "./documents.ts";
import { entryId, unique } from "./entries.ts";
import { withObjects } from "./git-objects.ts";
import type {
  Findings,
  FoundClaim,
  FoundCosignature,
  FoundHead,
  FoundJoin,
  RawDocument,
  RawEntry,
  RawFindings,
  RawHead,
  RawJoin,
} from "./types.ts";

export interface CollectOptions {
  readonly policy: Policy;
  readonly network: string;
  /** The user named these bytes (a bundle): the first that is bad rejects everything, whoever signed it. */
  readonly strict: boolean;
}

export interface Collected extends Pick<
  Findings,
  "entries" | "documents" | "heads" | "evidence" | "cosignatures" | "joins" | "endings"
> {
  /** By code: what was dropped. */
  readonly junk: ReadonlyMap<string, number>;
  /** Files of folders of links that are not used, and why. */
  readonly badDocuments: readonly BadDocument[];
  /** Attestations of keys that the policy doesn't have. */
  readonly strangers: number;
}

/** Verifies every octet. Never rejects on junk, unless strict: then with the code of what is wrong. */
export function collectFound(raw: RawFindings, options: CollectOptions): Promise<Collected> {
  const desk = new Desk(options);
  return Promise.all([
    each(raw.heads, (head) => desk.heads(head)),
    each(unique(raw.entries, entryId), (entry) => desk.entry(entry)),
    each(unique(raw.envelopes, sha256Hex), (envelope) => desk.envelope(envelope)),
    each(unique(raw.evidence, sha256Hex), (evidence) => desk.evidence(evidence)),
    each(raw.joins ?? [], (join) => desk.join(join)),
    each(raw.documents ?? [], (document) => desk.document(document)),
  ]).then(async ([heads, entries, envelopes, evidence, joins]) => ({
    documents: await desk.documents.collect(),
    badDocuments: desk.badDocuments,
    entries: Object.freeze(await withObjects([...entries, ...envelopes], options.policy, desk.count)),
    endings: Object.freeze(entries.flatMap(endingOfEntry)),
    heads: Object.freeze(heads),
    evidence: Object.freeze(evidence),
    cosignatures: Object.freeze([...desk.cosignatures]),
    joins: Object.freeze(joins),
    junk: desk.junk,
    strangers: desk.strangers,
  }));
}

/** Checks each item; what one throws, at once or later, rejects the whole. */
function each<Item, Value>(
  items: readonly Item[],
  check: (item: Item) => readonly Value[] | Promise<readonly Value[]>,
): Promise<readonly Value[]> {
  return Promise.all(items.map((item) => Promise.resolve(item).then(check))).then((found) => found.flat());
}

interface PolicyKey {
  readonly builder: string;
  readonly key: PublicKey;
}

/** Checks one item after the other against one policy, and keeps count of what it drops. */
class Desk {
  readonly junk = new Map<string, number>();
  strangers = 0;
  /** Of every checkpoint that was seen, by witnesses of the policy. */
  readonly cosignatures: FoundCosignature[] = [];
  readonly documents: DocumentDesk;
  readonly badDocuments: BadDocument[] = [];
  readonly #options: CollectOptions;
  /** By hex of the raw key and by both key ids: the ways in which bytes hint at who signed them. */
  readonly #keys = new Map<string, PolicyKey>();
  readonly #all: readonly PolicyKey[];
  /** Many entries share a checkpoint: each is verified once. */
  readonly #checkpoints = new Map<string, SignedHead | null>();

  constructor(options: CollectOptions) {
    this.#options = options;
    this.documents = new DocumentDesk(options.policy);
    this.#all = [...options.policy.builders.values()].flatMap(({ name, keys }) =>
      keys.map((key) => ({ builder: name, key })),
    );
    for (const one of this.#all) {
      for (const hint of [toHex(one.key.raw), keyIdPlain(one.key), keyIdKha(one.key)]) {
        this.#keys.set(hint, one);
      }
    }
  }

  heads({ checkpoint, timed, complete }: RawHead): readonly FoundHead[] {
    const head = this.#checkpoint(checkpoint);
    const clock = timed === null ? null : this.#checkpoint(timed);
    return [
      ...(head === null ? [] : [{ head, complete }]),
      ...(clock === null ? [] : [{ head: clock, complete: false }]),
    ];
  }

  entry(raw: RawEntry): Promise<readonly FoundClaim[]> {
    const attestation = this.#try(() => parseAttestation(raw.entry));
    if (attestation === null) return Promise.resolve([]);
    const candidates = this.#candidates(attestation, toHex(raw.signer));
    if (candidates.length === 0) {
      this.documents.add(attestation, { signer: raw.signer, head: null, index: null });
      return this.#stranger(attestation, raw);
    }
    const head = this.#proof(raw);
    const index = head === null ? null : raw.index;
    this.documents.add(attestation, { signer: raw.signer, head, index });
    return this.#verify(attestation, candidates, head, index);
  }

  /** Loose envelopes come from files that the user named: key ids are hints, so every key of the policy is tried. */
  envelope(bytes: Uint8Array): Promise<readonly FoundClaim[]> {
    const attestation = this.#try(() => parseAttestation(bytes));
    if (attestation === null) return Promise.resolve([]);
    this.documents.add(attestation, { signer: null, head: null, index: null });
    const hinted = this.#candidates(attestation, "");
    return this.#keep(
      this.#signers(attestation, hinted)
        .then((claims) => {
          const isEverySigner = claims.length >= attestation.signatures.length;
          return isEverySigner ? claims : this.#signers(attestation, this.#all);
        })
        .then((claims) => {
          if (claims.length > 0) return claims;
          if (hinted.length > 0) return refuse(namesOf(hinted));
          this.strangers++;
          return [];
        }),
    );
  }

  evidence(bytes: Uint8Array): Promise<readonly Evidence[]> {
    return this.#keep(checkEvidence(bytes).then((evidence) => [evidence]));
  }

  /** A file out of a folder: what can't be read is named, so that whoever brought it knows. */
  document(raw: RawDocument): readonly never[] {
    try {
      this.documents.addFile(raw);
    } catch (error) {
      this.#drop(error);
      if (error instanceof ProtocolError) this.badDocuments.push({ path: raw.path, error });
    }
    return [];
  }

  join({ small, large, proof }: RawJoin): readonly FoundJoin[] {
    const [one, other] = [this.#checkpoint(small), this.#checkpoint(large)];
    if (one === null || other === null) return [];
    const joined = this.#try(() => joinOf(one, other, proof));
    return joined === null ? [] : [joined];
  }

  #candidates(attestation: Attestation, signer: string): readonly PolicyKey[] {
    const hints = [signer, ...attestation.signatures.map(({ keyid }) => keyid ?? "")];
    return [...new Set(hints.map((hint) => this.#keys.get(hint)).filter((one) => one !== undefined))];
  }

  /** Somebody whom the policy doesn't know: counted. Of a file that the user named, it must hold all the same. */
  #stranger(attestation: Attestation, raw: RawEntry): Promise<readonly FoundClaim[]> {
    this.strangers++;
    if (!this.#options.strict) return Promise.resolve([]);
    this.#proof(raw);
    return Promise.resolve()
      .then(() => verifyWith(attestation, publicKeyOf(raw.signer)))
      .then((verified) => (verified === null ? refuse(toHex(raw.signer)) : []));
  }

  #verify(
    attestation: Attestation,
    candidates: readonly PolicyKey[],
    head: SignedHead | null,
    index: number | null,
  ): Promise<readonly FoundClaim[]> {
    return this.#keep(
      this.#signers(attestation, candidates, head, index).then((claims) =>
        claims.length > 0 ? claims : refuse(namesOf(candidates)),
      ),
    );
  }

  /** The claims of those among `keys` that signed. */
  #signers(
    attestation: Attestation,
    keys: readonly PolicyKey[],
    head: SignedHead | null = null,
    index: number | null = null,
  ): Promise<readonly FoundClaim[]> {
    return each(keys, ({ builder, key }) =>
      verifyWith(attestation, key).then((verified) =>
        verified === null ? [] : [Object.freeze({ verified, builder, head, index })],
      ),
    );
  }

  /** The head under which the entry is proven to stand; an envelope whose proof fails still proves itself (RULES R16). */
  #proof({ entry, index, path, checkpoint }: RawEntry): SignedHead | null {
    const head = this.#checkpoint(checkpoint);
    return head === null ? null : this.#try(() => verifyEntryUnder(head, entry, index, path).head);
  }

  #checkpoint(note: Uint8Array): SignedHead | null {
    const id = sha256Hex(note);
    const known = this.#checkpoints.get(id);
    if (known !== undefined) return known;
    const head = this.#try(() => verifyCheckpoint(note, this.#options.network));
    this.#checkpoints.set(id, head);
    if (head !== null) this.#cosigned(head);
    return head;
  }

  /** What witnesses of the policy say beside a head; a bad line of one is junk, and the head holds all the same. */
  #cosigned(head: SignedHead): void {
    for (const { name, cosigner } of this.#options.policy.witnesses.values()) {
      const time = this.#try(() => verifyCosignature(head.note, cosigner));
      if (time !== null) this.cosignatures.push(Object.freeze({ witness: name, head, timeMs: 1_000 * time }));
    }
  }

  #try<Value>(read: () => Value): Value | null {
    try {
      return read();
    } catch (error) {
      this.#drop(error);
      return null;
    }
  }

  #keep<Value>(promise: Promise<readonly Value[]>): Promise<readonly Value[]> {
    return promise.catch((error: unknown) => {
      this.#drop(error);
      return [];
    });
  }

  #drop(error: unknown): void {
    if (this.#options.strict || !(error instanceof ProtocolError)) throw error;
    this.count(error);
  }

  /** What is wrong inside of something that holds itself is nobody's bad bytes but its signer's. */
  readonly count = ({ code }: ProtocolError): void => {
    this.junk.set(code, (this.junk.get(code) ?? 0) + 1);
  };
}

/** What an entry that is proven to stand in a feed says of the end of one. */
function endingOfEntry({ verified, head, index }: FoundClaim): readonly Ending[] {
  const ending = head === null || index === null ? null : endingIn(verified, head.origin, index);
  return ending === null ? [] : [ending];
}

/** Throws `tree/…` where the proof does not lead from the one to the other, and `checkpoint/bad-origin` where they are of two feeds. */
function joinOf(small: SignedHead, large: SignedHead, proof: readonly Uint8Array[]): FoundJoin {
  if (small.origin !== large.origin)
    throw new ProtocolError("checkpoint/bad-origin", "heads of two feeds are joined by nothing");
  checkConsistency(small.size, large.size, small.root, large.root, proof);
  return Object.freeze({ small, large });
}

function namesOf(keys: readonly PolicyKey[]): string {
  return keys.map(({ builder }) => builder).join(", ");
}

function refuse(who: string): never {
  throw new ProtocolError("verdict/bad-signature", `no signature of the envelope is by ${who}`);
}
