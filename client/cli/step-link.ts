/** The link of a layout's step: its file, its way into a feed, and what is told of it. */
import { join } from "node:path";
import { counted, fromUtf8, LEGACY_LINK, MAX_ENTRY_BYTES, toHex } from "../../protocol/index.ts";
import type { PublishedEntry } from "../../protocol/index.ts";
import { idOf, publish, writeEnvelopes } from "../attest/index.ts";
import type { Draft, StepLink } from "../attest/index.ts";
import type { Publisher } from "../edges.ts";
import { ClientError } from "../errors.ts";
import type { AnyKey } from "../keys/index.ts";
import type { Printer } from "./print.ts";

/** Files that are told of one by one. */
const MAX_SHOWN = 20;

/** A link that is signed, and where it is. */
export interface WrittenLink {
  readonly draft: Draft;
  readonly link: StepLink;
  /** Null = it went to stdout. */
  readonly path: string | null;
}

interface Telling {
  readonly key: AnyKey;
  readonly printer: Printer;
}

/** Writes a link to `STEP.KEYID8.link` in the folder; null = to stdout. */
export async function writeLink(
  { draft, link }: Omit<WrittenLink, "path">,
  folder: string | null,
  { printer }: Telling,
): Promise<WrittenLink> {
  const path = folder === null ? null : join(folder, link.fileName);
  if (path === null) printer.data(fromUtf8(link.bytes));
  else await writeEnvelopes(path, [link.bytes]);
  return { draft, link, path };
}

/** Hands a link to the node; null where it has no room in a feed. */
export async function publishLink(
  { link: { verified } }: WrittenLink,
  publisher: Publisher,
): Promise<PublishedEntry | null> {
  return verified === null ? null : ((await publish([verified], publisher))[0] ?? null);
}

/** Why a link was not published. */
export function fileOnly({ link, path }: WrittenLink): ClientError {
  return new ClientError(
    "attest/file-only",
    `${path ?? "the link"}: signed and written, and not published: an entry of a feed has at most ${MAX_ENTRY_BYTES} octets, 64 products and 256 materials, ` +
      `this link ${link.bytes.length} octets. Hand the file itself to who verifies, or record an archive of the files`,
  );
}

/** Tells of a link: JSON or words; on stderr where the link itself goes to stdout. */
export function reportLink(
  { draft, path }: WrittenLink,
  published: PublishedEntry | null,
  { key, printer }: Telling,
): void {
  const id = idOf(draft.statement, key.key, draft.form);
  const say = (line: string): void => (path === null ? printer.note(line) : printer.data(line));
  if (printer.json && path !== null) {
    const [first] = draft.products;
    printer.object({
      samebits: 1,
      envelope: path,
      id,
      keyid: key.keyId,
      predicate: LEGACY_LINK,
      kind: first === undefined ? null : "positive",
      step: draft.name,
      how: first === undefined ? null : "imported",
      subjects: draft.products.map(({ target, file, sha256 }) => ({
        purl: target?.purl ?? null,
        file,
        sha256: toHex(sha256),
      })),
      retracts: [],
      published: published === null ? null : { ...published },
    });
    return;
  }
  for (const { file, sha256 } of draft.products.slice(0, MAX_SHOWN))
    say(`signed     ${file}  ${toHex(sha256)}  (${draft.name})`);
  const more = draft.products.length - MAX_SHOWN;
  if (more > 0) say(`           and ${counted(more, "file")} more`);
  if (draft.products.length === 0) say(`signed     the step ${draft.name}, without files`);
  say(`claim id   ${id}`);
  if (path !== null) say(`link       ${path}`);
  if (published !== null)
    say(`published  ${published.origin} #${published.index}${published.known ? " (was there already)" : ""}`);
}
