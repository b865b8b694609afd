import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  concat,
  MAX_PINNED_DOMAINS,
  MAX_SPLIT_BYTES,
  MAX_TARGET_FILE_BYTES,
  MAX_TRUST_STATE_BYTES,
  ProtocolError,
  sha256Hex,
  utf8,
} from "../../protocol/index.ts";
import { readIfThere, readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { locked } from "../lock.ts";
import { writeWhole } from "../write-file.ts";
import { readState, writeState } from "./state.ts";
import type { DomainState } from "./state.ts";

const STATE = "state.json";
const OBJECTS = "objects";
const EVIDENCE = "evidence";
const DOMAIN = /^[0-9a-f]{64}$/;

/**
 * The domains that are pinned on this machine, in `DATA/trust/FINGERPRINT`: `state.json`, and documents and files in `objects/SHA256`. What
 * is new is written first and `state.json` at last: a crash leaves the one or the other state, whole. Nothing that is read here is believed
 * for that: hashes and signatures are checked again.
 */
export class TrustStore {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "trust");
  }

  /** Fingerprints, in order. */
  domains(): readonly string[] {
    return namesIn(this.#folder)
      .filter((name) => DOMAIN.test(name) && namesIn(join(this.#folder, name)).includes(STATE))
      .toSorted();
  }

  /** Null where it is not pinned. Throws `trust/bad-document` for what can't be read. */
  state(domain: string): DomainState | null {
    const path = join(this.#folder, domain, STATE);
    const bytes = readIfThere(path, MAX_TRUST_STATE_BYTES);
    if (bytes === null) return null;
    try {
      const state = readState(bytes);
      if (state.domain === domain) return state;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw broken(path, error.message, error);
    }
    // Verdicts and messages name it by that.
    throw broken(path, "it is of another domain than its folder");
  }

  /** Octets by their SHA-256; null where they are not there, or are others. */
  find(domain: string, sha256: string): Uint8Array | null {
    const bytes = readIfThere(this.#object(domain, sha256), MAX_TARGET_FILE_BYTES);
    return bytes !== null && sha256Hex(bytes) === sha256 ? bytes : null;
  }

  /** The same, where they have to be there. Throws `input/missing`, `trust/bad-document`. */
  object(domain: string, sha256: string): Uint8Array {
    const path = this.#object(domain, sha256);
    const bytes = readWhole(path, MAX_TARGET_FILE_BYTES);
    if (sha256Hex(bytes) !== sha256) throw broken(path, "it has other octets than its name says");
    return bytes;
  }

  /** Runs `use` while no other command changes the domain. Throws `trust/busy`, `output/cannot-write`. */
  async change<Value>(domain: string, use: () => Promise<Value>): Promise<Value> {
    makeFolder(this.#folder, 0o700);
    return locked(join(this.#folder, `${domain}.lock`), "trust/busy", use);
  }

  /** Keeps a domain in its new state, with the octets that it needs beside those that are kept. Call it inside of `change`. */
  async keep(state: DomainState, octets: Iterable<Uint8Array>): Promise<void> {
    const { domain } = state;
    const folder = join(this.#folder, domain);
    if (this.state(domain) === null && this.domains().length >= MAX_PINNED_DOMAINS)
      throw new ClientError("usage/bad-option", `${MAX_PINNED_DOMAINS} domains are pinned: remove one first`);
    makeFolder(join(folder, OBJECTS), 0o700);
    for (const bytes of octets) {
      const sha256 = sha256Hex(bytes);
      if (this.find(domain, sha256) === null)
        await writeWhole(this.#object(domain, sha256), bytes, { mode: 0o600, replace: true });
    }
    await writeWhole(join(folder, STATE), writeState(state), { mode: 0o600, replace: true });
  }

  /** Where the proof stands that a domain has split. It stays when the domain is removed: evidence is not forgotten. */
  proofFile(domain: string): string {
    return join(this.#folder, EVIDENCE, `${domain}.json`);
  }

  /** The proof; null where there is none. */
  proof(domain: string): Uint8Array | null {
    return readIfThere(this.proofFile(domain), MAX_SPLIT_BYTES + 1);
  }

  /** Keeps a proof as one line; the first one for a domain is enough. */
  async keepProof(domain: string, line: Uint8Array): Promise<void> {
    if (this.proof(domain) !== null) return;
    makeFolder(join(this.#folder, EVIDENCE), 0o700);
    await writeWhole(this.proofFile(domain), concat(line, utf8("\n")), { mode: 0o600, replace: true });
  }

  /** Removes octets that nothing names any more. */
  sweep(domain: string, named: ReadonlySet<string>): void {
    const folder = join(this.#folder, domain, OBJECTS);
    for (const name of namesIn(folder)) if (!named.has(name)) rmSync(join(folder, name), { force: true });
  }

  /** Forgets a domain, but not the proof that it has split. Call it inside of `change`. */
  remove(domain: string): void {
    const folder = join(this.#folder, domain);
    // First what makes it one: a crash leaves nothing that looks pinned.
    rmSync(join(folder, STATE), { force: true });
    rmSync(folder, { recursive: true, force: true });
  }

  #object(domain: string, sha256: string): string {
    return join(this.#folder, domain, OBJECTS, sha256);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function broken(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError(
    "trust/bad-document",
    `${path}: what is kept of the domain is broken: ${why}; remove it (samebits trust remove) and add it again`,
    { cause },
  );
}
