/** Which files a rebuild should give, and which .debs these are compared with. */
import { debTarget, fromHex, parsePurl, ProtocolError } from "../../../protocol/index.ts";
import type { DebParts, Target } from "../../../protocol/index.ts";
import { hashFile, identify } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";
import type { ListedPackage } from "../../install/index.ts";

/** A file that somebody else has built from the same source. */
export interface Expected {
  readonly target: Target;
  readonly sha256: Uint8Array;
  readonly version: string;
  readonly architecture: string;
  /** The file, where it is at hand; null = the archive has it. */
  readonly path: string | null;
  /** As the archive lists it; null where it was named by the user. */
  readonly listed: ListedPackage | null;
}

/** The .debs that the user names. Throws as `identify` and `hashFile` do. */
export async function namedFiles(paths: readonly string[], namespace: string): Promise<readonly Expected[]> {
  const named: Expected[] = [];
  for (const path of paths) {
    const { target } = await identify(path, { debNamespace: namespace });
    const { sha256 } = await hashFile(path);
    const { version, qualifiers } = parsePurl(target.purl);
    const architecture = qualifiers.get("arch") ?? "";
    named.push({ target, sha256, version, architecture, path, listed: null });
  }
  return named;
}

/** What the archive has of a source, each once though several suites list it. A list without SHA-256 says nothing. */
export function listedFiles(binaries: readonly ListedPackage[], namespace: string): readonly Expected[] {
  const files = binaries.flatMap((listed) => {
    const { name, version, architecture, sha256 } = listed;
    if (sha256 === null) return [];
    const target = targetOf({ namespace, name, version, arch: architecture });
    if (target === null) return [];
    return [{ target, sha256: fromHex(sha256, 32), version, architecture, path: null, listed }];
  });
  return [...new Map(files.map((one) => [one.target.keyHex, one])).values()];
}

/** Null for names that no package can have: nobody could say anything of it. */
function targetOf(parts: DebParts): Target | null {
  try {
    return debTarget(parts);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/**
 * Throws `artifact/mismatch` for a file that is not expected of a source and has the name of a package that the archive has from others alone: whoever
 * uploads any source at all could have rebuilders sign a libc6 of his.
 */
export function assertOwn(
  target: Target,
  source: string,
  expected: readonly Expected[],
  listed: readonly ListedPackage[],
): void {
  if (expected.some((one) => one.target.keyHex === target.keyHex)) return;
  const { name } = parsePurl(target.purl);
  const sources = new Set(listed.filter((one) => one.name === name).map((one) => one.source.name));
  if (sources.size === 0 || sources.has(source)) return;
  throw new ClientError(
    "artifact/mismatch",
    `${target.file}: it was built from ${source}, and the archive has ${name} from ${[...sources].join(", ")}: nothing was signed; ` +
      "if this is meant, name a file of that package with --compare",
  );
}

/** One run of dpkg-buildpackage for each version that the binaries of one source have: a binNMU changes some of them. */
export interface Group {
  readonly which: "-b" | "-B" | "-A";
  /** With another version than the source: a binNMU, which needs an entry of its own in the changelog. */
  readonly rebuiltAs: Expected | null;
}

const BIN_NMU = /\+b[0-9]+$/;

/** How a source is to be built so that it gives these files; without any, all that it gives. */
export function groupsOf(expected: readonly Expected[], sourceVersion: string): readonly Group[] {
  const isNmu = ({ version }: Expected): boolean => version !== sourceVersion && BIN_NMU.test(version);
  const nmus = expected.filter(isNmu);
  const [first] = nmus;
  if (first === undefined) return [{ which: "-b", rebuiltAs: null }];
  const others = expected.some((one) => !isNmu(one) && one.architecture === "all");
  return [{ which: "-B", rebuiltAs: first }, ...(others ? [{ which: "-A", rebuiltAs: null } as const] : [])];
}
