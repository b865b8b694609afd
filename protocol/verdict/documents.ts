/** Links and sublayouts among what sources handed over: parsed, and whose signatures on them hold. Only where a policy has layouts. */
import type { Attestation, Claim } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import { guiseName, keyIdKha, keyIdPlain, sha256Hex } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import type { SignedHead } from "../feed/index.ts";
import { asDocument, checkSigners, keysOf, parseDocument, placeOfFile } from "../intoto/index.ts";
import type { Document, LinkPlace } from "../intoto/index.ts";
import { MAX_LINK_DOCUMENTS, MAX_POLICY_FUNCTIONARIES, MAX_SUBLAYOUT_DEPTH } from "../limits.ts";
import type { Policy } from "../policy/index.ts";
import type { FoundDocument, RawDocument } from "./types.ts";

/** A document that could not be read, and why. */
export interface BadDocument {
  readonly path: string;
  readonly error: ProtocolError;
}

/** Where a document of a feed, or a loose one, may belong: a link says its step, and nothing says the folder. */
const ANYWHERE: Pick<LinkPlace, "step" | "folder"> = { step: null, folder: null };

interface Waiting {
  readonly document: Document;
  readonly octets: string;
  readonly claims: readonly Claim[];
  readonly place: LinkPlace;
  readonly head: SignedHead | null;
  readonly index: number | null;
  /** Of entries, which anybody may send in any number: only keys are tried that it names. Null = all. */
  readonly hints: ReadonlySet<string> | null;
}

/** Gathers documents, then finds out who signed them. */
export class DocumentDesk {
  readonly #keys = new Map<string, PublicKey>();
  readonly #waiting: Waiting[] = [];
  #files = 0;
  /** By the SHA-256 of what was signed. */
  readonly #said = new Map<string, Document>();

  constructor({ layouts }: Policy) {
    for (const { found } of layouts.values())
      if (found.kind === "good") this.#learn(keysOf(found.signed.document));
  }

  /**
   * An entry of a feed, with the head under which it is proven to stand, or a loose envelope. Of these whoever read them has bounded how many there
   * are; were some left out here, others' junk could take the place of dissent.
   */
  add(
    attestation: Attestation,
    from: {
      readonly signer: Uint8Array | null;
      readonly head: SignedHead | null;
      readonly index: number | null;
    },
  ): void {
    if (this.#keys.size === 0) return;
    const document = asDocument(attestation);
    if (document === null) return;
    const { signer, head, index } = from;
    const hints =
      signer === null
        ? null
        : new Set([toHex(signer), ...document.signatures.map(({ keyid }) => keyid ?? "")]);
    const label = signer === null ? "an envelope" : `feed ${head?.origin ?? "of a stranger"}`;
    const octets = sha256Hex(attestation.bytes);
    const { claims } = attestation;
    this.#waiting.push({ document, octets, claims, place: { label, ...ANYWHERE }, head, index, hints });
  }

  /** A file of a folder of links. Throws what `parseDocument` throws, and `layout/too-much`. */
  addFile({ path, bytes }: RawDocument): void {
    if (this.#keys.size === 0) return;
    if (++this.#files > MAX_LINK_DOCUMENTS)
      throw new ProtocolError("layout/too-much", `more than ${MAX_LINK_DOCUMENTS} documents of folders`);
    const document = this.#once(parseDocument(bytes));
    const octets = sha256Hex(bytes);
    const place = placeOfFile(path);
    this.#waiting.push({ document, octets, claims: [], place, head: null, index: null, hints: null });
  }

  /** All of them; of those that nobody known signed too, since a verdict says why it does not count them. */
  async collect(): Promise<readonly FoundDocument[]> {
    await this.#learnFromSublayouts();
    const found: FoundDocument[] = [];
    for (const one of this.#waiting) {
      const { octets, claims, head, index } = one;
      const signed = await checkSigners(one.document, this.#candidates(one), one.place);
      if (signed.signers.length === 0 && one.hints !== null) continue;
      found.push(Object.freeze({ ...signed, octets, claims, head, index }));
    }
    return Object.freeze(found);
  }

  /** Functionaries who did the same have signed the same octets: what these say, which is large, is held once. */
  #once(document: Document): Document {
    const name = sha256Hex(document.signedBytes);
    const same = this.#said.get(name);
    if (same === undefined) this.#said.set(name, document);
    const { signedBytes, content } = same ?? document;
    return Object.freeze({ ...document, signedBytes, content });
  }

  /** Whom a functionary's sublayout names may sign the links of its steps: round by round, since it may have sublayouts in turn. */
  async #learnFromSublayouts(): Promise<void> {
    const layouts = new Set(this.#waiting.filter(({ document }) => document.content.kind === "layout"));
    for (let depth = 0; depth < MAX_SUBLAYOUT_DEPTH && layouts.size > 0; depth++) {
      const known = this.#keys.size;
      for (const one of layouts) {
        const { signers } = await checkSigners(one.document, this.#candidates(one), one.place);
        if (signers.length === 0) continue;
        layouts.delete(one);
        this.#learn(keysOf(one.document));
      }
      if (this.#keys.size === known) return;
    }
  }

  #learn(keys: readonly PublicKey[]): void {
    for (const key of keys)
      if (this.#keys.size < MAX_POLICY_FUNCTIONARIES) this.#keys.set(guiseName(key), key);
  }

  #candidates({ hints }: Waiting): readonly PublicKey[] {
    const all = [...this.#keys.values()];
    if (hints === null) return all;
    // What an OpenPGP key is called by depends on who calls it; there are few of them.
    return all.filter((key) => key.type === "openpgp" || namesOf(key).some((name) => hints.has(name)));
  }
}

function namesOf(key: PublicKey): readonly string[] {
  return [toHex(key.raw), keyIdPlain(key), keyIdKha(key)];
}
