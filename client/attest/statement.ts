import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import {
  buildFailed,
  buildLink,
  buildProvenance,
  MAX_SUMS_BYTES,
  parseSums,
  parseTarget,
} from "../../protocol/index.ts";
import type { How, Product } from "../../protocol/index.ts";
import { hashFile, identify, unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { Inputs } from "./inputs.ts";

/** What a statement says beside its subjects. */
export interface StatementOptions {
  readonly step: string;
  readonly how: How;
  readonly predicate: "link" | "slsa";
  /** Key id of the signer, for predicates that name it. */
  readonly keyId: string;
  /** ms since 1970. */
  readonly time: number;
}

/** A statement to be signed, and what it is about. */
export interface Draft {
  /** For the envelope's file name. */
  readonly name: string;
  readonly statement: Uint8Array;
  readonly products: readonly Product[];
}

/** The products that files are. Throws as `identify` and `hashFile`. */
export async function productsOf(
  paths: readonly string[],
  options: { readonly purl?: string; readonly debNamespace: string | null },
): Promise<readonly Product[]> {
  const products: Product[] = [];
  for (const path of paths) {
    const { target } = await identify(path, options);
    const { sha256 } = await hashFile(path);
    products.push({ target, file: target.file, sha256 });
  }
  return products;
}

/** The products that a list made by sha256sum names, all under one purl. A name listed twice is refused by the emitter. */
export async function productsOfSums(path: string, purl: string): Promise<readonly Product[]> {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(await readFile(path));
  } catch (error) {
    throw unreadable(path, error);
  }
  if (bytes.length > MAX_SUMS_BYTES) {
    throw new ClientError("input/too-big", `${path}: a list of sums has at most ${MAX_SUMS_BYTES} octets`);
  }
  return parseSums(bytes).rows.map((row) => {
    const target = parseTarget(purl, basename(row.file));
    return { target, file: target.file, sha256: row.sha256 };
  });
}

/** One statement for each product, or one for all. */
export function draft(
  products: readonly Product[],
  inputs: Inputs,
  options: StatementOptions,
  one: boolean,
): readonly Draft[] {
  const groups = one ? [products] : products.map((product) => [product]);
  return groups.map((group) => ({
    name: group[0]?.file ?? "",
    statement:
      options.predicate === "link" ? link(group, inputs, options) : provenance(group, inputs, options),
    products: group,
  }));
}

/** A signed negative result: the step gave no file (RULES R14: never evidence). */
export function draftFailure(
  purl: string,
  file: string,
  reason: string,
  inputs: Inputs,
  options: StatementOptions,
): Draft {
  const target = parseTarget(purl, file);
  const { step, how, time } = options;
  const statement = buildFailed([{ target, file, sha256: null }], { step, reason, how, time, ...inputs });
  return { name: file, statement, products: [] };
}

function link(products: readonly Product[], inputs: Inputs, options: StatementOptions): Uint8Array {
  const { step, how, time } = options;
  return buildLink(products, { step, how, time, command: [], ...inputs });
}

function provenance(products: readonly Product[], inputs: Inputs, options: StatementOptions): Uint8Array {
  const { keyId, how, time } = options;
  const builder = `https://samebits.dev/builder/${keyId}`;
  return buildProvenance(products, { builder, how, time, command: [], ...inputs });
}
