import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { alpmTarget, debTarget, parsePurl, ProtocolError } from "../../protocol/index.ts";
import { readText } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

const MAX_LIST_BYTES = 64 * 1024 * 1024;
const DPKG_FORMAT = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n";

/** Who pacman's packages are of: the one distribution whose packages rebuilders of pacman's format rebuild. */
const ALPM_NAMESPACE = "arch";

/** The packages that somebody has: of dpkg, of pacman, or of a file with a purl a line. Throws `input/…`, `usage/bad-option`. */
export async function installedPackages(what: string, debNamespace: string): Promise<ReadonlySet<string>> {
  if (what === "dpkg") return fromDpkg(debNamespace);
  if (what === "pacman") return pacmanPackages(await list(what, "pacman", ["--query", "--info"]));
  return fromList(what);
}

/** What `pacman --query --info` lists in the C locale, as canonical purls: `Name : value` a line, an empty line after each package. */
export function pacmanPackages(text: string): ReadonlySet<string> {
  const installed = text.split("\n\n").map((block) => {
    const fields = new Map(block.split("\n").map((line) => [line.split(" ")[0], line.split(" : ")[1] ?? ""]));
    const [name = "", version = "", arch = ""] = ["Name", "Version", "Architecture"].map((key) =>
      fields.get(key),
    );
    return { name, version, arch };
  });
  return purlsOf(installed, (parts) => alpmTarget({ namespace: ALPM_NAMESPACE, ...parts }).purl);
}

async function fromDpkg(namespace: string): Promise<ReadonlySet<string>> {
  const text = await list("dpkg", "dpkg-query", ["--show", "--showformat", DPKG_FORMAT]);
  const installed = text.split("\n").flatMap((line) => {
    const [status = "", name = "", version = "", arch = ""] = line.split("\t");
    return status.startsWith("ii") ? [{ name, version, arch }] : [];
  });
  return purlsOf(installed, (parts) => debTarget({ namespace, ...parts }).purl);
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

/** A package of a kind that has no target can't be the target of an alert either. */
function purlsOf(packages: readonly Package[], purlOf: (parts: Package) => string): ReadonlySet<string> {
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
    const options = { maxBuffer: MAX_LIST_BYTES, env: { ...process.env, LC_ALL: "C" } };
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    throw new ClientError(
      "usage/bad-option",
      `--installed ${what}: ${program} does not run here; name a file with a package URL a line instead`,
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
