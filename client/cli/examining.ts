/** The files of a command line: whether they are named as they have to be, and what they are. */
import { basename } from "node:path";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import { examine, examineDigest } from "../verify/index.ts";
import type { Examined } from "../verify/index.ts";

/** What says which files are meant. */
export interface NamingOptions {
  readonly purl?: string;
  readonly sha256?: string;
  readonly name?: string;
  readonly unsigned?: string;
  readonly bundle?: readonly string[];
  readonly mirror?: readonly string[];
  readonly layoutKey?: readonly string[];
  readonly parameter?: readonly string[];
  readonly links?: readonly string[];
}

/** What takes all words after it. */
const MANY = ["bundle", "mirror", "layoutKey", "parameter", "links"] as const;
const OPTION: Readonly<Record<(typeof MANY)[number], string>> = {
  bundle: "--bundle",
  mirror: "--mirror",
  layoutKey: "--layout-key",
  parameter: "--parameter",
  links: "--links",
};

/** Throws `usage/bad-option`, `usage/nothing-to-do`. */
export function assertFiles(paths: readonly string[], options: NamingOptions): void {
  const { sha256, purl, name, unsigned } = options;
  if (unsigned !== undefined && paths.length !== 1)
    throw new ClientError(
      "usage/bad-option",
      "--unsigned says what one FILE was before it was signed: check them one by one",
    );
  if (sha256 !== undefined) {
    if (paths.length > 0) throw new ClientError("usage/bad-option", "give a FILE or --sha256, not both");
    if (purl === undefined || name === undefined) {
      throw new ClientError("usage/bad-option", "--sha256 needs --purl and --name: what the digest is of");
    }
    return;
  }
  if (name !== undefined)
    throw new ClientError("usage/bad-option", "--name goes with --sha256: it says what the digest is of");
  if (paths.length === 0) {
    const before = MANY.find((option) => options[option] !== undefined);
    const hint = before === undefined ? "" : ` (put it before ${OPTION[before]}, or after --)`;
    throw new ClientError(
      "usage/nothing-to-do",
      `no FILE to check${hint}: name one, or its digest with --sha256`,
    );
  }
  // A release has many files, which are told apart by their names; a package is one.
  const isRelease =
    purl?.startsWith("pkg:generic/") === true &&
    new Set(paths.map((path) => basename(path))).size === paths.length;
  if (purl !== undefined && paths.length > 1 && !isRelease) {
    throw new ClientError("usage/bad-option", "--purl says what one file is: check them one by one");
  }
}

/** Examines the files, or the digest in their stead. Throws as `examine` does. */
export async function examineAll(
  paths: readonly string[],
  { sha256, purl, name }: NamingOptions,
  config: Config,
): Promise<readonly Examined[]> {
  if (sha256 !== undefined) return [examineDigest(sha256, purl ?? "", name ?? "")];
  const options = { debNamespace: config.debNamespace, ...(purl === undefined ? {} : { purl }) };
  const files: Examined[] = [];
  for (const path of paths) files.push(await examine(path, options));
  return files;
}
