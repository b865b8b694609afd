import { basename } from "node:path";
import {
  alpmTarget,
  debTarget,
  parsePurl,
  parseTarget,
  ProtocolError,
  signedName,
  unsignedTarget,
} from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { osRelease } from "../os-release.ts";
import type { PackageIdentity } from "./deb.ts";
import { pacmanPacking } from "./packing.ts";
import { unreadable } from "./read.ts";

/** What a file is: its target, and how it calls itself. */
export interface Identity {
  readonly target: Target;
  /** What the file's own control data say that it is: then the same as `target`. Null where its format says nothing. */
  readonly inside: Target | null;
  /** For people: `hello 2.10-3 amd64`, or the purl. */
  readonly title: string;
}

export interface IdentifyOptions {
  /** What the user says that it is; checked against the file where the file says it too. */
  readonly purl?: string;
  /** Namespace of Debian packages where no purl is given; null = this machine's distribution, else `debian`. */
  readonly debNamespace: string | null;
}

/**
 * The target of a file (RULES R4). A package says name, version and architecture itself; they must equal those of a
 * `--purl` and of a file name in the format's own manner, else `artifact/mismatch`. Any other file needs a purl.
 */
export async function identify(path: string, options: IdentifyOptions): Promise<Identity> {
  const inside = await readInside(path, options);
  if (inside === null) {
    if (options.purl === undefined) {
      throw new ClientError(
        "artifact/not-a-package",
        `${path}: its format does not say what it is; say it with --purl, e.g. --purl pkg:generic/name@1.0`,
      );
    }
    const target = targetOf(options.purl, basename(path));
    return { target, inside: null, title: target.purl };
  }
  if (options.purl !== undefined) {
    checkPurl(options.purl);
    if (options.purl !== inside.target.purl) {
      throw new ClientError(
        "artifact/mismatch",
        `${path}: the file says that it is ${inside.target.purl}, --purl says ${options.purl}; one of them is wrong`,
      );
    }
  }
  return inside;
}

/** The target that a user names. Throws `usage/bad-option` with what is wrong with the purl. */
export function targetOf(purl: string, file: string): Target {
  try {
    return parseTarget(purl, file);
  } catch (error) {
    throw badPurl(purl, error);
  }
}

function checkPurl(purl: string): void {
  try {
    parsePurl(purl);
  } catch (error) {
    throw badPurl(purl, error);
  }
}

function badPurl(purl: string, error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  return new ClientError("usage/bad-option", `--purl ${purl}: ${error.message} (${error.code})`, {
    cause: error,
  });
}

async function readInside(path: string, options: IdentifyOptions): Promise<Identity | null> {
  const fileName = basename(path);
  const packing = pacmanPacking(fileName);
  try {
    if (isDeb(fileName)) {
      const { readDeb } = await import("./deb.ts");
      return debIdentity(await readDeb(path), path, options);
    }
    const signed = signedName(fileName);
    if (signed !== null && isDeb(signed)) return await unsignedDeb(path, options);
    if (packing !== null) {
      const { readPacman } = await import("./pacman.ts");
      return alpmIdentity(await readPacman(path, packing), { path, fileName }, options);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && "syscall" in error) throw unreadable(path, error);
    throw error;
  }
  return null;
}

function isDeb(fileName: string): boolean {
  return fileName.endsWith(".deb") || fileName.endsWith(".udeb");
}

/** The normal form of a package is one, too, and the target that goes with the package's. */
async function unsignedDeb(path: string, options: IdentifyOptions): Promise<Identity> {
  const { readDeb } = await import("./deb.ts");
  const { target, title } = debIdentity(await readDeb(path), signedName(path) ?? path, options);
  const unsigned = unsignedTarget(target);
  return { target: unsigned, inside: unsigned, title: `${title}, unsigned` };
}

/** The same of an open file that is taken for a .deb, whatever its name; `path` is for messages, and for what it claims. */
export async function identifyOpenDeb(
  file: number,
  path: string,
  options: IdentifyOptions,
): Promise<Identity> {
  const { readOpenDeb } = await import("./deb.ts");
  return debIdentity(await readOpenDeb(file, path), path, options);
}

