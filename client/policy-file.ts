import { dirname, join } from "node:path";
import {
  attachLayouts,
  MAX_LINK_BYTES,
  MAX_POLICY_BYTES,
  ProtocolError,
  readPolicy,
} from "../protocol/index.ts";
import type { DomainFile, Policy } from "../protocol/index.ts";
import { readIfThere, readText } from "./artifact/index.ts";
import type { Config } from "./config.ts";
import { ClientError } from "./errors.ts";
import type { Domain } from "./trust/index.ts";

/** A policy and where it was read from. */
export interface PolicyFile {
  /** The file; of a trust domain its fingerprint's beginning and the file's name there. */
  readonly path: string;
  readonly policy: Policy;
  /** As it was read. */
  readonly text: string;
  /** Null for a file of the user's own. */
  readonly domain: PolicySource | null;
}

/** Who states a policy. */
export interface PolicySource {
  readonly fingerprint: string;
  /** Of the targets that list it. */
  readonly version: number;
  /** The delegate that speaks, names joined by `/`; empty = the domain itself. */
  readonly role: string;
}

/** What a command judges by: one file, or a trust domain, in which others may speak for some packages. */
export interface Policies {
  /** What decides about a package (null = nothing says which one it is). Throws `trust/…` where who speaks for it has none. */
  readonly of: (purl: string | null) => PolicyFile;
  /** All of them: whom a node follows, and what concerns a watcher. */
  readonly all: readonly PolicyFile[];
  readonly domain: Domain | null;
  /** Where the domain's clients begin. */
  readonly places: DomainFile | null;
  /** What is to be said about how long the domain's documents last. */
  readonly warnings: readonly string[];
  /** Why nothing is judged by them at present: of what `followedPolicies` finds only. */
  readonly problem: ClientError | null;
}

/** `--policy` and `domain:` say by which domain. */
const DOMAIN = "domain:";

/**
 * The policies of `--policy`, else of the configuration (`policy`, `domain`, then policy.toml beside it), else of the one domain that is
 * pinned: the first found wins, nothing is merged. Null where there is none. Throws `input/…`, `trust/…`, or `config/bad-file` with line
 * and column.
 */
export async function findPolicies(
  config: Config,
  option: string | undefined,
  now: number,
): Promise<Policies | null> {
  const found = await followedPolicies(config, option, now);
  if (found !== null && found.problem !== null) throw found.problem;
  return found;
}

/**
 * The same for who follows and watches only: a domain that says nothing at present (`problem`) is followed as it spoke last. So its node goes on,
 * carries it, and finds what makes it speak again; `of` throws the problem.
 */
export async function followedPolicies(
  config: Config,
  option: string | undefined,
  now: number,
): Promise<Policies | null> {
  if (option?.startsWith(DOMAIN) === true) return ofDomain(config, option.slice(DOMAIN.length), now);
  if (option !== undefined) return ofFile(option);
  if (config.domain !== null) return ofDomain(config, config.domain, now);
  if (config.policy !== null) return ofFile(config.policy);
  const { TrustStore } = await import("./trust/index.ts");
  const [pinned, ...others] = new TrustStore(config.data).domains();
  if (pinned === undefined) return null;
  if (others.length > 0) {
    throw new ClientError(
      "trust/not-pinned",
      'several trust domains are pinned, and none is named: give --policy domain:FINGERPRINT, or set domain = "FINGERPRINT" in config.toml',
    );
  }
  return ofDomain(config, pinned, now);
}

/** The same, where the command can do nothing without. Throws `config/no-policy`. */
export async function openPolicies(
  config: Config,
  option: string | undefined,
  now: number,
): Promise<Policies> {
  const found = await findPolicies(config, option, now);
  if (found !== null) return found;
  throw new ClientError(
    "config/no-policy",
    "there is no policy: name one with --policy, put policy.toml beside config.toml (protocol/spec/policy.md begins with one), or pin a trust domain (samebits trust add)",
  );
}

/** The policy of the whole: the file, or the domain's own. Throws as `openPolicies` does. */
export async function openPolicy(config: Config, option: string | undefined): Promise<PolicyFile> {
  return (await openPolicies(config, option, Date.now())).of(null);
}

async function ofFile(path: string): Promise<Policies> {
  const text = readText(path, MAX_POLICY_BYTES);
  const policy = await attachLayouts(readIn(path, text), (file) =>
    readIfThere(join(dirname(path), file), MAX_LINK_BYTES),
  );
  const file: PolicyFile = { path, policy, text, domain: null };
  return { of: () => file, all: [file], domain: null, places: null, warnings: [], problem: null };
}

function readIn(path: string, text: string): Policy {
  try {
    return readPolicy(text, path);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("config/bad-file", `${error.message} (${error.code})`, { cause: error });
  }
}

async function ofDomain(config: Config, name: string, now: number): Promise<Policies> {
  const trust = await import("./trust/index.ts");
  const store = new trust.TrustStore(config.data);
  const domain = trust.openDomain(store, trust.pinnedDomain(store, name));
  const problem = trust.problemOf(domain, now);
  const attached = await trust.withLayouts(domain);
  const fileOf = ({ path, policy, text, role, version }: ReturnType<typeof trust.policyFor>): PolicyFile => ({
    path,
    policy: attached.get(trust.roleName(role)) ?? policy,
    text,
    domain: { fingerprint: domain.state.domain, version, role: trust.roleName(role) },
  });
  return {
    of(purl) {
      if (problem !== null) throw problem;
      return fileOf(trust.policyFor(domain, purl, now));
    },
    all: trust.policiesOf(domain, problem === null ? now : null).map(fileOf),
    domain,
    places: trust.placesSaid(domain),
    warnings: trust.expiryWarnings(domain, now),
    problem,
  };
}
