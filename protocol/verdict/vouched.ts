/** Who has signed the commit that a file was built from, or tags of it (spec/verdict.md, "Signed sources"). */
import { parsePurl } from "../attestation/index.ts";
import type { Verified } from "../attestation/index.ts";
import { compareCodePoints, quote } from "../bytes/index.ts";
import { keyIdPlain } from "../crypto/index.ts";
import { MAX_GIT_OBJECTS } from "../limits.ts";
import { sourceSignersOf, tagsFor } from "../policy/index.ts";
import type { Builder, GitRule, Tally } from "../policy/index.ts";
import type { Count } from "./dossier.ts";
import type { FoundObject, ObjectSigner, SignedObject, SignedSource } from "./found-object.ts";
import { SOURCE_COMMIT } from "./named.ts";
import { revocationOf } from "./revoked.ts";
import { seated } from "./voices.ts";

/** Who has signed a commit, and how near that comes to what the rule asks. */
export interface Vouched extends Tally {
  readonly objects: readonly Seen[];
}

/** An object as the rule takes it. */
interface Seen {
  readonly object: FoundObject;
  readonly signers: readonly ObjectSigner[];
  readonly lack: Lack | null;
  /** Who has it beside their claims. */
  readonly from: readonly Verified[];
}

type Lack = "another commit" | "another object" | "another name" | "unsigned" | "others" | "revoked";

/** Says of a source who has signed it, where its commit has these octets (null: nobody says which); null where the rule asks nobody. */
export type VouchedBy = (source: string, sha256: string | null) => Vouched | null;

/** An object, and beside which commits it was brought. */
interface Brought {
  readonly object: FoundObject;
  readonly beside: Set<string>;
  readonly from: Verified[];
}

/**
 * Finds out who of those that the rule asks has signed which source: tags of the names that it takes, or where it names none the commit too. A
 * holder takes a seat once, whatever keys and tags are his; a key that is revoked signs nothing, since nobody knows when it did.
 */
export function vouchedIn(count: Count): VouchedBy {
  const { rule, policy, artifact, now } = count;
  const git = rule.source?.git ?? null;
  const signed = git?.signed ?? null;
  if (git === null || signed === null) return () => null;
  const holders = new Map(sourceSignersOf(rule, policy).map((builder) => [builder.name, builder]));
  const names = tagsFor(git, parsePurl(artifact.target.purl).version);
  const all = broughtTo(count);
  const { step } = signed.requirement;
  return (source, sha256) => {
    const commit = source.slice(SOURCE_COMMIT.length);
    const objects = all
      .filter((one) => isAbout(one, commit, git))
      .map(({ object, from }): Seen => {
        const asked = object.signers.filter(({ builder }) => holders.has(builder));
        const signers = asked.filter((one) => !isRevoked(one, holders.get(one.builder), now));
        return { object, signers, from, lack: lackOf(object, { commit, sha256, names, asked, signers }) };
      })
      .toSorted(inOrder);
    const voices = new Set(
      objects.flatMap((one) => (one.lack === null ? one.signers : [])).map((one) => one.builder),
    );
    const spoken = [{ step, sources: new Set<string>(), object: null, link: null }];
    const speakers = [...holders.values()].filter(({ name }) => voices.has(name));
    const seating = { ways: signed.ways, distinct: rule.distinct };
    return {
      ...seated(
        seating,
        speakers.map((builder) => ({ builder, spoken })),
      ),
      objects,
    };
  };
}

/** Copies are one. */
function broughtTo({ found }: Count): readonly Brought[] {
  const brought = new Map<string, Brought>();
  for (const { objects = [], verified } of found.entries) {
    const commits = verified.claims.flatMap(({ source }) => source?.commit ?? []);
    for (const object of objects) {
      const name = `${object.kind} ${object.id} ${object.sha256}`;
      const one = brought.get(name) ?? { object, beside: new Set(), from: [] };
      for (const commit of commits) one.beside.add(commit);
      one.from.push(verified);
      brought.set(name, one);
    }
  }
  return [...brought.values()];
}

/** Most commits are not signed, and where tags are asked for none need be. */
function isAbout({ object, beside }: Brought, commit: string, { tags }: GitRule): boolean {
  if (object.kind === "commit") return object.commit === commit && object.isSigned && tags.length === 0;
  return object.commit === commit || beside.has(commit);
}

