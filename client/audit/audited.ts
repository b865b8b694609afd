/** What is installed, with the digest that the package manager's lists have for it. */
import { fromHex, ProtocolError } from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import type { Unchecked } from "../manifest/index.ts";
import type { Examined } from "../verify/index.ts";
import type { InstalledPackage } from "../watch/index.ts";

export type PackageManager = "dpkg" | "pacman";

export interface Audited {
  readonly manager: PackageManager;
  readonly files: readonly Examined[];
  readonly unchecked: readonly Unchecked[];
  /** How much a system needs it, by the target's key: the smaller, the more. */
  readonly ranks: ReadonlyMap<string, number>;
}

/** What lists say of one installed package. */
interface Known {
  readonly installed: InstalledPackage;
  readonly place: string;
  /** Hex, and what the file is. */
  readonly digests: Map<string, () => Target>;
  /** A list has it, and no SHA-256 of it. */
  isBare: boolean;
}

/** Installed packages, for each of which lists are searched. Holds what is installed, whatever the lists have. */
export class Inventory {
  readonly #known = new Map<string, Known>();

  constructor(packages: readonly InstalledPackage[]) {
    for (const [at, installed] of packages.entries()) {
      const { name, version, arch } = installed;
      const place = `package ${at + 1}`;
      this.#known.set(nameOf(name, version, arch), { installed, place, digests: new Map(), isBare: false });
    }
  }

  /** Takes what a list says of a package, if it is installed in this very version; `sha256` in hex, null where the list has none. */
  take(name: string, version: string, arch: string, sha256: string | null, target: () => Target): void {
    const known = this.#known.get(nameOf(name, version, arch));
    if (known === undefined) return;
    if (sha256 === null) known.isBare = true;
    else if (!known.digests.has(sha256)) known.digests.set(sha256, target);
  }

  done(manager: PackageManager): Audited {
    const files: Examined[] = [];
    const unchecked: Unchecked[] = [];
    const ranks = new Map<string, number>();
    for (const known of this.#known.values()) {
      const found = fileOf(known);
      if ("gap" in found) {
        unchecked.push(found);
        continue;
      }
      files.push(found);
      if (found.artifact.target !== null) ranks.set(found.artifact.target.keyHex, known.installed.rank);
    }
    return { manager, files, unchecked, ranks };
  }
}

function nameOf(name: string, version: string, arch: string): string {
  return `${name} ${version} ${arch}`;
}

function fileOf({ installed, place, digests, isBare }: Known): Examined | Unchecked {
  const { name: pkg, version, arch } = installed;
  const name = nameOf(pkg, version, arch);
  const [first, second] = digests;
  if (second !== undefined)
    return {
      place,
      name,
      gap: "several-digests",
      reason: "lists have several files of that name and version",
    };
  if (first === undefined) {
    return isBare
      ? { place, name, gap: "no-sha256", reason: "the list that has it has no SHA-256 of it" }
      : { place, name, gap: "not-listed", reason: "no list has it in this version" };
  }
  const [sha256, targetOf] = first;
  try {
    const target = targetOf();
    // A signed list says what the file is, as its own control data would (RULES R5).
    const artifact = { sha256: fromHex(sha256, 32), name: target.file, target, inside: target };
    return { path: null, artifact, unfit: null };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return {
      place,
      name,
      gap: "no-target",
      reason: "its name, version or architecture are none of its format",
    };
  }
}