/** The same of an open package of pacman's, which is packed as its name says. Throws `artifact/bad-package` for another packing. */
export async function identifyOpenPacman(
  file: number,
  path: string,
  options: IdentifyOptions,
): Promise<Identity> {
  const fileName = pacmanFileName(path);
  const packing = pacmanPacking(fileName);
  if (packing === null) {
    throw new ClientError(
      "artifact/bad-package",
      `${path}: it is packed in a way that is not read here (.pkg.tar, with .zst, .xz or .gz)`,
    );
  }
  const { readOpenPacman } = await import("./pacman.ts");
  return alpmIdentity(await readOpenPacman(file, packing, path), { path, fileName }, options);
}

/** As it is called once it is there whole: pacman adds `.part` until then. */
export function pacmanFileName(path: string): string {
  return basename(path).replace(/\.part$/, "");
}

function alpmIdentity(
  inside: PackageIdentity,
  { path, fileName }: { readonly path: string; readonly fileName: string },
  { purl }: IdentifyOptions,
): Identity {
  const namespace = namespaceOf(purl) ?? "arch";
  const ending = fileName.slice(fileName.indexOf(".pkg.tar"));
  const target = insideTarget(path, () => alpmTarget({ namespace, ...inside }, ending));
  if (target.file !== fileName) throw misnamed(fileName, target, path);
  return { target, inside: target, title: `${inside.name} ${inside.version} ${inside.arch}` };
}

function debIdentity(inside: PackageIdentity, path: string, options: IdentifyOptions): Identity {
  const namespace = namespaceOf(options.purl) ?? options.debNamespace ?? thisDistribution();
  const target = insideTarget(path, () => debTarget({ namespace, ...inside }));
  checkDebName(basename(path), target, path);
  return { target, inside: target, title: `${inside.name} ${inside.version} ${inside.arch}` };
}

/** What a package calls itself may be no name at all. */
function insideTarget(path: string, make: () => Target): Target {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const why = `${path}: what it says of itself can't be: ${error.message} (${error.code}); fetch the file again`;
    throw new ClientError("artifact/bad-package", why, { cause: error });
  }
}

/** A name like `x_1.0_amd64.deb` claims a version, mostly without its epoch: it must be the one inside. apt's cache writes `%3a` for a colon. */
function checkDebName(fileName: string, target: Target, path: string): void {
  const claims = fileName.replace(/\.u?deb$/, "").split("_");
  if (claims.length !== 3) return;
  const [name = "", version = "", arch = ""] = claims;
  const [whole = "", epoch] = /^([0-9]+)(?::|%3a)/i.exec(version) ?? [];
  const bare = version.slice(whole.length);
  const isVersion = epoch === undefined || BigInt(epoch) === epochOf(target);
  if (isVersion && `${name}_${bare}_${arch}` === target.file.replace(/\.u?deb$/, "")) return;
  throw misnamed(fileName, target, path);
}

/** None is 0 (deb-version(7)). */
function epochOf({ purl }: Target): bigint {
  return BigInt(/^([0-9]+):/.exec(parsePurl(purl).version)?.[1] ?? 0);
}

function misnamed(fileName: string, target: Target, path: string): ClientError {
  return new ClientError(
    "artifact/mismatch",
    `${path}: the file is named ${fileName}, but inside it says ${target.purl}; do not install it before you know why`,
  );
}

function namespaceOf(purl: string | undefined): string | null {
  const match = purl === undefined ? null : /^pkg:[a-z]+\/([^/@?#]+)\/[^/]+$/.exec(purl);
  return match?.[1] ?? null;
}

let distribution: string | null = null;

/** `ID` of /etc/os-release where this machine is a Debian or a derivative, else `debian`. */
export function thisDistribution(): string {
  distribution ??= readDistribution();
  return distribution;
}

function readDistribution(): string {
  const fields = osRelease();
  const id = fields.get("ID") ?? "";
  const like = (fields.get("ID_LIKE") ?? "").split(" ");
  return /^[a-z0-9._-]+$/.test(id) && like.includes("debian") ? id : "debian";
}
