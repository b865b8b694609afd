/** Octets of commits and tags among what builders say: held against their ids, and who signed them is found out, once. Only where a rule asks for signatures. */
import type { GitOctets } from "../attestation/index.ts";
import { sameKey, sha256Hex } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { gitId, gitSigners, parseGitCommit, parseGitTag } from "../git/index.ts";
import type { GitSigned } from "../git/index.ts";
import { signersAsked } from "../policy/index.ts";
import type { Policy } from "../policy/index.ts";
import type { FoundObject, ObjectSigner } from "./found-object.ts";
import type { FoundClaim } from "./types.ts";

/** The claims with the objects that they bring; `drop` is told of octets and signatures that are none. They prove themselves, whoever brings them. */
export function withObjects(
  claims: readonly FoundClaim[],
  policy: Policy,
  drop: (error: ProtocolError) => void,
): Promise<readonly FoundClaim[]> {
  const asked = signersAsked(policy).flatMap(({ name, keys }) => keys.map((key) => ({ builder: name, key })));
  if (asked.length === 0) return Promise.resolve(claims);
  const known = new Map<string, Promise<FoundObject | null>>();
  // One after the other: whoever brings hundreds of them has no hundreds in memory at once.
  let last: Promise<unknown> = Promise.resolve();
  const check = (octets: GitOctets): Promise<FoundObject | null> => {
    const { kind, id, sha256, bytes } = octets;
    const name = `${kind} ${id} ${sha256 ?? ""} ${sha256Hex(bytes)}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = last.then(() => checked(octets, asked, drop));
    known.set(name, found);
    last = found;
    return found;
  };
  return Promise.all(
    claims.map((claim) => {
      const octets = new Set(claim.verified.claims.flatMap(({ git }) => git?.objects ?? []));
      if (octets.size === 0) return Promise.resolve(claim);
      return Promise.all([...octets].map(check)).then((objects) =>
        Object.freeze({ ...claim, objects: Object.freeze(objects.filter((one) => one !== null)) }),
      );
    }),
  );
}

/** Null where the octets are not those of the id. */
function checked(
  octets: GitOctets,
  asked: readonly ObjectSigner[],
  drop: (error: ProtocolError) => void,
): Promise<FoundObject | null> {
  const orElse = <Value>(instead: Value) => {
    return (error: unknown): Value => {
      if (!(error instanceof ProtocolError)) throw error;
      drop(error);
      return instead;
    };
  };
  return Promise.resolve()
    .then(() => {
      const { signed, ...object } = read(octets);
      return Promise.resolve()
        .then(() => (signed === null ? [] : signersOf(signed, asked)))
        .catch(orElse([]))
        .then((signers) => Object.freeze({ ...object, signers: Object.freeze(signers) }));
    })
    .catch(orElse(null));
}

/** Throws `git/bad-object`, `git/wrong-octets`. */
function read({ kind, id, sha256, bytes }: GitOctets): Omit<FoundObject, "signers"> & {
  readonly signed: GitSigned | null;
} {
  const object = kind === "tag" ? parseGitTag(bytes) : parseGitCommit(bytes);
  const own = sha256Hex(bytes);
  if (gitId(object) !== id || (sha256 !== null && sha256 !== own))
    throw new ProtocolError(
      "git/wrong-octets",
      `git ${kind} ${id}: the octets beside it are of another object`,
    );
  const of = { kind, id, sha256: own, signed: object.signed, isSigned: object.signed !== null };
  if (object.kind === "commit") return { ...of, commit: id, tag: null };
  return { ...of, commit: object.type === "commit" ? object.object : null, tag: object.name };
}

function signersOf(signed: GitSigned, asked: readonly ObjectSigner[]): Promise<readonly ObjectSigner[]> {
  const keys = asked.map(({ key }) => key);
  return gitSigners(signed, keys).then((some) =>
    asked.filter(({ key }) => some.some((one) => sameKey(one, key))),
  );
}
