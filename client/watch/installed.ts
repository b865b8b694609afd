import { alpmTarget, debTarget, parsePurl, ProtocolError } from "../../protocol/index.ts";
import { readText } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { outputOf } from "../output-of.ts";

const MAX_LIST_BYTES = 64 * 1024 * 1024;
const DPKG_FORMAT =
  "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Essential}\t${Priority}\n";

/** Who pacman's packages are of: the one distribution whose packages rebuilders of pacman's format rebuild. */
export const ALPM_NAMESPACE = "arch";

/** What a package manager says of one package that it has installed. */
export interface InstalledPackage {
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  readonly arch: string;
  /** How much a system needs it: 0 = essential, then dpkg's priorities; 0 for all of pacman's. */
  readonly rank: number;
}

const PRIORITIES: readonly string[] = ["required", "important", "standard", "optional"];

/** The packages that somebody has: of dpkg, of pacman, or of a file with a purl a line. Throws `input/…`, `usage/bad-option`. */
export async function installedPackages(what: string, debNamespace: string): Promise<ReadonlySet<string>> {
  if (what === "dpkg")
    return purlsOf(await dpkgPackages(), (parts) => debTarget({ namespace: debNamespace, ...parts }).purl);
  if (what === "pacman")
    return purlsOf(
      await pacmanPackages(),
      (parts) => alpmTarget({ namespace: ALPM_NAMESPACE, ...parts }).purl,
    );
  return fromList(what);
}

/** What dpkg has installed, packages on hold too. Throws `usage/bad-option` where it does not run. */
export async function dpkgPackages(): Promise<readonly InstalledPackage[]> {
  const text = await list("dpkg", "dpkg-query", ["--show", "--showformat", DPKG_FORMAT]);
  return text.split("\n").flatMap((line) => {
    const [status = "", name = "", version = "", arch = "", essential = "", priority = ""] = line.split("\t");
    const place = PRIORITIES.indexOf(priority);
    const rank = essential === "yes" ? 0 : 1 + (place === -1 ? PRIORITIES.length : place);
    // Wanted, then what is: `ii`, and `hi` of one that is kept as it is.
    return status.charAt(1) === "i" ? [{ name, version, arch, rank }] : [];
  });
}

/** What pacman has installed. Throws `usage/bad-option` where it does not run. */
export async function pacmanPackages(): Promise<readonly InstalledPackage[]> {
  return readPacmanInfo(await list("pacman", "pacman", ["--query", "--info"]));
}

/** What `pacman --query --info` lists in the C locale: `Name : value` a line, an empty line after each package. */
export function readPacmanInfo(text: string): readonly InstalledPackage[] {
  return text.split("\n\n").flatMap((block) => {
    const fields = new Map(block.split("\n").map((line) => [line.split(" ")[0], line.split(" : ")[1] ?? ""]));
    const [name = "", version = "", arch = ""] = ["Name", "Version", "Architecture"].map((key) =>
      fields.get(key),
    );
    return name === "" ? [] : [{ name, version, arch, rank: 0 }];
  });
}

/** A package of a kind that has no target can't be the target of an alert either. */
function purlsOf(
  packages: readonly InstalledPackage[],
  purlOf: (parts: InstalledPackage) => string,
): ReadonlySet<string> {
  const purls = new Set<string>();
  for (const each of packages) {
    try {
      purls.add(purlOf(each));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return purls;
}

/** What a package manager prints, untranslated. */
async function list(what: string, program: string, args: readonly string[]): Promise<string> {
  try {
    return await outputOf(program, args, MAX_LIST_BYTES);
  } catch (error) {
    throw new ClientError(
      "usage/bad-option",
      `--installed ${what}: ${program} does not run here (samebits watch takes a file with a package URL a line, too)`,
      { cause: error },
    );
  }
}

function fromList(path: string): ReadonlySet<string> {
  const text = readText(path, MAX_LIST_BYTES);
  const purls = new Set<string>();
  for (const [number, line] of text.split("\n").entries()) {
    const purl = line.trim();
    if (purl === "" || purl.startsWith("#")) continue;
    try {
      parsePurl(purl);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ClientError("usage/bad-option", `--installed ${path}: line ${number + 1}: ${why}`, {
        cause: error,
      });
    }
    purls.add(purl);
  }
  return purls;
}
