/** What apt-transport-in-toto is answered, which asks for a package and a version and for no architecture. */
import type { Filter } from "./listing.ts";
import type { Selector, Shown } from "./selection.ts";

/** Debian's names of the architectures that Node runs on. */
const DEBIAN: ReadonlyMap<string, string> = new Map([
  ["x64", "amd64"],
  ["ia32", "i386"],
  ["arm", "armhf"],
  ["ppc64", "ppc64el"],
  ["mips64el", "mips64el"],
]);

/**
 * The links of the step `rebuild` about a package of this name and version (with or without its epoch) that in-toto for Python checks: of
 * this machine's architecture or of all where there are such, else of whatever architecture there is. Several are of several.
 */
export function linksFor(
  selector: Selector,
  name: string,
  version: string,
  machine: string = process.arch,
): readonly Shown[] {
  const filter: Filter = {
    name,
    // apt writes the colon of an epoch so in names of files
    version: version.replaceAll(/%3a/gi, ":"),
    architecture: null,
    distribution: null,
    unknown: false,
  };
  const all = selector.select(filter).shown.filter(({ listed }) => listed.readers.aptTransport);
  const own = DEBIAN.get(machine) ?? machine;
  const near = all.filter(({ view: { architecture } }) => architecture === own || architecture === "all");
  return distinct(near.length > 0 ? near : all);
}

/** Two products of one link are one link. */
function distinct(shown: readonly Shown[]): readonly Shown[] {
  return [...new Map(shown.map((one) => [one.listed.claim, one])).values()];
}
