/** Arch Linux and other users of pacman: `pkg:alpm/arch/vim@1:9.1-1?arch=x86_64`, `vim-1:9.1-1-x86_64.pkg.tar.zst`. */
import { assertFile, assertPart, assertQualifiers, withoutEpochZero } from "./profile.ts";
import type { Profile } from "./profile.ts";
import type { Purl } from "./purl.ts";

const VENDOR = /^[a-z0-9][a-z0-9.+-]*$/;
/** PKGBUILD(5), lowercase as the archive has it: alphanumerics and `@ . _ + -`, not beginning with a hyphen or a dot. */
const NAME = /^[a-z0-9@_+][a-z0-9@._+-]*$/;
/** `[epoch:]pkgver-pkgrel`; an epoch of 0 is never written. */
const VERSION = /^(?:[1-9][0-9]{0,9}:)?[A-Za-z0-9._+~^]+-[0-9]+(?:\.[0-9]+)?$/;
const ARCH = /^[a-z0-9][a-z0-9_]*$/;
/** makepkg.conf(5), PKGEXT. */
const ENDINGS = [
  ".pkg.tar.zst",
  ".pkg.tar.xz",
  ".pkg.tar.gz",
  ".pkg.tar.bz2",
  ".pkg.tar.lz4",
  ".pkg.tar.lz",
  ".pkg.tar",
];

export const ALPM: Profile = {
  type: "alpm",
  qualifiers: ["arch"],
  simplify: withoutEpochZero,
  checkPurl(purl) {
    assertPart(purl, "namespace", purl.namespace, VENDOR);
    assertPart(purl, "name", purl.name, NAME);
    assertPart(purl, "version", purl.version, VERSION);
    assertQualifiers(purl, ALPM.qualifiers);
    assertPart(purl, "arch", arch(purl), ARCH);
  },
  checkFile(purl, file) {
    // pacman keeps the epoch in the file name.
    assertFile(purl, file, `${purl.name}-${purl.version}-${arch(purl)}`, ENDINGS);
  },
};

function arch(purl: Purl): string {
  return purl.qualifiers.get("arch") ?? "";
}
