/** The JSON of rebuilderd 0.28 for what a link says; what no link says is null, or empty where null may not stand. */
import type { JsonRecord } from "../views.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Listed } from "./shelf.ts";

/** A package as it is listed. */
export interface PackageView {
  readonly name: string;
  readonly version: string;
  /** Its file name has none, and nobody signed one. */
  readonly canHaveEpoch: boolean;
  readonly architecture: string;
  readonly distribution: string;
}

/** Null for a file that is no package. `namespace`: the distribution that .deb files are of, which none of them says. */
export function packageView(one: Listed, catalogue: Catalogue, namespace: string): PackageView | null {
  if (one.package === null) return null;
  const { kind, name, version, architecture } = one.package;
  if (kind === "alpm") return { name, version, canHaveEpoch: false, architecture, distribution: "archlinux" };
  const whole = catalogue.versionOf(one.file, one.sha256);
  return {
    name,
    version: whole ?? version,
    canHaveEpoch: whole === null,
    architecture,
    distribution: namespace,
  };
}

/** `seen`: when the feeds were read, ms since 1970. */
export function packageRecord(
  { id, artifact }: Listed,
  { name, version, distribution, architecture }: PackageView,
  seen: number,
): JsonRecord {
  return {
    id,
    name,
    version,
    distribution,
    release: null,
    component: null,
    architecture,
    url: "",
    status: "GOOD",
    build_id: id,
    artifact_id: artifact,
    diffoscope_log_id: null,
    attestation_log_id: artifact,
    last_seen: naiveTime(seen),
    seen_in_last_sync: true,
  };
}

/** As the older interface lists it. */
export function releaseRecord({ id }: Listed, view: PackageView): JsonRecord {
  return {
    name: view.name,
    version: view.version,
    status: "GOOD",
    distro: view.distribution,
    suite: "",
    architecture: view.architecture,
    artifact_url: "",
    build_id: id,
    built_at: null,
    has_diffoscope: false,
    has_attestation: true,
  };
}

/** Each link is a build of its own, named for its package: a link does not say of which source it is. */
export function buildRecord({ id }: Listed, view: PackageView): JsonRecord {
  return {
    id,
    name: view.name,
    version: view.version,
    distribution: view.distribution,
    release: null,
    architecture: view.architecture,
    backend: view.distribution,
    retries: 0,
    started_at: null,
    built_at: null,
    status: "GOOD",
  };
}

export function artifactRecord({ artifact }: Listed, { name }: PackageView): JsonRecord {
  return { id: artifact, name, has_diffoscope: false, has_attestation: true, status: "GOOD" };
}

/** UTC without a zone, as chrono's NaiveDateTime is written. */
function naiveTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1);
}
