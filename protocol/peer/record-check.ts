/** What a record must be before it is kept (RULES R25): all from its octets alone but the signature, which the driver checks. */
import { claimId, signatureItems } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { equalBytes, toHex, tried } from "../bytes/index.ts";
import { publicKeyOf, sha256 } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { verifyCheckpoint, verifyEntryUnder } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { MAX_RECORD_CHECKPOINTS } from "../limits.ts";
import type { StoredRecord } from "../wire/index.ts";
import { readable } from "./readable.ts";
import { keysOf, slotsOf } from "./slots.ts";
import type { SignatureItem } from "./signature-item.ts";

/** An envelope and who is said to have signed it: the signer did if one of the items holds. */
export interface Envelope {
  readonly attestation: Attestation;
  readonly signer: PublicKey;
  readonly claimId: string;
  readonly slots: readonly Uint8Array[];
  readonly items: readonly SignatureItem[];
}

/** A record whose proof holds. */
export interface CheckedRecord {
  readonly record: StoredRecord;
  readonly envelope: Envelope;
  readonly head: SignedHead;
}

/** Checks the records of one question, in which checkpoints and envelopes come more than once: each costs a signature once. */
export class RecordCheck {
  readonly #network: string;
  readonly #heads = new Map<string, SignedHead>();
  readonly #envelopes = new Map<string, Envelope | null>();

  constructor(network: string) {
    this.#network = network;
  }

  /** The record, or null where it is not to be kept. */
  check(record: StoredRecord): CheckedRecord | null {
    return tried(() => this.#checked(record));
  }

  #checked(record: StoredRecord): CheckedRecord | null {
    const envelope = this.#envelopeOf(record);
    if (envelope === null || !envelope.slots.some((slot) => equalBytes(slot, record.slot))) return null;
    const head = this.#headOf(record.checkpoint);
    if (head === null || head.origin !== record.origin) return null;
    verifyEntryUnder(head, record.envelope, record.index, record.path);
    return { record, envelope, head };
  }

  #envelopeOf(record: StoredRecord): Envelope | null {
    const name = toHex(sha256(record.signer, record.envelope));
    const known = this.#envelopes.get(name);
    if (known !== undefined) return known;
    const envelope = readEnvelope(record);
    this.#envelopes.set(name, envelope);
    return envelope;
  }

  #headOf(note: Uint8Array): SignedHead | null {
    const name = toHex(note);
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    if (this.#heads.size >= MAX_RECORD_CHECKPOINTS) return null;
    const head = verifyCheckpoint(note, this.#network);
    this.#heads.set(name, head);
    return head;
  }
}

function readEnvelope(record: StoredRecord): Envelope | null {
  const attestation = readable(record.envelope);
  if (attestation === null) return null;
  const signer = publicKeyOf(record.signer);
  const items = signatureItems(attestation, signer);
  if (items.length === 0) return null;
  const slots = keysOf(attestation, signer.raw).flatMap(slotsOf);
  return { attestation, signer, claimId: claimId(signer.raw, attestation.signedBytes), slots, items };
}