function isRevoked({ key }: ObjectSigner, builder: Builder | undefined, now: number): boolean {
  return builder === undefined || revocationOf(builder, key, now) !== null;
}

interface Asked {
  readonly commit: string;
  readonly sha256: string | null;
  readonly names: readonly string[];
  readonly asked: readonly ObjectSigner[];
  readonly signers: readonly ObjectSigner[];
}

function lackOf(object: FoundObject, { commit, sha256, names, asked, signers }: Asked): Lack | null {
  if (object.commit !== commit) return "another commit";
  if (object.kind === "commit" && sha256 !== null && object.sha256 !== sha256) return "another object";
  if (names.length > 0 && !names.includes(object.tag ?? "")) return "another name";
  if (!object.isSigned) return "unsigned";
  if (asked.length === 0) return "others";
  return signers.length === 0 ? "revoked" : null;
}

/** What counts, then what somebody signed; tags before commits, by name. */
function inOrder(a: Seen, b: Seen): number {
  const rank = ({ lack, signers }: Seen): number => (lack === null ? 0 : signers.length > 0 ? 1 : 2);
  const name = ({ object: { kind, tag, id, sha256 } }: Seen): string =>
    `${kind === "tag" ? 0 : 1} ${tag ?? ""} ${id} ${sha256}`;
  return rank(a) - rank(b) || compareCodePoints(name(a), name(b));
}

/** As a verdict shows it; null where the rule asks nobody to sign, or nobody is counted. */
export function signedIn(
  source: { readonly name: string; readonly object: string | null; readonly vouched: Vouched | null } | null,
  { rule, artifact }: Pick<Count, "rule" | "artifact">,
): SignedSource | null {
  const git = rule.source?.git ?? null;
  if (git === null || source === null || source.vouched === null) return null;
  const names = tagsFor(git, parsePurl(artifact.target.purl).version);
  const { needed, taken, objects } = source.vouched;
  const shown = objects
    .slice(0, MAX_GIT_OBJECTS)
    .map(({ object: { kind, id, sha256: digest, tag, commit }, signers, lack }): SignedObject =>
      Object.freeze({
        kind,
        id,
        sha256: digest,
        commit,
        tag,
        signers: Object.freeze(
          signers.map(({ builder, key }) => Object.freeze({ builder, keyid: keyIdPlain(key) })),
        ),
        reason: lack === null ? null : inWords(lack, commit, names),
      }),
    );
  return Object.freeze({
    commit: source.name.slice(SOURCE_COMMIT.length),
    sha256: source.object,
    tags: names,
    needed,
    taken,
    objects: Object.freeze(shown),
  });
}

function inWords(lack: Lack, commit: string | null, names: readonly string[]): string {
  switch (lack) {
    case "another commit":
      return commit === null ? "it tags no commit" : `it is of another commit, ${commit.slice(0, 8)}…`;
    case "another object":
      return "it is another object with the same id than the one that was built";
    case "another name":
      return `its name is not ${names.map(quote).join(" or ")}`;
    case "unsigned":
      return "nobody has signed it";
    case "others":
      return "none of those asked has signed it";
    case "revoked":
      return "it is signed with a key that is revoked";
  }
}

/** Why a source is not signed as the rule asks, and tags that are of another commit than the claim that brings them: that is no accident. */
export function vouchedReasons({ commit, needed, taken, objects }: SignedSource): readonly string[] {
  const isShort = taken < needed;
  const odd = objects.filter((one) => one.reason !== null && (isShort || one.commit !== commit));
  return [
    ...(isShort ? [`the commit ${commit.slice(0, 8)}… is signed by ${taken} of ${needed} needed`] : []),
    ...odd.map(({ reason, ...object }) => `${titleOf(object)} does not count: ${reason ?? ""}`),
  ];
}

/** `commit 6f87f6a6…: tag "v1.0" signed by alice, bob`: what counts, in a line; none where nothing does. */
export function vouchedLines({ commit, objects }: SignedSource): readonly string[] {
  const by = objects
    .filter(({ reason }) => reason === null)
    .map((one) => `${titleOf(one)} signed by ${one.signers.map(({ builder }) => builder).join(", ")}`);
  return by.length === 0 ? [] : [`commit ${commit.slice(0, 8)}…: ${by.join("; ")}`];
}

function titleOf({ kind, tag }: Pick<SignedObject, "kind" | "tag">): string {
  return kind === "commit" ? "the commit itself" : `tag ${quote(tag ?? "")}`;
}
