/** What no package manager names: `pkg:generic/bitcoin-core/bitcoin@27.0`, any file of it. */
import { ProtocolError } from "../errors.ts";
import { quote } from "../bytes/index.ts";
import { assertFileName } from "./file-name.ts";
import { assertQualifiers } from "./profile.ts";
import type { Profile } from "./profile.ts";
import type { Purl } from "./purl.ts";

/** A release has many files of one name and version: here the file name is the other half of the identity, and free. */
export const GENERIC: Profile = {
  type: "generic",
  qualifiers: [],
  simplify: (purl) => purl,
  checkPurl(purl) {
    if (purl.namespace !== "") purl.namespace.split("/").forEach((part) => assertText(purl, part));
    assertText(purl, purl.name);
    if (purl.version !== "") assertText(purl, purl.version);
    assertQualifiers(purl, GENERIC.qualifiers);
  },
  checkFile: assertAnyFile,
};

/** Every base name will do; `parseTarget` has checked that it is one. */
function assertAnyFile(): void {}

/** The parts obey the rule for file names, so that nothing invisible tells two targets apart. */
function assertText(purl: Purl, part: string): void {
  try {
    assertFileName(part);
  } catch (cause) {
    throw new ProtocolError(
      "target/bad-purl",
      `${quote(part)} is no part of a pkg:${purl.type} package URL`,
      {
        cause,
      },
    );
  }
}
