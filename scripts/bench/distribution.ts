/** The load of a whole distribution: one attestation for each package of bookworm's own list, or of one of the same shape. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  buildLink,
  debTarget,
  fromHex,
  sealEnvelope,
  sha256,
  signDomain,
  utf8,
} from "../../protocol/index.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";

/** Packages of bookworm's main, amd64, at 12.15. */
export const PACKAGES = 63_440;
const MAX_LIST_BYTES = 2 ** 28;
const APT_HELPER = "/usr/lib/apt/apt-helper";

const run = promisify(execFile);

/** What a list says of a package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly sha256: Uint8Array;
}

export interface Distribution {
  readonly packages: readonly Package[];
  /** For the figure's remark. */
  readonly source: string;
}

/** The first `count` packages of the list that apt has fetched, or of a generated one. */
export async function distribution(count: number = PACKAGES): Promise<Distribution> {
  const real = await fromApt().catch(() => []);
  const source = real.length > 0 ? `bookworm's list by apt, ${real.length} packages` : "a generated list";
  return { packages: (real.length > 0 ? real : generated()).slice(0, count), source };
}

/** The statement that a rebuilder signs about a package. */
export function statementOf({ name, version, arch, sha256 }: Package): Uint8Array {
  const target = debTarget({ namespace: "debian", name, version, arch });
  return buildLink([{ target, file: target.file, sha256 }], {
    step: "rebuild",
    command: [],
    materials: [],
    how: "built",
    time: null,
    environment: null,
  });
}

export function sealedBy(by: TestBuilder, statement: Uint8Array): Uint8Array {
  return sealEnvelope(statement, (bytes) => signDomain(by.seed, bytes), by.hex);
}

async function fromApt(): Promise<readonly Package[]> {
  const listed = await run("apt-get", [
    "indextargets",
    "--format",
    "$(FILENAME)",
    "Created-By: Packages",
    "Codename: bookworm",
    "Component: main",
    "Architecture: amd64",
  ]);
  const [path = ""] = listed.stdout.split("\n");
  const { stdout } = await run(APT_HELPER, ["cat-file", path], { maxBuffer: MAX_LIST_BYTES });
  return stdout.split("\n\n").flatMap((stanza) => {
    const name = fieldOf(stanza, "Package");
    const version = fieldOf(stanza, "Version");
    const arch = fieldOf(stanza, "Architecture");
    const digest = fieldOf(stanza, "SHA256");
    return name === "" || digest === "" ? [] : [{ name, version, arch, sha256: fromHex(digest) }];
  });
}

function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1] ?? "";
}

/** Names and versions as long as bookworm's are in the median. */
function generated(): readonly Package[] {
  return Array.from({ length: PACKAGES }, (_, i) => ({
    name: `libgenerated-${i}-dev`,
    version: "1.2.3-4+deb12u1",
    arch: i % 3 === 0 ? "all" : "amd64",
    sha256: sha256(utf8(`generated ${i}`)),
  }));
}
