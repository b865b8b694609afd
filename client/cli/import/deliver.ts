import { dirname } from "node:path";
import { counted, fromUtf8 } from "../../../protocol/index.ts";
import type { PublishedEntry } from "../../../protocol/index.ts";
import { publish } from "../../attest/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../../folder.ts";
import type { Harvest, Imported } from "../../import/index.ts";
import { isStdout, writeOutput } from "../../output-file.ts";
import { needRunningNode } from "../../source/index.ts";
import { openConfig } from "../options.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";

/** Options of every command that brings something in. */
export interface ImportOptions extends CommonOptions {
  readonly output?: string;
}

/** How many came of one harvest, and by whom. */
export interface Brought {
  readonly imported: number;
  readonly signers: ReadonlySet<string>;
  /** New in the feed; null where nothing was published. */
  readonly fresh: number | null;
}

/**
 * Hands what was found to the node, or writes it to a file; tells of each, and in the end how many there were. Idempotent. Throws
 * `import/nothing` where nothing was found that can be brought in.
 */
export async function deliver(harvest: Harvest, options: ImportOptions, printer: Printer): Promise<void> {
  const brought = await bringIn(harvest, options, printer);
  if (brought.imported === 0) throw nothing(harvest);
  summary([brought], printer);
}

function nothing({ leftOut }: Harvest): ClientError {
  return new ClientError(
    "import/nothing",
    `nothing was brought in: ${counted(leftOut.length, "item was", "items were")} left out, and nothing else was found`,
  );
}

/** The same without the end: a part of what there is, which may be nothing where nothing is written: what a file has is not thrown away for that. */
export async function bringIn(harvest: Harvest, options: ImportOptions, printer: Printer): Promise<Brought> {
  const { imported, leftOut } = harvest;
  for (const { source, code, reason } of leftOut) {
    if (printer.json && !isPrinted(options))
      printer.object({ samebits: 1, event: "left-out", source, code, reason });
    else printer.note(`samebits: ${source} is left out: ${reason} [${code}]`);
  }
  const isPublished = options.output === undefined;
  if (!isPublished && imported.length === 0) throw nothing(harvest);
  const published = isPublished && imported.length > 0 ? await publishAll(imported, options, printer) : [];
  if (options.output !== undefined) await write(imported, options.output);
  // Where the documents themselves go to stdout, nothing else does.
  if (!isPrinted(options))
    for (const [at, one] of imported.entries()) report(one, published[at] ?? null, printer);
  const fresh = isPublished ? published.filter(({ known }) => !known).length : null;
  const signers = new Set(imported.flatMap(({ signer }) => (signer === null ? [] : [signer.name])));
  return { imported: imported.length, signers, fresh };
}

/** Whether the documents themselves go to stdout. */
export function isPrinted({ output }: ImportOptions): boolean {
  return output !== undefined && isStdout(output);
}

/** How many there were, at the end of all parts. */
export function summary(parts: readonly Brought[], printer: Printer): void {
  const imported = parts.reduce((sum, part) => sum + part.imported, 0);
  const signers = new Set(parts.flatMap((part) => [...part.signers]));
  const isPublished = parts.every(({ fresh }) => fresh !== null);
  const fresh = parts.reduce((sum, part) => sum + (part.fresh ?? 0), 0);
  const where = isPublished ? `: ${fresh} new in the feed, ${imported - fresh} there already` : "";
  printer.note(`samebits: ${counted(imported, "attestation")} by ${counted(signers.size, "signer")}${where}`);
}

async function publishAll(
  imported: readonly Imported[],
  options: ImportOptions,
  printer: Printer,
): Promise<readonly PublishedEntry[]> {
  const { api } = await needRunningNode(await openConfig(options));
  const ended = printer.progress(
    () => `publishing ${counted(imported.length, "attestation")} at ${api.name} …`,
  );
  try {
    return await publish(
      imported.map(({ attestation }) => attestation),
      api,
    );
  } finally {
    ended();
  }
}

async function write(imported: readonly Imported[], path: string): Promise<void> {
  const lines = imported.map(({ attestation }) => `${fromUtf8(withoutLineEnds(attestation.bytes))}\n`);
  if (!isStdout(path)) makeFolder(dirname(path));
  await writeOutput(path, lines.join(""));
}

function report(
  { source, attestation, signer }: Imported,
  entry: PublishedEntry | null,
  printer: Printer,
): void {
  const { claims, predicateType } = attestation;
  const steps = [...new Set(claims.map(({ step }) => step))];
  if (printer.json) {
    printer.object({
      samebits: 1,
      event: "imported",
      source,
      signer: signer === null ? null : { name: signer.name, keyid: signer.keyId },
      predicate: predicateType,
      steps,
      claims: claims.length,
      origin: entry?.origin ?? null,
      index: entry?.index ?? null,
      known: entry?.known ?? null,
    });
    return;
  }
  const place = entry === null ? "" : `${entry.origin} #${entry.index}  `;
  const who = signer === null ? "" : `${plain(signer.name)}, `;
  const what = `${who}${steps.map((step) => plain(step)).join(", ")}: ${counted(claims.length, "file")}`;
  printer.data(`${place}${source}  ${what}${entry?.known === true ? "  (was there already)" : ""}`);
}

/** A line end in JSON stands between its words, where a blank means the same: none can be in what is signed. */
function withoutLineEnds(document: Uint8Array): Uint8Array {
  return document.map((octet) => (octet === 0x0a || octet === 0x0d ? 0x20 : octet));
}
