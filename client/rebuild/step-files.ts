/** Files of a layout's step: any files, known by their paths (protocol/spec/layouts.md). */
import { counted, fileDescriptor, MAX_LINK_ARTIFACTS } from "../../protocol/index.ts";
import type { Descriptor, Target } from "../../protocol/index.ts";
import { hashFile, identify, steady } from "../artifact/index.ts";
import type { IdentifyOptions } from "../artifact/index.ts";
import { madeAt } from "../attest/index.ts";
import type { FormWish, Made } from "../attest/index.ts";
import { ClientError } from "../errors.ts";
import { findFiles } from "./files.ts";
import type { Found } from "./files.ts";
import { stripped } from "./strip.ts";

/** What goes into a step: files, folders and patterns, by the names that its link gives them. Throws `input/…`, `usage/bad-option`. */
export async function stepMaterials(
  places: readonly string[],
  strip: readonly string[],
): Promise<readonly Descriptor[]> {
  const materials: Descriptor[] = [];
  for (const { path, name } of few(stripped(findFiles(places), strip), places))
    materials.push(fileDescriptor(name, (await hashFile(path)).sha256));
  return materials;
}

/** What comes out of it, the same way. */
export async function stepProductsAt(
  places: readonly string[],
  strip: readonly string[],
  options: IdentifyOptions,
  forms: FormWish,
): Promise<readonly Made[]> {
  return stepProducts(few(stripped(findFiles(places), strip), places), options, forms);
}

/**
 * What came out of a step. A package knows its target: a builder is kept from contradicting itself about it; any other file is what `purl` says,
 * if there is but one, else a file.
 */
export async function stepProducts(
  files: readonly Found[],
  options: IdentifyOptions,
  forms: FormWish,
): Promise<readonly Made[]> {
  const { purl, debNamespace } = options;
  if (purl !== undefined && files.length !== 1)
    throw new ClientError(
      "usage/bad-option",
      `--purl ${purl} says what one file is, and there are ${counted(files.length, "file")}: leave it, a step's files need none`,
    );
  const products: Made[] = [];
  for (const { path, name } of files) {
    const made = async (): Promise<Made> => {
      const target =
        purl === undefined ? await targetOf(path, debNamespace) : (await identify(path, options)).target;
      return madeAt(path, { target, file: name }, forms);
    };
    products.push(await steady(path, made));
  }
  return products;
}

async function targetOf(path: string, debNamespace: string | null): Promise<Target | null> {
  try {
    return (await identify(path, { debNamespace })).target;
  } catch (error) {
    if (error instanceof ClientError && error.code.startsWith("artifact/")) return null;
    throw error;
  }
}

function few(found: readonly Found[], places: readonly string[]): readonly Found[] {
  if (found.length <= MAX_LINK_ARTIFACTS) return found;
  throw new ClientError(
    "input/too-big",
    `${places.join(" ")}: ${found.length} files; a link has room for ${MAX_LINK_ARTIFACTS}: name an archive of them, or with --git the commit that they are`,
  );
}
