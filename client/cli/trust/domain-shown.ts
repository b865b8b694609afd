/** A domain, pinned or one's own, in words and as JSON (`protocol/spec/trust-domain.schema.json`). */
import { counted, formatTime, keyIdPlain, toHex, toVkey } from "../../../protocol/index.ts";
import type { DomainFile, Role, Targets } from "../../../protocol/index.ts";
import {
  expiryWarnings,
  lastOf,
  placesSaid,
  policiesOf,
  problemOf,
  roleName,
  roleWords,
} from "../../trust/index.ts";
import type { Domain } from "../../trust/index.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";

export function domainObject(domain: Domain, now: number): object {
  const { state, roots, targets, lacking } = domain;
  const root = lastOf(roots);
  const network = placesSaid(domain);
  const problem = problemOf(domain, now);
  return {
    samebits: 1,
    domain: state.domain,
    verified: state.verified,
    from: state.from,
    updated: state.updated === null ? null : formatTime(state.updated),
    root: {
      version: root.version,
      expires: formatTime(root.expires),
      root: roleObject(root.root),
      targets: roleObject(root.targets),
    },
    targets: [...targets.values()].map(targetsObject),
    lacking: [...lacking].map(([role, reason]) => ({ role, reason })),
    policies: policiesOf(domain).map(({ role, version, policy }) => ({
      role: roleName(role),
      version,
      sha256: policy.sha256,
      builders: policy.builders.size,
      rules: policy.rules.length,
    })),
    network: network?.network ?? null,
    bootstrap: network?.bootstrap ?? [],
    mirrors: network?.mirrors ?? [],
    witnesses: (network?.witnesses ?? []).map(({ name, raw }) => toVkey(name, raw)),
    removed: state.removed.map(({ builder, key, role, version, time }) => ({
      builder,
      key,
      role,
      version,
      time: formatTime(time),
    })),
    split:
      state.split === null
        ? null
        : {
            version: state.split.version,
            roots: state.split.roots,
            time: formatTime(state.split.time),
            proof: domain.proof,
          },
    warnings: expiryWarnings(domain, now),
    problem: problem === null ? null : { code: problem.code, message: problem.message },
  };
}

export function printDomain(domain: Domain, now: number, printer: Printer): void {
  if (printer.json) return printer.object(domainObject(domain, now));
  for (const line of domainLines(domain, now)) printer.data(line);
}

/** One line a domain. */
export function domainLine(domain: Domain, now: number): string {
  const { state, targets } = domain;
  const problem = problemOf(domain, now);
  const how = state.verified ? "" : "  UNVERIFIED first use";
  const says = problem === null ? "" : `  SAYS NOTHING: ${problem.code}`;
  return `${state.domain}  root ${lastOf(domain.roots).version}  targets ${targets.get("")?.version ?? "none"}${how}${says}`;
}

function domainLines(domain: Domain, now: number): readonly string[] {
  const { state, roots, targets, lacking } = domain;
  const root = lastOf(roots);
  const problem = problemOf(domain, now);
  return [
    `domain       ${state.domain}`,
    ...(state.verified
      ? []
      : [
          "             UNVERIFIED: taken at first use from where its documents came from; compare the fingerprint with its owners",
        ]),
    ...(state.from.length === 0 ? [] : [`from         ${state.from.map((from) => plain(from)).join("  ")}`]),
    ...(state.split === null
      ? []
      : [
          `SPLIT        two good roots ${state.split.version}: objects ${state.split.roots.join(" and ")}`,
          ...(domain.proof === null ? [] : [`             samebits evidence check ${domain.proof}`]),
        ]),
    ...(problem === null ? [] : [`SAYS NOTHING ${problem.message}`]),
    `root         ${root.version}, until ${formatTime(root.expires)}`,
    ...roleLines("  root", root.root),
    ...roleLines("  targets", root.targets),
    ...[...targets.values()].flatMap(targetsLines),
    ...[...lacking].map(([role, why]) => `lacking      targets of ${roleWords(role)}: ${plain(why)}`),
    ...networkLines(placesSaid(domain)),
    ...state.removed.map(({ builder, key, role, version, time }) => {
      const whose = `key ${key.slice(0, 16)}… of builder ${plain(builder)}`;
      return time <= now
        ? `removed      ${whose}, since targets ${version} of ${roleWords(role)} (seen ${formatTime(time)})`
        : `ends         ${whose}, revoked as of ${formatTime(time)} by targets ${version} of ${roleWords(role)}: it counts until then`;
    }),
    ...expiryWarnings(domain, now).map((warning) => `note         ${warning}`),
  ];
}

export function targetsLines(targets: Targets): readonly string[] {
  return [
    `targets      ${targets.version} of ${roleWords(roleName(targets.role))}, until ${formatTime(targets.expires)}`,
    ...saidLines(targets),
  ];
}

/** Files and delegations. */
export function saidLines({ files, delegations }: Pick<Targets, "files" | "delegations">): readonly string[] {
  return [
    ...[...files.values()].map(
      ({ path, length, sha256 }) => `  file       ${path}  ${counted(length, "octet")}  ${toHex(sha256)}`,
    ),
    ...delegations.flatMap(({ name, role, paths, purls }) => [
      `  delegates  ${purls.length === 0 ? "no packages" : purls.join(" ")} to ${name}, whose files are ${paths.join(" ")}`,
      ...roleLines("    ", role),
    ]),
  ];
}

function roleLines(label: string, { keys, threshold }: Role): readonly string[] {
  const ids = [...keys.values()].map(keyIdPlain);
  return [`${label.padEnd(12)} ${threshold} of ${ids.length}: ${ids.map((id) => id.slice(0, 16)).join(" ")}`];
}

function networkLines(file: DomainFile | null): readonly string[] {
  if (file === null) return [];
  return [
    ...(file.network === null ? [] : [`network      ${file.network}`]),
    ...file.bootstrap.map((address) => `bootstrap    ${address}`),
    ...file.mirrors.map((mirror) => `mirror       ${mirror}`),
    ...file.witnesses.map(({ name, raw }) => `witness      ${toVkey(name, raw)}`),
  ];
}

export function roleObject({ keys, threshold }: Role): object {
  return { threshold, keyids: [...keys.values()].map(keyIdPlain) };
}

function targetsObject({ role, version, expires, files, delegations }: Targets): object {
  return {
    role: roleName(role),
    version,
    expires: formatTime(expires),
    ...saidObject({ files, delegations }),
  };
}

export function saidObject({ files, delegations }: Pick<Targets, "files" | "delegations">): object {
  return {
    files: [...files.values()].map(({ path, length, sha256 }) => ({ path, length, sha256: toHex(sha256) })),
    delegations: delegations.map(({ name, role, paths, purls }) => ({
      name,
      ...roleObject(role),
      paths,
      purls,
    })),
  };
}
