/** A domain of three owners, two of whom sign its roots; who serves it, and who relies on it. */
import assert from "node:assert/strict";
import { addDomain, lastOf, openTrustSource, TrustStore, updateDomain } from "../../../client/trust/index.ts";
import type { Updated } from "../../../client/trust/index.ts";
import { ClientError } from "../../../client/errors.ts";
import type { ClientCode } from "../../../client/errors.ts";
import type { TrustSource } from "../../../client/edges.ts";
import { fingerprintOf, toVkey } from "../../../protocol/index.ts";
import type { DelegationChoice, TargetFile } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { LATER, owner, rootOf, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import type { Owner } from "../../protocol/trust/domains.ts";
import { Site } from "./site.ts";

export const alice: Owner = owner(1);
export const bob: Owner = owner(2);
export const carol: Owner = owner(3);
export const dave: Owner = owner(4);
export const mallory: Owner = owner(5);
export const OWNERS: readonly Owner[] = [alice, bob, carol];
export const NOW: number = Date.UTC(2029, 10, 1);
export const FIRST: Uint8Array = signedBy(rootOf(1, OWNERS, 2), "root", alice, bob);
export const PIN: string = fingerprintOf(FIRST);

export const policyText = (...builders: Owner[]): string =>
  `version = 1\n${builders.map(({ key }, at) => `[builders.b${at}]\nkey = "${toVkey(`b${at}`, key.raw)}"\n`).join("")}[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["b0"] }\n`;

export interface Release {
  readonly files?: readonly TargetFile[];
  readonly delegations?: readonly DelegationChoice[];
  readonly by?: readonly Owner[];
  readonly expires?: number;
}

/** Targets of the domain, signed by alice, whom root 1 names for them, unless it is said. */
export async function release(site: Site, version: number, said: Release = {}): Promise<void> {
  const files = said.files ?? [await site.file("policy.toml", policyText(dave))];
  const { delegations = [], by = [alice], expires = LATER } = said;
  await site.put(
    { role: [] },
    signedBy(targetsOf(version, { files, delegations, expires }), "targets", ...by),
  );
}

export async function begun(): Promise<Site> {
  const site = await Site.open();
  await site.put({ root: 1 }, FIRST);
  await release(site, 1);
  return site;
}

export interface Client {
  readonly store: TrustStore;
  readonly data: string;
  add(...sites: Site[]): Promise<Updated>;
  update(...sites: Site[]): Promise<Updated>;
  /** The same at another time than NOW. */
  updateAt(now: number, ...sites: Site[]): Promise<Updated>;
}

export async function client(): Promise<Client> {
  const data = await newFolder();
  const store = new TrustStore(data);
  const sources = (sites: readonly Site[]): readonly TrustSource[] =>
    sites.map(({ folder }) => openTrustSource(folder));
  return {
    store,
    data,
    add: (...sites) => addDomain(store, { fingerprint: PIN, sources: sources(sites), now: NOW }),
    update: (...sites) => updateDomain(store, PIN, sources(sites), NOW),
    updateAt: (now, ...sites) => updateDomain(store, PIN, sources(sites), now),
  };
}

export async function rejects(work: Promise<unknown>, code: ClientCode, says: RegExp = /./): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof ClientError, String(error));
    assert.deepEqual(error.code, code, error.message);
    assert.match(error.message, says);
    return true;
  });
}

export const versions = ({ domain }: Updated): readonly number[] => [
  lastOf(domain.roots).version,
  ...[...domain.targets.values()].map(({ version }) => version),
];
