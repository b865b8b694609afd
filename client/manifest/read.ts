import { MAX_MANIFEST_BYTES, readJson, record } from "../../protocol/index.ts";
import type { RecordShape } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { readCycloneDx } from "./cyclonedx.ts";
import { badManifest, within } from "./listed.ts";
import type { Manifest } from "./listed.ts";
import { readNpmLock } from "./npm-lock.ts";
import { readSums } from "./sums.ts";

const BRACE = 0x7b;
const ANGLE = 0x3c;
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * A list of files in one of the formats that are read; which one, its content says. `purl` is what the files of a list of sums are of.
 * Throws `input/…`, `usage/bad-option`.
 */
export async function readManifest(path: string, purl: string | undefined): Promise<Manifest> {
  return manifestOf(readWhole(path, MAX_MANIFEST_BYTES), path, purl);
}

/** The same of octets: `path` is for messages. */
export async function manifestOf(
  bytes: Uint8Array,
  path: string,
  purl: string | undefined,
): Promise<Manifest> {
  const first = bytes.find((octet) => !SPACES.has(octet));
  if (first === ANGLE) throw badManifest(path, "it is XML; of CycloneDX, JSON is read");
  if (first !== BRACE) {
    if (purl === undefined)
      throw new ClientError(
        "usage/bad-option",
        `${path}: a list of sums needs --purl: what are these files? e.g. --purl pkg:generic/tool@1.0`,
      );
    return readSums(bytes, path, purl);
  }
  if (purl !== undefined)
    throw new ClientError(
      "usage/bad-option",
      `${path}: it says itself what each file is: --purl is for lists of sums`,
    );
  const root = within(path, () => record(readJson(bytes, { maxBytes: MAX_MANIFEST_BYTES }), "manifest"));
  if (isNamed(root, "bomFormat", "CycloneDX")) return readCycloneDx(root, path);
  if (root.optional("lockfileVersion") !== undefined) return readNpmLock(root, path);
  const hint = root.optional("spdxVersion") === undefined ? "" : ": of SBOMs, CycloneDX is read";
  throw badManifest(path, `JSON that is neither CycloneDX nor a lock of npm${hint}`);
}

function isNamed(root: RecordShape, member: string, value: string): boolean {
  return root.optional(member)?.value === value;
}
