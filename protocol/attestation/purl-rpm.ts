/** RPM packages: `pkg:rpm/fedora/vim-enhanced@9.1.1-1.fc43?arch=x86_64&epoch=2`, `vim-enhanced-9.1.1-1.fc43.x86_64.rpm`. */
import { assertFile, assertPart, assertQualifiers } from "./profile.ts";
import type { Profile } from "./profile.ts";
import type { Purl } from "./purl.ts";
import { withUnsigned } from "./unsigned.ts";

const VENDOR = /^[a-z0-9][a-z0-9.+-]*$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
/** `version-release`; neither holds a hyphen. */
const VERSION = /^[A-Za-z0-9._+~^]+-[A-Za-z0-9._+~^]+$/;
const ARCH = /^[a-z0-9][a-z0-9_]*$/;
/** An epoch of 0 is the same as none, and never written. */
const EPOCH = /^(?:|[1-9][0-9]{0,9})$/;
const ENDINGS = withUnsigned([".rpm"]);

export const RPM: Profile = {
  type: "rpm",
  qualifiers: ["arch", "epoch"],
  simplify(purl) {
    const qualifiers = [...purl.qualifiers].filter(([key, value]) => key !== "epoch" || value !== "0");
    return { ...purl, qualifiers: new Map(qualifiers) };
  },
  checkPurl(purl) {
    assertPart(purl, "namespace", purl.namespace, VENDOR);
    assertPart(purl, "name", purl.name, NAME);
    assertPart(purl, "version", purl.version, VERSION);
    assertQualifiers(purl, RPM.qualifiers);
    assertPart(purl, "arch", arch(purl), ARCH);
    assertPart(purl, "epoch", purl.qualifiers.get("epoch") ?? "", EPOCH);
  },
  checkFile(purl, file) {
    assertFile(purl, file, `${purl.name}-${purl.version}.${arch(purl)}`, ENDINGS);
  },
};

function arch(purl: Purl): string {
  return purl.qualifiers.get("arch") ?? "";
}
