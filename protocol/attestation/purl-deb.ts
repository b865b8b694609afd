/** Debian packages and what derives from them: `pkg:deb/debian/hello@2.10-3?arch=amd64`, `hello_2.10-3_amd64.deb`. */
import { assertFile, assertPart, assertQualifiers, withoutEpochZero } from "./profile.ts";
import type { Profile } from "./profile.ts";
import type { Purl } from "./purl.ts";
import { withUnsigned } from "./unsigned.ts";

/** The distributor, as dpkg-vendor writes it in lowercase. */
const VENDOR = /^[a-z0-9][a-z0-9.+-]*$/;
/** Debian Policy 5.6.1. */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
/**
 * Debian Policy 5.6.12, without what would write one version twice: an epoch of 0 or with leading zeros. A colon stands only
 * behind the epoch, since no archive has others and a file name could not tell.
 */
const VERSION = /^(?:[1-9][0-9]{0,9}:)?[0-9][A-Za-z0-9.+~-]*$/;
const ARCH = /^[a-z0-9][a-z0-9-]*$/;
/** Packages of the installer and Ubuntu's debug packages have endings of their own; each has a normal form. */
const ENDINGS = withUnsigned([".deb", ".udeb", ".ddeb"]);
const SOURCE_ENDINGS = [".dsc"];

export const DEB: Profile = {
  type: "deb",
  qualifiers: ["arch"],
  simplify: withoutEpochZero,
  checkPurl(purl) {
    assertPart(purl, "namespace", purl.namespace, VENDOR);
    assertPart(purl, "name", purl.name, NAME);
    assertPart(purl, "version", purl.version, VERSION);
    assertQualifiers(purl, DEB.qualifiers);
    assertPart(purl, "arch", arch(purl), ARCH);
  },
  checkFile(purl, file) {
    const stem = `${purl.name}_${withoutEpoch(purl.version)}`;
    if (arch(purl) === "source") assertFile(purl, file, stem, SOURCE_ENDINGS);
    else assertFile(purl, file, `${stem}_${arch(purl)}`, ENDINGS);
  },
};

/** Whether a distribution may be called so in the URLs of its .deb files. */
export function isDebNamespace(text: string): boolean {
  return VENDOR.test(text);
}

/** Debian leaves the epoch out of file names. */
export function withoutEpoch(version: string): string {
  return version.slice(version.indexOf(":") + 1);
}

function arch(purl: Purl): string {
  return purl.qualifiers.get("arch") ?? "";
}
