/** npm packages: `pkg:npm/%40babel/core@7.24.0`, `babel-core-7.24.0.tgz`. */
import { assertFile, assertPart, assertQualifiers } from "./profile.ts";
import type { Profile } from "./profile.ts";

/** A scope with its `@`, or none. */
const SCOPE = /^(?:@[a-z0-9~-][a-z0-9._~-]*)?$/;
/** As npm has demanded since 2015: older names with capitals are others than the same in lower case, and name no target. */
const NAME = /^[a-z0-9~-][a-z0-9._~-]*$/;
/** Semantic Versioning 2.0, without build metadata, which no registry tells apart; a number has no leading zeros, in a pre-release neither. */
const VERSION =
  /^(?:0|[1-9][0-9]{0,15})(?:\.(?:0|[1-9][0-9]{0,15})){2}(?:-(?!0[0-9]+(?:\.|$))[0-9A-Za-z-]+(?:\.(?!0[0-9]+(?:\.|$))[0-9A-Za-z-]+)*)?$/;

export const NPM: Profile = {
  type: "npm",
  qualifiers: [],
  simplify: (purl) => purl,
  checkPurl(purl) {
    assertPart(purl, "namespace", purl.namespace, SCOPE);
    assertPart(purl, "name", purl.name, NAME);
    assertPart(purl, "version", purl.version, VERSION);
    assertQualifiers(purl, NPM.qualifiers);
  },
  checkFile(purl, file) {
    // As `npm pack` names it; a registry serves it under a path that has the scope in a folder.
    const scope = purl.namespace === "" ? "" : `${purl.namespace.slice(1)}-`;
    assertFile(purl, file, `${scope}${purl.name}-${purl.version}`, [".tgz"]);
  },
};
