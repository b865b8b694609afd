/**
 * What a signed list of sums claims. A list names files, no package; which of them it names whole is told by its text alone, since nothing
 * else is signed (RULES R5, R14).
 */
import { ProtocolError } from "../errors.ts";
import { MAX_SUMS_ROWS } from "../limits.ts";
import { distinctClaims, makeClaim } from "./claim.ts";
import type { Claim } from "./claim.ts";
import type { Sums } from "./sums.ts";
import { parseTarget } from "./target.ts";
import type { Target } from "./target.ts";

/** A list that says what its build is: by the names in it. */
interface Layout {
  readonly step: string;
  readonly targetOf: (file: string) => Target;
}

/** `bitcoin-30.2-x86_64-linux-gnu.tar.gz`, `bitcoin-23.0rc1.tar.gz`: name and version, then what file of it. */
const BITCOIN = /^bitcoin-(?<version>[0-9]+(?:\.[0-9]+)+(?:rc[0-9]+)?)(?:-[A-Za-z0-9_.+-]+|\.tar\.gz)$/;
/** The signatures that Bitcoin's second stage puts on what the first has built: only its lists have them. */
const CODE_SIGNATURES = "-codesignatures-";
/** The step of lists that don't tell. */
const REBUILD = "rebuild";

/**
 * One claim a row. Of a list of Bitcoin Core's guix builders with its target (`protocol/spec/openpgp.md`), but for names that stand in it
 * twice: there the text does not tell which file is meant. All other rows have no target. Throws `sums/too-long`.
 */
export function sumsClaims({ rows, digests }: Sums, created: number): readonly Claim[] {
  if (rows.length > MAX_SUMS_ROWS) {
    throw new ProtocolError(
      "sums/too-long",
      `the list has ${rows.length} rows; at most ${MAX_SUMS_ROWS} are read`,
    );
  }
  const layout = layoutOf([...digests.keys()]);
  const shared = {
    kind: "positive",
    step: layout?.step ?? REBUILD,
    how: "imported",
    time: created,
  } as const;
  return distinctClaims(
    rows.map(({ file, sha256 }) => {
      const target = digests.get(file)?.size === 1 ? (layout?.targetOf(file) ?? null) : null;
      return makeClaim({ ...shared, target, file, sha256 });
    }),
  );
}

/** Of lists in which every name is of one version of Bitcoin Core. */
function layoutOf(files: readonly string[]): Layout | null {
  const versions = new Set(files.map((file) => BITCOIN.exec(file)?.groups?.["version"] ?? null));
  const [version] = versions;
  if (version === undefined || version === null || versions.size > 1) return null;
  return {
    step: files.some((file) => file.includes(CODE_SIGNATURES)) ? "all" : "noncodesigned",
    targetOf: (file) => parseTarget(`pkg:generic/bitcoin-core/bitcoin@${version}`, file),
  };
}
