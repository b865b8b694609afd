/** What a record must be before it is kept (RULES R25): all from its octets alone but the signature, which the driver checks. */
import { claimId, signatureItems } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { equalBytes } from "../bytes/index.ts";
import { publicKeyOf } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { verifyCheckpoint, verifyEntryUnder } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_RECORD_CHECKPOINTS } from "../limits.ts";
import type { StoredRecord } from "../wire/index.ts";
import { readable } from "./readable.ts";
import { keysOf, slotsOf } from "./slots.ts";
import type { SignatureItem } from "./types.ts";

/** A record whose proof holds; whether its signer signed is told by `items`. */
export interface CheckedRecord {
  readonly record: StoredRecord;
  readonly attestation: Attestation;
  readonly signer: PublicKey;
  readonly claimId: string;
  readonly head: SignedHead;
  readonly items: readonly SignatureItem[];
}

/** Checks the records of one question. Few checkpoints stand in one: each costs a signature. */
export class RecordCheck {
  readonly #network: string;
  readonly #heads = new Map<string, SignedHead>();

  constructor(network: string) {
    this.#network = network;
  }

  /** The record, or null where it is not to be kept. */
  check(record: StoredRecord): CheckedRecord | null {
    try {
      return this.#checked(record);
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }

  #checked(record: StoredRecord): CheckedRecord | null {
    const attestation = readable(record.envelope);
    if (attestation === null) return null;
    const signer = publicKeyOf(record.signer);
    const slots = keysOf(attestation, signer.raw).flatMap(slotsOf);
    if (!slots.some((slot) => equalBytes(slot, record.slot))) return null;
    const head = this.#headOf(record.checkpoint);
    if (head === null || head.origin !== record.origin) return null;
    verifyEntryUnder(head, record.envelope, record.index, record.path);
    const items = signatureItems(attestation, signer);
    if (items.length === 0) return null;
    return {
      record,
      attestation,
      signer,
      claimId: claimId(signer.raw, attestation.signedBytes),
      head,
      items,
    };
  }

  #headOf(note: Uint8Array): SignedHead | null {
    const name = note.join();
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    if (this.#heads.size >= MAX_RECORD_CHECKPOINTS) return null;
    const head = verifyCheckpoint(note, this.#network);
    this.#heads.set(name, head);
    return head;
  }
}
