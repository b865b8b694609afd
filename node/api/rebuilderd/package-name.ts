import { alpmTarget, debTarget, parsePurl, tried } from "../../../protocol/index.ts";

/** What a package's file name says of it. */
export interface PackageName {
  readonly kind: "deb" | "alpm";
  readonly name: string;
  /** Of a .deb without epoch, which Debian leaves out of file names. */
  readonly version: string;
  readonly architecture: string;
}

const DEB = /^([^_]+)_([^_]+)_([^_]+)\.deb$/;
const ALPM = /^(.+)-([^-]+-[^-]+)-([^-]+)(\.pkg\.tar(?:\.[a-z0-9]+)?)$/;

/** Null for what is no binary package of Debian's or Arch's kind, or is not named as one. */
export function packageName(file: string): PackageName | null {
  const [, name = "", version = "", architecture = ""] = DEB.exec(file) ?? [];
  if (name !== "") {
    const target = tried(() => debTarget({ namespace: "debian", name, version, arch: architecture }));
    return target?.file === file ? { kind: "deb", name, version, architecture } : null;
  }
  return alpmName(file);
}

function alpmName(file: string): PackageName | null {
  const [, name = "", version = "", architecture = "", ending = ""] = ALPM.exec(file) ?? [];
  const target = tried(() => alpmTarget({ namespace: "arch", name, version, arch: architecture }, ending));
  return target?.file === file ? { kind: "alpm", name, version, architecture } : null;
}

/** The whole version that a .deb's package URL says; null where it has no epoch, or is of another kind. */
export function versionWithEpoch(purl: string): string | null {
  const parts = tried(() => parsePurl(purl));
  return parts?.type === "deb" && parts.version.includes(":") ? parts.version : null;
}

export function withoutEpoch(version: string): string {
  return version.slice(version.indexOf(":") + 1);
}
