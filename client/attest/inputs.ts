import { basename } from "node:path";
import { fileDescriptor, MAX_BUILDINFO_BYTES, parseBuildinfo, sha256, toHex } from "../../protocol/index.ts";
import type { BuildinfoFile, Descriptor, Environment, Product } from "../../protocol/index.ts";
import { hashFile, parseFile, readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { gitEnd, gitLine } from "../git/index.ts";

/** What went into a step, and where it ran. */
export interface Inputs {
  readonly materials: readonly Descriptor[];
  /** Null = not recorded. */
  readonly environment: Environment | null;
  /** What the .buildinfo says that came out; null without one. */
  readonly listed: readonly BuildinfoFile[] | null;
}

export interface InputOptions {
  readonly materials: readonly string[];
  /** A commit-ish of the repository in the current folder. */
  readonly git: string | null;
  /** A .buildinfo file: it stands for the build's inputs and says what was installed. */
  readonly buildinfo: string | null;
}

/** Reads and hashes the inputs that the user names. Throws `input/…`, `usage/bad-option` and what `parseBuildinfo` throws. */
export async function readInputs(options: InputOptions): Promise<Inputs> {
  const materials: Descriptor[] = [];
  for (const path of options.materials) {
    const { sha256: digest } = await hashFile(path);
    materials.push(fileDescriptor(basename(path), digest));
  }
  if (options.git !== null) materials.push(await gitMaterial(options.git));
  if (options.buildinfo === null) return { materials, environment: null, listed: null };
  const bytes = readWhole(options.buildinfo, MAX_BUILDINFO_BYTES);
  const { environment, files } = parseFile(options.buildinfo, () => parseBuildinfo(bytes));
  materials.push(fileDescriptor(basename(options.buildinfo), sha256(bytes)));
  return { materials, environment, listed: files };
}

/** Throws `artifact/mismatch` where the .buildinfo lists a product with another digest: it is another build's. */
export function checkBuildinfo(inputs: Inputs, products: readonly Product[]): void {
  const listed = new Map(inputs.listed?.map(({ file, sha256: digest }) => [file, toHex(digest)]));
  for (const { file, sha256: digest } of products) {
    const said = listed.get(file);
    if (said !== undefined && said !== toHex(digest)) {
      throw new ClientError(
        "artifact/mismatch",
        `${file}: its SHA-256 is ${toHex(digest)}, the .buildinfo says ${said}: it is another build's; nothing was signed`,
      );
    }
  }
}

/** The commit that a reference names, and the tag object where it is an annotated tag's name. */
async function gitMaterial(reference: string): Promise<Descriptor> {
  const commit = await git(reference, "rev-parse", "--verify", "--end-of-options", `${reference}^{commit}`);
  const object = await git(reference, "rev-parse", "--verify", "--end-of-options", reference);
  const kind = await git(reference, "cat-file", "-t", object);
  return {
    name: "source",
    uri: null,
    sha256: null,
    gitCommit: commit,
    gitTag: kind === "tag" ? object : null,
  };
}

async function git(reference: string, ...args: readonly string[]): Promise<string> {
  try {
    return await gitLine(...args);
  } catch (error) {
    const why =
      gitEnd(error) === "missing"
        ? "git is not installed"
        : "git knows no such commit in this folder's repository";
    throw new ClientError("usage/bad-option", `--git ${reference}: ${why}`, { cause: error });
  }
}
