import {
  alpmTarget,
  debTarget,
  keyIdKha,
  LEGACY_LINK,
  parseAttestation,
  parseTarget,
  ProtocolError,
  sha256Hex,
  tried,
  utf8,
} from "../../protocol/index.ts";
import type { Attestation, Target } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Answers } from "./answers.ts";
import type { Harvest, Imported, LeftOut } from "./imported.ts";
import { pagesOf } from "./packages.ts";
import type { Instance, PackageRecord } from "./packages.ts";
import { whoSigned } from "./who-signed.ts";

/** What an instance says of a package without signing it: nobody's word. */
export interface Hearsay {
  readonly source: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly status: string;
}

/** A page of what an instance has. */
export interface RebuilderdHarvest extends Harvest {
  readonly hearsay: readonly Hearsay[];
  /** Key ids beside the instance's own: of its workers, so of the same operator. */
  readonly workers: ReadonlySet<string>;
  /** Where the attestations were that are dealt with now. */
  readonly done: readonly string[];
}

/** Arch's packages have the namespace `arch` (protocol/spec/targets.md), which rebuilderd calls otherwise. */
const ARCH = new Set(["archlinux", "arch"]);

/**
 * All that is new of an instance, page by page: its links as they are, each checked with the instance's key and bound to the package it is
 * listed under, since the instance signs whatever its workers upload. `known`: where attestations were that were dealt with before.
 */
export async function* harvestRebuilderd(
  answers: Answers,
  instance: Instance,
  known: ReadonlySet<string>,
): AsyncGenerator<RebuilderdHarvest> {
  // What nobody's key at hand signed is asked for again once the instance has other keys.
  const ids = instance.keys.map(keyIdKha).toSorted();
  const byTheseKeys = ` not by ${sha256Hex(utf8(ids.join())).slice(0, 16)}`;
  for await (const page of pagesOf(answers, instance)) {
    const hearsay = page.flatMap((one) => hearsayOf(answers, one));
    const imported: Imported[] = [];
    const leftOut: LeftOut[] = [];
    const done: string[] = [];
    const workers = new Set<string>();
    for (const one of page) {
      const path = one.attestation;
      if (path === null || known.has(path) || known.has(`${path}${byTheseKeys}`)) continue;
      const found = await fetchOne(answers, instance, one, path);
      if (found === null) continue;
      const isStrangers = "code" in found && found.code === "import/unknown-key";
      done.push(isStrangers ? `${path}${byTheseKeys}` : path);
      if ("code" in found) leftOut.push(found);
      else {
        imported.push(found);
        for (const { keyid } of found.attestation.signatures) {
          if (keyid !== null && !instance.keys.some((key) => keyIdKha(key) === keyid)) workers.add(keyid);
        }
      }
    }
    yield { imported, leftOut, hearsay, workers, done };
  }
}

/** Null where it is not there (any more): asked again next time. */
async function fetchOne(
  answers: Answers,
  instance: Instance,
  one: PackageRecord,
  path: string,
): Promise<Imported | LeftOut | null> {
  const body = await answers.get(path);
  if (body === null) return null;
  const source = `${answers.name}${path}`;
  try {
    const attestation = parseAttestation(body);
    assertBound(attestation, one);
    const known = await whoSigned(
      attestation,
      instance.keys.map((key) => ({ key })),
    );
    if (known !== null)
      return { source, attestation, signer: { name: answers.name, keyId: keyIdKha(known.key) } };
    const reason = "no key that signs for the instance now made any of its signatures";
    return { source, code: "import/unknown-key", reason };
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof ClientError)) throw error;
    return { source, code: error.code, reason: error.message };
  }
}

/** Throws `import/unbound` unless the link is about the one file that the package is listed as, whole name, version and architecture. */
function assertBound({ predicateType, claims }: Attestation, one: PackageRecord): void {
  const names = claims.map(({ file }) => file).join(", ");
  const target = targetOf(one);
  const isIts = (file: string): boolean => target !== null && isFileOf(target, file);
  if (predicateType === LEGACY_LINK && claims.length > 0 && claims.every(({ file }) => isIts(file))) return;
  throw new ClientError(
    "import/unbound",
    `it is listed under ${one.name} ${one.version} ${one.architecture} of ${one.distribution}, and is about ${names === "" ? "nothing" : names}`,
  );
}

function targetOf({ distribution, name, version, architecture: arch }: PackageRecord): Target | null {
  return tried(() =>
    ARCH.has(distribution)
      ? alpmTarget({ namespace: "arch", name, version, arch })
      : debTarget({ namespace: distribution, name, version, arch }),
  );
}

/** Debian's packages have no epoch in their file names, and Arch's several endings. */
function isFileOf({ purl }: Target, file: string): boolean {
  try {
    return parseTarget(purl, file).file === file;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** BAD is never signed, and no digest stands beside it. */
function hearsayOf(
  answers: Answers,
  { name, version, architecture, status }: PackageRecord,
): readonly Hearsay[] {
  return status === "BAD" ? [{ source: answers.name, name, version, architecture, status }] : [];
}
