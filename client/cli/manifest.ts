/** `verify --manifest`: how much of what a list names is reproduced. */
import { ClientError } from "../errors.ts";
import { nameOf, readManifest, unseal } from "../manifest/index.ts";
import type { Entry, Manifest } from "../manifest/index.ts";
import type { Examined } from "../verify/index.ts";
import { cover, noteCoverage } from "./cover.ts";
import { Coverage } from "./coverage.ts";
import { Judging } from "./judging.ts";
import type { JudgingOptions } from "./judging.ts";
import type { Printer } from "./print.ts";

interface Options extends JudgingOptions {
  readonly manifest?: readonly string[];
  readonly npmCache?: string;
  readonly decide?: boolean;
  readonly vsa?: string;
  readonly against?: string;
}

/** Judges all that the manifests name. Throws for what the user named and can't be used. */
export async function verifyManifests(
  files: readonly string[],
  options: Options,
  printer: Printer,
): Promise<void> {
  const paths = assertManifests(files, options);
  const judging = await Judging.open(options, printer);
  const manifests: Manifest[] = [];
  for (const path of paths)
    manifests.push(await unseal(await readManifest(path, options.purl), options.npmCache));
  for (const { path, entries, unchecked } of manifests)
    if (entries.length + unchecked.length === 0)
      printer.note(`samebits: ${path} lists nothing: nothing of it was checked`);
  const all = options.verbose === true;
  const coverage = new Coverage(
    judging.policies,
    { of: paths, decide: options.decide === true, all },
    printer,
  );
  try {
    for (const { path, unchecked } of manifests) for (const one of unchecked) coverage.leaveOut(one, path);
    await cover(examined(manifests.flatMap(({ entries }) => entries)), judging, coverage, printer);
  } finally {
    await judging.close();
  }
  coverage.print();
  noteCoverage(judging, coverage, printer);
  process.exitCode = coverage.exit;
}

/** Each file once, in however many manifests it stands. */
function examined(entries: readonly Entry[]): readonly Examined[] {
  const once = new Map(entries.map((entry) => [nameOf(entry), entry]));
  return [...once.values()].map(({ target, sha256 }) => ({
    path: null,
    artifact: { sha256, name: target.file, target, inside: null },
    unfit: null,
  }));
}

function assertManifests(files: readonly string[], options: Options): readonly string[] {
  const { manifest, sha256, name, vsa, against, unsigned } = options;
  if (manifest === undefined)
    throw new ClientError("usage/bad-option", "--npm-cache goes with --manifest package-lock.json");
  if (files.length > 0 || sha256 !== undefined || name !== undefined)
    throw new ClientError(
      "usage/bad-option",
      "give FILE, or --sha256 with --name, or --manifest: one of them",
    );
  if (unsigned !== undefined)
    throw new ClientError("usage/bad-option", "--unsigned says what one FILE was before it was signed");
  if (vsa !== undefined || against !== undefined)
    throw new ClientError(
      "usage/bad-option",
      "--vsa and --against are for files: a manifest's files are not here",
    );
  return manifest;
}
