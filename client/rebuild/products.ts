import { basename } from "node:path";
import type { Target } from "../../protocol/index.ts";
import { identify, steady, targetOf } from "../artifact/index.ts";
import type { IdentifyOptions } from "../artifact/index.ts";
import { madeAt } from "../attest/index.ts";
import type { FormWish, Made } from "../attest/index.ts";
import { ClientError } from "../errors.ts";
import { isFolder } from "../folder.ts";
import type { Found } from "./files.ts";
import { isPattern } from "./pattern.ts";
import { fileOf } from "./placeholders.ts";

/** A result, and where it lies. */
export interface BuiltProduct extends Made {
  readonly target: Target;
  readonly path: string;
}

/**
 * What results are. A file that was named is what the purl says, or its format. What folders and patterns found is what its format says, else
 * what the purl says, else nothing that can be attested. Throws as `identify` and `madeAt`.
 */
export async function productsIn(
  files: readonly Found[],
  options: IdentifyOptions,
  forms: FormWish,
): Promise<{ readonly products: readonly BuiltProduct[]; readonly leftOut: readonly Found[] }> {
  const products: BuiltProduct[] = [];
  const leftOut: Found[] = [];
  for (const found of files) {
    const product = await steady(found.path, async (): Promise<BuiltProduct | null> => {
      const target = await targetAt(found, options);
      if (target === null) return null;
      return {
        ...(await madeAt(found.path, { target, file: target.file }, forms)),
        target,
        path: found.path,
      };
    });
    if (product === null) leftOut.push(found);
    else products.push(product);
  }
  return { products, leftOut };
}

/** Names of the files that did not come out: those that were named, if such a package may have one, else as its type says. */
export function filesLacking(purl: string, places: readonly string[]): readonly string[] {
  const fitting = places
    .filter((place) => !isPattern(place) && !place.endsWith("/") && !isFolder(place))
    .map((place) => basename(place))
    .filter((file) => isFile(purl, file));
  if (fitting.length > 0) return fitting;
  const file = fileOf(purl);
  return file === null ? [] : [file];
}

async function targetAt({ path, isNamed }: Found, options: IdentifyOptions): Promise<Target | null> {
  if (isNamed) return (await identify(path, options)).target;
  try {
    return (await identify(path, { debNamespace: options.debNamespace })).target;
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "artifact/not-a-package") throw error;
    return options.purl === undefined ? null : (await identify(path, options)).target;
  }
}

function isFile(purl: string, file: string): boolean {
  try {
    targetOf(purl, file);
    return true;
  } catch {
    return false;
  }
}
