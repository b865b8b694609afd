/** The policies of a domain: its own, and those of the delegates that speak for some packages. */
import {
  attachLayouts,
  counted,
  documentPath,
  fromUtf8,
  MAX_POLICY_BYTES,
  ProtocolError,
  readDomainFile,
  readPolicy,
} from "../../protocol/index.ts";
import type { DomainFile, Policy, RolePath, Targets } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { lastOf, roleName, roleWords, speakerFor } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { assertInTime } from "./expiry.ts";

/** The names of files that clients look for. */
export const POLICY_FILE = "policy.toml";
export const DOMAIN_FILE = "domain.toml";

/** A policy, and the targets that list it. */
export interface DomainPolicy {
  /** For messages: `FINGERPRINT/debian/policy.toml`. */
  readonly path: string;
  readonly policy: Policy;
  /** As it was read. */
  readonly text: string;
  readonly role: RolePath;
  /** Of the targets that list it. */
  readonly version: number;
}

/** `policy.toml` of the domain, `debian/policy.toml` of its delegate `debian`. */
export function policyPath(role: RolePath): string {
  return [...role, POLICY_FILE].join("/");
}

/** Throws `trust/split`, `trust/expired`, `trust/bad-document` for a domain that says nothing at present. */
export function assertSpeaks(domain: Domain, now: number): void {
  const { state, proof } = domain;
  const short = state.domain.slice(0, 16);
  if (state.split !== null) {
    const check =
      proof === null ? `samebits trust show ${short} has both` : `samebits evidence check ${proof} proves it`;
    throw new ClientError(
      "trust/split",
      `two good roots ${state.split.version} of the trust domain ${short}… were seen: its owners signed two futures, or somebody has their keys, and nothing that it says counts any more. ${check}; ask the owners, then samebits trust remove ${short}`,
    );
  }
  assertInTime(
    `root ${lastOf(domain.roots).version} of the trust domain ${short}…`,
    lastOf(domain.roots),
    short,
    now,
  );
  targetsOf(domain, [], now);
}

/** Why the domain says nothing at present, or can't be read; null where all is well. */
export function problemOf(domain: Domain, now: number): ClientError | null {
  try {
    assertSpeaks(domain, now);
    domainFileOf(domain);
    return null;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}

/**
 * The policy that decides about a package (null = of the domain itself): the first delegation that fits says who speaks. Throws
 * `trust/no-policy` where that role has none that can be read, `trust/expired`, `trust/bad-document`.
 */
export function policyFor(domain: Domain, purl: string | null, now: number): DomainPolicy {
  const role = purl === null ? [] : speakerFor(domain, purl);
  for (let depth = 0; depth <= role.length; depth++) targetsOf(domain, role.slice(0, depth), now);
  const targets = targetsOf(domain, role, now);
  const found = readPolicyOf(domain, targets);
  if (found !== null) return found;
  const whose = roleWords(roleName(role));
  const why = purl === null || role.length === 0 ? "" : `, who speaks there for ${purl},`;
  throw new ClientError(
    "trust/no-policy",
    `the trust domain ${domain.state.domain.slice(0, 16)}…: ${whose}${why} lists no ${policyPath(role)}: ask its owners`,
  );
}

/** All that can be read: what is followed and watched. Those of delegates that are over, or lack, are left out. */
export function policiesOf(domain: Domain, now: number | null = null): readonly DomainPolicy[] {
  return [...domain.targets.values()].flatMap((targets) => {
    if (now !== null && targets.expires <= now) return [];
    try {
      return readPolicyOf(domain, targets) ?? [];
    } catch (error) {
      if (error instanceof ClientError) return [];
      throw error;
    }
  });
}

/** The policies of all roles that have layouts, with these: files that the same targets list, beside the policy. By the role's name. */
export async function withLayouts(domain: Domain): Promise<ReadonlyMap<string, Policy>> {
  const attached = new Map<string, Policy>();
  for (const { policy, role } of policiesOf(domain)) {
    if (policy.layouts.size === 0) continue;
    const files = domain.targets.get(roleName(role))?.files;
    const read = (name: string): Uint8Array | null => {
      const file = files?.get([...role, name].join("/"));
      return file === undefined ? null : domain.read(file);
    };
    attached.set(roleName(role), await attachLayouts(policy, read));
  }
  return attached;
}

/** Where the domain's clients begin; null where it does not say. Throws `trust/bad-document`. */
export function domainFileOf(domain: Domain): DomainFile | null {
  const file = domain.targets.get("")?.files.get(DOMAIN_FILE);
  const bytes = file === undefined ? null : domain.read(file);
  if (bytes === null) return null;
  const name = `${domain.state.domain.slice(0, 16)}…/${DOMAIN_FILE}`;
  return asDocument(name, () => readDomainFile(bytes, name));
}

/** The same; null, too, where it can't be read: the next update may bring one that can. */
export function placesSaid(domain: Domain): DomainFile | null {
  try {
    return domainFileOf(domain);
  } catch (error) {
    if (error instanceof ClientError) return null;
    throw error;
  }
}

/** Null where it lists none. */
function readPolicyOf(domain: Domain, { role, files, version }: Targets): DomainPolicy | null {
  const file = files.get(policyPath(role));
  if (file === undefined) return null;
  const path = `${domain.state.domain.slice(0, 16)}…/${file.path}`;
  const bytes = domain.read(file);
  if (bytes === null || bytes.length > MAX_POLICY_BYTES)
    throw new ClientError(
      "trust/no-policy",
      `${path}: ${bytes === null ? "it is not kept here: samebits trust update" : `${counted(bytes.length, "octet")} are no policy`}`,
    );
  try {
    return { path, policy: readPolicy(bytes, path), text: fromUtf8(bytes), role, version };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("trust/no-policy", `${error.message} (${error.code}): tell its owners`, {
      cause: error,
    });
  }
}

/** The targets of a role, which have to be there and in time. */
function targetsOf(domain: Domain, role: RolePath, now: number): Targets {
  const name = roleName(role);
  const targets = domain.targets.get(name);
  const short = domain.state.domain.slice(0, 16);
  if (targets === undefined) {
    const why = domain.lacking.get(name) ?? `${documentPath({ role })} was not to be had`;
    throw new ClientError(
      "trust/bad-document",
      `the trust domain ${short}…: no good targets of ${roleWords(name)} are here: ${why}; samebits trust update ${short}`,
    );
  }
  assertInTime(
    `the trust domain ${short}…: targets ${targets.version} of ${roleWords(name)}`,
    targets,
    short,
    now,
  );
  return targets;
}

function asDocument<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const where = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`;
    throw new ClientError("trust/bad-document", `${where} (${error.code}): tell its owners`, {
      cause: error,
    });
  }
}
