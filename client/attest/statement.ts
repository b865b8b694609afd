import { basename } from "node:path";
import {
  buildFailed,
  buildLegacyLink,
  buildLink,
  buildProvenance,
  MAX_SUMS_BYTES,
  parseSums,
  ProtocolError,
} from "../../protocol/index.ts";
import type { CommandRun, Descriptor, How, Product } from "../../protocol/index.ts";
import { identify, parseFile, readWhole, steady, targetOf } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { Inputs } from "./inputs.ts";
import { madeAt, subjectsOf } from "./normal-form.ts";
import type { FormWish, Made } from "./normal-form.ts";
import type { PredicateKind } from "./predicate.ts";
import type { Form } from "./seal.ts";
import { stepLink } from "./step-link.ts";

/** What a statement says beside its subjects. */
export interface StatementOptions {
  readonly step: string;
  readonly how: How;
  readonly predicate: PredicateKind;
  /** Key id of the signer, for predicates that name it. */
  readonly keyId: string;
  /** ms since 1970. */
  readonly time: number;
  /** The command that gave it, where samebits ran it itself. */
  readonly run?: CommandRun;
  /** The same where it did not. */
  readonly command?: readonly string[];
  /** What the command printed; of links of steps. */
  readonly said?: { readonly stdout: string; readonly stderr: string } | null;
  /** Commits and tags that came out; of links of steps. */
  readonly commits?: readonly Descriptor[];
  /** Why the result is another than was to be expected; of links. */
  readonly reason?: string;
}

/** A statement to be signed, and what it is about. */
export interface Draft {
  /** For the envelope's file name. */
  readonly name: string;
  readonly form: Form;
  /** A Statement, or the `signed` part of a link. */
  readonly statement: Uint8Array;
  readonly products: readonly Product[];
}

/** The products that files are. Throws as `identify` and `madeAt`. */
export async function productsOf(
  paths: readonly string[],
  options: { readonly purl?: string; readonly debNamespace: string | null },
  forms: FormWish,
): Promise<readonly Made[]> {
  const products: Made[] = [];
  for (const path of paths) {
    const made = async (): Promise<Made> => {
      const { target } = await identify(path, options);
      return madeAt(path, { target, file: target.file }, forms);
    };
    products.push(await steady(path, made));
  }
  return products;
}

/** The products that a list made by sha256sum names, all under one purl. A name listed twice is refused by the emitter. */
export function productsOfSums(path: string, purl: string): readonly Product[] {
  const bytes = readWhole(path, MAX_SUMS_BYTES);
  const { rows } = parseFile(path, () => parseSums(bytes));
  return rows.map(({ file, sha256 }) => {
    const target = targetOf(purl, basename(file));
    return { target, file: target.file, sha256 };
  });
}

/** One statement for each product, or one for all; of a step there is but one link. */
export function draft(
  products: readonly Made[],
  inputs: Inputs,
  options: StatementOptions,
  one: boolean,
): readonly Draft[] {
  const { predicate, step } = options;
  const groups = one || predicate === "step-link" ? [products] : products.map((product) => [product]);
  return groups.map(subjectsOf).map((group) => ({
    name: predicate === "step-link" ? step : (group[0]?.file ?? ""),
    form: FORMS.get(predicate) ?? "dsse",
    statement: stated(() => SAY[predicate](group, inputs, options)),
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
  const target = targetOf(purl, file);
  const { step, how, time, run = null } = options;
  const statement = stated(() =>
    buildFailed([{ target, file, sha256: null }], { step, reason, how, time, run, ...inputs }),
  );
  return { name: file, form: "dsse", statement, products: [] };
}

/** Throws `usage/bad-option` for what no statement can say of a step, before that has run. */
export function assertSayable(inputs: Inputs, options: StatementOptions): void {
  const anything: Product = { target: null, file: "product", sha256: new Uint8Array(32) };
  draft([anything], inputs, options, true);
}

function link(products: readonly Product[], inputs: Inputs, options: StatementOptions): Uint8Array {
  const { step, how, time, run = null, command = [], reason } = options;
  const said = { step, how, time, run, command: run?.command ?? command, ...inputs };
  return buildLink(products, reason === undefined ? said : { ...said, reason });
}

function provenance(products: readonly Product[], inputs: Inputs, options: StatementOptions): Uint8Array {
  const { keyId, how, time, run = null } = options;
  const builder = `https://samebits.dev/builder/${keyId}`;
  return buildProvenance(products, { builder, how, time, run, command: run?.command ?? [], ...inputs });
}

function legacyLink(
  products: readonly Product[],
  { materials }: Inputs,
  { step }: StatementOptions,
): Uint8Array {
  return buildLegacyLink(products, { step, materials });
}

function linkOfStep(
  products: readonly Product[],
  { materials }: Inputs,
  { step, run, command = [], said, commits = [] }: StatementOptions,
): Uint8Array {
  const files = products.map(({ file: name, sha256 }) => ({ name, sha256, gitCommit: null, gitTag: null }));
  // As in-toto's tools: nothing is kept of what was printed unless it is asked for.
  const { stdout, stderr } = said ?? { stdout: "", stderr: "" };
  return stepLink({
    step,
    materials,
    products: [...files, ...commits],
    command: run?.command ?? command,
    byproducts: run === undefined ? null : { status: run.status, stdout, stderr },
  });
}

const FORMS: ReadonlyMap<PredicateKind, Form> = new Map([
  ["legacy-link", "link"],
  ["step-link", "step"],
]);

const SAY: Readonly<
  Record<
    PredicateKind,
    (products: readonly Product[], inputs: Inputs, options: StatementOptions) => Uint8Array
  >
> = { link, slsa: provenance, "legacy-link": legacyLink, "step-link": linkOfStep };

/** Throws `usage/bad-option` for what the user wants said and no statement can say. */
export function stated(build: () => Uint8Array): Uint8Array {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("usage/bad-option", `cannot be attested: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}
