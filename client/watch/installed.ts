import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { debTarget, parsePurl, ProtocolError } from "../../protocol/index.ts";
import { readText } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

const MAX_LIST_BYTES = 64 * 1024 * 1024;
const DPKG_FORMAT = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n";

/** The packages that somebody has: of dpkg, or of a file with a purl a line. Throws `input/…`, `usage/bad-option`. */
export async function installedPackages(what: string, debNamespace: string): Promise<ReadonlySet<string>> {
  return what === "dpkg" ? fromDpkg(debNamespace) : fromList(what);
}

async function fromDpkg(namespace: string): Promise<ReadonlySet<string>> {
  const list = await runDpkg();
  const purls = new Set<string>();
  for (const line of list.split("\n")) {
    const [status = "", name = "", version = "", arch = ""] = line.split("\t");
    if (!status.startsWith("ii")) continue;
    try {
      purls.add(debTarget({ namespace, name, version, arch }).purl);
    } catch (error) {
      // A package of a kind that has no target can't be the target of an alert either.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return purls;
}

async function runDpkg(): Promise<string> {
  try {
    const options = { maxBuffer: MAX_LIST_BYTES };
    return (await promisify(execFile)("dpkg-query", ["--show", "--showformat", DPKG_FORMAT], options)).stdout;
  } catch (error) {
    throw new ClientError(
      "usage/bad-option",
      "--installed dpkg: dpkg-query does not run here; name a file with a package URL a line instead",
      {
        cause: error,
      },
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
