import { join } from "node:path";
import { MAX_SUBJECTS, readJson, record, sha256Hex, toHex, utf8 } from "../../protocol/index.ts";
import type { Product, Target } from "../../protocol/index.ts";
import { readIfThere } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { locked } from "../lock.ts";
import { writeWhole } from "../write-file.ts";
import type { PastClaim } from "./past.ts";

const MAX_ROW_BYTES = 256 * 1024;
const MAX_CLAIMS = 1_024;
/** ms that a command waits for another one that signs with the same key. */
const PATIENCE_MS = 60_000;

/**
 * What each key has attested on this machine, one small file a target and step in the data directory. It keeps a builder from
 * contradicting itself by accident (RULES R13); what was attested elsewhere is known only to the node's feed.
 */
export class Ledger {
  readonly #folder: string;

  constructor(dataDir: string, keyId: string) {
    this.#folder = join(dataDir, "attested", keyId);
  }

  /**
   * Runs `use`, which looks at what was attested and adds to it, while no other command does so with this key. Throws `output/cannot-write` where
   * another takes too long. Where nothing can be remembered, nothing is waited for.
   */
  async exclusively<Value>(use: () => Promise<Value>): Promise<Value> {
    let began = false;
    const begin = (): Promise<Value> => {
      began = true;
      return use();
    };
    try {
      makeFolder(this.#folder, 0o700);
      return await locked(join(this.#folder, "lock"), "output/cannot-write", begin, PATIENCE_MS);
    } catch (error) {
      // That there is no room for a lock has a cause, that another holds it has none.
      if (began || !(error instanceof ClientError) || error.cause === undefined) throw error;
      return use();
    }
  }

  /** Live claims on a target and step. Throws `input/unreadable` for a row that cannot be read. */
  async claims(target: Target, step: string): Promise<readonly PastClaim[]> {
    const path = this.#path(target, step);
    try {
      const row = readIfThere(path, MAX_ROW_BYTES);
      return row === null ? [] : readRow(row, path);
    } catch (error) {
      throw unusable(path, error);
    }
  }

  /** Remembers that attestation `id`, which is about `files` files, says this of the product. */
  async remember(product: Product, step: string, id: string, files: number): Promise<void> {
    const { target } = product;
    if (target === null) return;
    const kept = (await this.claims(target, step)).filter((claim) => claim.id !== id);
    await this.#write(
      target,
      step,
      [...kept, { sha256: toHex(product.sha256), id, files }].slice(-MAX_CLAIMS),
    );
  }

  /** Forgets a claim that was taken back. */
  async forget(target: Target, step: string, id: string): Promise<void> {
    const past = await this.claims(target, step);
    const kept = past.filter((claim) => claim.id !== id);
    if (kept.length < past.length) await this.#write(target, step, kept);
  }

  async #write(target: Target, step: string, claims: readonly PastClaim[]): Promise<void> {
    makeFolder(this.#folder, 0o700);
    const row = { purl: target.purl, file: target.file, step, claims };
    await writeWhole(this.#path(target, step), `${JSON.stringify(row)}\n`, { replace: true });
  }

  #path(target: Target, step: string): string {
    return join(this.#folder, `${sha256Hex(target.key, utf8(step))}.json`);
  }
}

function readRow(bytes: Uint8Array, path: string): readonly PastClaim[] {
  const root = record(readJson(bytes, { maxBytes: MAX_ROW_BYTES }), path);
  return root.list("claims", MAX_CLAIMS).map((item) => {
    const claim = item.record();
    return {
      sha256: toHex(claim.member("sha256").hex(32)),
      id: toHex(claim.member("id").hex(32)),
      files: claim.integer("files", 1, MAX_SUBJECTS),
    };
  });
}

function unusable(path: string, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError(
    "input/unreadable",
    `${path}: cannot tell what this key has attested before: ${why}; delete the file if it is broken`,
    { cause: error },
  );
}
