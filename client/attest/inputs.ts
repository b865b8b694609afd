import { basename } from "node:path";
import { fileDescriptor, MAX_BUILDINFO_BYTES, parseBuildinfo, sha256, toHex } from "../../protocol/index.ts";
import type { BuildinfoFile, Descriptor, Environment, Product } from "../../protocol/index.ts";
import { hashFile, parseFile, readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { GitWish } from "../git/index.ts";
import { gitMaterials, gitStepMaterial } from "./git.ts";

/** What went into a step, and where it ran. */
export interface Inputs {
  readonly materials: readonly Descriptor[];
  /** Null = not recorded. */
  readonly environment: Environment | null;
  /** What the .buildinfo says that came out; null without one. */
  readonly listed: readonly BuildinfoFile[] | null;
  /** What the user is to be told; nothing if left out. */
  readonly notes?: readonly string[];
}

export interface InputOptions {
  readonly materials: readonly string[];
  /** A commit of the repository in the current folder. */
  readonly git: GitWish | null;
  /** They are a link's of a step of a layout, which says less of commits. */
  readonly ofStep?: boolean;
  /** A .buildinfo file: it stands for the build's inputs and says what was installed. */
  readonly buildinfo: string | null;
}

/** Reads and hashes the inputs that the user names. Throws `input/…`, `git/…`, `usage/bad-option` and what `parseBuildinfo` throws. */
export async function readInputs(options: InputOptions): Promise<Inputs> {
  const materials: Descriptor[] = [];
  for (const path of options.materials) {
    const { sha256: digest } = await hashFile(path);
    materials.push(fileDescriptor(basename(path), digest));
  }
  const notes: string[] = [];
  if (options.git !== null) {
    const said = await (options.ofStep === true ? gitStepMaterial : gitMaterials)(options.git);
    materials.push(...said.materials);
    notes.push(...said.notes);
  }
  if (options.buildinfo === null) return { materials, environment: null, listed: null, notes };
  const bytes = readWhole(options.buildinfo, MAX_BUILDINFO_BYTES);
  const { environment, files } = parseFile(options.buildinfo, () => parseBuildinfo(bytes));
  materials.push(fileDescriptor(basename(options.buildinfo), sha256(bytes)));
  return { materials, environment, listed: files, notes };
}

/** Throws `artifact/mismatch` where the .buildinfo lists a product with another digest, or a package of Debian not at all: it is another build's. */
export function checkBuildinfo(inputs: Inputs, products: readonly Product[]): void {
  if (inputs.listed === null) return;
  const listed = new Map(inputs.listed.map(({ file, sha256: digest }) => [file, toHex(digest)]));
  for (const { target, file: path, sha256: digest } of products) {
    // A link of a step has paths.
    const file = target?.file ?? basename(path);
    const said = listed.get(file);
    if (said === toHex(digest)) continue;
    if (said !== undefined)
      throw ofAnother(`${file}: its SHA-256 is ${toHex(digest)}, the .buildinfo says ${said}`);
    // All packages that a build gives are listed; what else was made of them need not be.
    if (/\.u?deb$/.test(file)) throw ofAnother(`${file}: the .buildinfo does not list it`);
  }
}

function ofAnother(why: string): ClientError {
  return new ClientError("artifact/mismatch", `${why}: it is another build's; nothing was signed`);
}
