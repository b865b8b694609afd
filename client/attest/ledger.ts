import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson, record, sha256Hex, toHex, utf8 } from "../../protocol/index.ts";
import type { Product, Target } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { writeWhole } from "../write-file.ts";

const MAX_ROW_BYTES = 64 * 1024;
const MAX_CLAIMS = 1_024;

/** A claim that a key of this machine has made before. */
export interface PastClaim {
  readonly sha256: string;
  /** Claim id. */
  readonly id: string;
  readonly target: Target;
}

/**
 * What each key has attested on this machine, one small file a target and step in the data directory. It keeps a builder from
 * contradicting itself by accident (RULES R13); what was attested elsewhere is known only to the node's feed.
 */
export class Ledger {
  readonly #folder: string;

  constructor(dataDir: string, keyId: string) {
    this.#folder = join(dataDir, "attested", keyId);
  }

  /** Live claims on the product's target and step with another digest. */
  async conflicts(product: Product, step: string): Promise<readonly PastClaim[]> {
    const { target } = product;
    if (target === null) return [];
    const past = await this.#read(target, step);
    return past
      .filter((claim) => claim.sha256 !== toHex(product.sha256))
      .map((claim) => ({ ...claim, target }));
  }

  /** Remembers a claim, and forgets those that it replaces. */
  async remember(product: Product, step: string, id: string): Promise<void> {
    const { target } = product;
    if (target === null) return;
    const sha256 = toHex(product.sha256);
    const kept = (await this.#read(target, step)).filter(
      (claim) => claim.sha256 === sha256 && claim.id !== id,
    );
    await this.#write(target, step, [...kept, { sha256, id }]);
  }

  /** Forgets a claim that was taken back. */
  async forget(target: Target, step: string, id: string): Promise<void> {
    const past = await this.#read(target, step);
    if (past.some((claim) => claim.id === id)) {
      await this.#write(
        target,
        step,
        past.filter((claim) => claim.id !== id),
      );
    }
  }

  async #read(target: Target, step: string): Promise<readonly Omit<PastClaim, "target">[]> {
    const path = this.#path(target, step);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw new ClientError("input/unreadable", `${path}: cannot be read: ${String(error)}`, {
        cause: error,
      });
    }
    const root = record(readJson(bytes, { maxBytes: MAX_ROW_BYTES }), path);
    return root.list("claims", MAX_CLAIMS).map((item) => {
      const claim = item.record();
      return { sha256: toHex(claim.member("sha256").hex(32)), id: toHex(claim.member("id").hex(32)) };
    });
  }

  async #write(target: Target, step: string, claims: readonly Omit<PastClaim, "target">[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const row = { purl: target.purl, file: target.file, step, claims };
    await writeWhole(this.#path(target, step), `${JSON.stringify(row)}\n`, { replace: true });
  }

  #path(target: Target, step: string): string {
    return join(this.#folder, `${sha256Hex(target.key, utf8(step))}.json`);
  }
}
