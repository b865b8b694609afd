import { resolve } from "node:path";
import {
  fileDescriptor,
  MAX_BUILD_PRODUCTS,
  MAX_LINK_ARTIFACTS,
  MAX_MATERIALS,
} from "../../protocol/index.ts";
import type { CommandRun } from "../../protocol/index.ts";
import { hashFile, stateOf } from "../artifact/index.ts";
import { readInputs } from "../attest/index.ts";
import type { Inputs } from "../attest/index.ts";
import { ClientError } from "../errors.ts";
import type { GitWish } from "../git/index.ts";
import { findFiles } from "./files.ts";
import type { Found } from "./files.ts";
import { runCommand } from "./run.ts";
import type { Ended, RunOptions, Said } from "./run.ts";
import { stripped } from "./strip.ts";

/** A command, what goes into it and what should come out. */
export interface Build extends RunOptions {
  /** Files, folders and patterns. */
  readonly materials: readonly string[];
  readonly products: readonly string[];
  /** A commit of the repository in the working folder. */
  readonly git: GitWish | null;
  /** A .buildinfo file that the command writes. */
  readonly buildinfo: string | null;
  /** Null = its results are attested; else it is a step of a layout, and its link is to say what there was and what there is. */
  readonly asStep: AsStep | null;
}

/** How a step of a layout records files. */
export interface AsStep {
  /** Folders that are left out of the names below them. */
  readonly strip: readonly string[];
}

/** What went in, before anything has run. */
export interface Prepared {
  readonly inputs: Inputs;
  readonly materials: readonly Material[];
  /** How each file that may be a product was before. */
  readonly before: ReadonlyMap<string, string | null>;
}

/** What came of a command. */
export type Built =
  | {
      readonly state: "built";
      readonly files: readonly Found[];
      readonly inputs: Inputs;
      readonly run: CommandRun;
      readonly said: Said | null;
    }
  | { readonly state: "failed"; readonly reason: string; readonly inputs: Inputs; readonly run: CommandRun };

interface Material extends Found {
  readonly sha256: Uint8Array;
  readonly state: string | null;
}

/** Hashes what goes in and looks at what is there already. Throws `input/…`, `git/…`, `usage/bad-option`. */
export async function prepare({ materials: places, products, git, asStep }: Build): Promise<Prepared> {
  const materials: Material[] = [];
  for (const found of fewMaterials(foundAt(places, asStep), asStep)) {
    const state = stateOf(found.path);
    materials.push({ ...found, state, sha256: (await hashFile(found.path)).sha256 });
  }
  const said = await readInputs({ materials: [], git, buildinfo: null, ofStep: asStep !== null });
  const files = materials.map(({ name, sha256 }) => fileDescriptor(name, sha256));
  return {
    inputs: { ...said, materials: [...files, ...said.materials] },
    materials,
    before: new Map(findFiles(products).map(({ path }) => [path, stateOf(path)])),
  };
}

/**
 * Runs the command, then looks at what it gave. A command that fails, or does not write a file that was named, is a result too; one that
 * wrote nothing though all is there (`rebuild/nothing-built`), or changed what went in (`rebuild/changed-material`), gives none. Of a step
 * of a layout everything that is there counts, whoever wrote it: the layout's rules say what may be as it was. Throws `rebuild/…`,
 * `input/…`, and what `parseBuildinfo` throws.
 */
export async function build(plan: Build, prepared: Prepared): Promise<Built> {
  const { run, failure, said } = await runCommand(plan);
  const { inputs } = prepared;
  if (failure !== null) return { state: "failed", reason: inWords(failure), inputs, run };
  const found = foundAt(plan.products, plan.asStep);
  const lacking = found.find(({ path, isNamed }) => isNamed && stateOf(path) === null);
  if (lacking !== undefined)
    return { state: "failed", reason: `it did not make ${lacking.name}`, inputs, run };
  if (found.length === 0 && plan.products.length > 0)
    return { state: "failed", reason: "it made nothing that was named", inputs, run };
  const files = fewProducts(plan.asStep === null ? written(found, prepared) : found, plan.asStep);
  await assertUnchanged(prepared.materials, new Set(files.map(({ path }) => resolve(path))), plan.asStep);
  return { state: "built", files, inputs: await withBuildinfo(inputs, plan.buildinfo), run, said };
}

function foundAt(places: readonly string[], asStep: AsStep | null): readonly Found[] {
  const found = findFiles(places);
  return asStep === null ? found : stripped(found, asStep.strip);
}

/** What this command wrote. A pattern may find what others left; a file that is named must be of this run. */
function written(found: readonly Found[], { before }: Prepared): readonly Found[] {
  const fresh = found.filter(({ path }) => stateOf(path) !== (before.get(path) ?? null));
  const stale = found.find((each) => each.isNamed && !fresh.includes(each)) ?? found[0];
  if (stale === undefined || fresh.some((each) => each === stale)) return fresh;
  if (fresh.length > 0 && !stale.isNamed) return fresh;
  throw new ClientError(
    "rebuild/nothing-built",
    `${stale.path}: it is as it was before the command: nothing was built anew, and nothing was signed; remove old results first`,
  );
}

async function assertUnchanged(
  materials: readonly Material[],
  written: ReadonlySet<string>,
  asStep: AsStep | null,
): Promise<void> {
  for (const { path, state, sha256 } of materials) {
    const now = stateOf(path);
    if (now === state || written.has(resolve(path))) continue;
    // What a step takes away is its link's to say: a material, and no product.
    if (now === null && asStep !== null) continue;
    if (now !== null && Buffer.compare((await hashFile(path)).sha256, sha256) === 0) continue;
    throw new ClientError(
      "rebuild/changed-material",
      `${path}: the command ${now === null ? "removed" : "changed"} it, so nobody knows what the result was built from; nothing was signed. ` +
        "Build in a copy, or name as --material what stays as it is",
    );
  }
}

/** The environment that the build itself recorded. */
async function withBuildinfo(inputs: Inputs, buildinfo: string | null): Promise<Inputs> {
  if (buildinfo === null) return inputs;
  const { materials, environment, listed } = await readInputs({ materials: [], git: null, buildinfo });
  return { ...inputs, materials: [...inputs.materials, ...materials], environment, listed };
}

function fewMaterials(found: readonly Found[], asStep: AsStep | null): readonly Found[] {
  const room = asStep === null ? MAX_MATERIALS : MAX_LINK_ARTIFACTS;
  if (found.length <= room) return found;
  throw new ClientError(
    "input/too-big",
    `--material: ${found.length} files; there is room for ${room}: name an archive of them, a list of their sums, ` +
      "or with --git the commit that they are",
  );
}

function fewProducts(found: readonly Found[], asStep: AsStep | null): readonly Found[] {
  const room = asStep === null ? MAX_BUILD_PRODUCTS : MAX_LINK_ARTIFACTS;
  if (found.length <= room) return found;
  throw new ClientError(
    "input/too-big",
    `--product: ${found.length} files; at most ${room} are signed at once: name fewer`,
  );
}

function inWords(failure: NonNullable<Ended["failure"]>): string {
  if (failure === "timeout") return "it took longer than it was given";
  return "status" in failure ? `exit status ${failure.status}` : `ended by ${failure.signal}`;
}
