/** A rebuild of a Debian source package in words, and as JSON. */
import { basename } from "node:path";
import { counted, toHex } from "../../../protocol/index.ts";
import { EXIT } from "../../errors.ts";
import type { Output, Rebuild } from "../../rebuild/index.ts";
import { reasonOf } from "../../rebuild/index.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";

const SHORT = 8;

/** A build that gave another file, and one that gave none. */
const DIFFERS = 1;
const NOT_BUILT = 2;

/** 0, or what the worst file says. */
export function statusOf({ failure, outputs }: Rebuild): number {
  if (failure !== null) return NOT_BUILT;
  return outputs.some(({ same }) => same === false) ? DIFFERS : EXIT.ok;
}

export function reportRebuild(rebuild: Rebuild, printer: Printer): void {
  if (printer.json) return printer.object(rebuildJson(rebuild));
  const { source, outputs, failure, drift, log } = rebuild;
  const same = outputs.filter((output) => output.same === true).length;
  const different = outputs.filter((output) => output.same === false).length;
  const parts = [
    `${source.name} ${source.version}`,
    ...(failure === null ? [counted(outputs.length, "package")] : ["NOT BUILT"]),
    ...(same === 0 ? [] : [`${same} the same as Debian's`]),
    ...(different === 0 ? [] : [`${different} ANOTHER THAN DEBIAN'S`]),
  ];
  printer.data(`samebits: ${parts.join(" · ")}`);
  for (const output of outputs) for (const line of linesOf(output)) printer.data(line);
  if (failure !== null) printer.data(`  FAILED   ${plain(failure)}`);
  if (drift.length > 0)
    printer.data(
      `  ${counted(drift.length, "package")} that the build was repeated with could not be had in the same version, such as ${plain(drift[0] ?? "")}`,
    );
  printer.data(`  log      ${log}`);
}

function linesOf(output: Output): readonly string[] {
  const { path, sha256, expected, same, report } = output;
  const file = basename(path);
  const ours = toHex(sha256).slice(0, SHORT);
  if (same === true) return [`  same     ${file}   ${ours}…`];
  if (expected === null) return [`  new      ${file}   ${ours}…   the archive has no such file`];
  const theirs = toHex(expected.sha256).slice(0, SHORT);
  return [
    `  DIFFERS  ${file}   ours ${ours}…, the archive's ${theirs}…`,
    `           ${plain(reasonOf(output) ?? "")}`,
    ...(report === null ? [] : [`           what differs: ${report}`]),
  ];
}

function rebuildJson({ source, outputs, failure, drift, log }: Rebuild): object {
  return {
    samebits: 1,
    source: { name: source.name, version: source.version, dsc: source.dsc },
    outputs: outputs.map(({ path, target, sha256, expected, same, cause, report }) => ({
      file: target.file,
      purl: target.purl,
      path,
      sha256: toHex(sha256),
      expected: expected === null ? null : toHex(expected.sha256),
      same,
      cause: cause === null ? null : { ...cause },
      report,
    })),
    failure,
    drift,
    log,
  };
}
