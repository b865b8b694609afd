import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { CHECKPOINT_PATH, counted, ProtocolError, TIMED_PATH, verifyTimed } from "../../../protocol/index.ts";
import type { SignedHead } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../../folder.ts";
import { openFiles } from "../../source/index.ts";
import type { FeedFiles } from "../../source/index.ts";
import { writeWhole } from "../../write-file.ts";
import { addCommonOptions } from "../options.ts";
import type { Printer } from "../print.ts";
import { checkFiles, folderFacts, readFile, readHead } from "./files.ts";
import type { Checked } from "./files.ts";
import { open, wantedOrigin } from "./known.ts";

export function defineExport(command: Command): void {
  addCommonOptions(command)
    .argument("<folder>", "where to: it is made, or holds an earlier export of the same feed")
    .argument("[origin]", "samebits/<network>/<hex> (default: the node's own)")
    .addHelpText(
      "after",
      `
Writes a feed as static files (C2SP tlog-tiles), for a web server or a USB stick. Every file is checked on the way, and the checkpoint
is written last: whoever reads the folder meanwhile sees the feed as it was, or as it is. Done again, it adds what is new.

Examples:
  samebits feed export /srv/www/tu-example
  samebits feed export /media/stick/feed samebits/main/8a88… && samebits feed check /media/stick/feed`,
    )
    .action(exportFeed);
}

async function exportFeed(folder: string, named: string | undefined, options: CommonOptions): Promise<void> {
  const { running, printer } = await open(options);
  const files = await openFiles(running.api, wantedOrigin(running, named));
  const { head } = files;
  const timed = await timedNote(files, running.api.name);
  assertGrowsInto(folder, head);
  makeFolder(folder);
  const { written, ...checked } = await writeFiles(folder, files, running.api.name, printer);
  if (timed !== null) await writeWhole(join(folder, TIMED_PATH), timed, { replace: true });
  await writeWhole(join(folder, CHECKPOINT_PATH), head.note, { replace: true });
  if (printer.json) printer.object({ ...folderFacts(folder, head, checked), written });
  else
    printer.data(
      `written: ${folder}, ${counted(head.size, "entry")} of ${head.origin} (${counted(checked.files, "file")}, ${written} of them new)`,
    );
}

/** Throws where the folder holds another feed, or more of this one. */
function assertGrowsInto(folder: string, { origin, size }: SignedHead): void {
  let there: SignedHead;
  try {
    there = readHead(folder);
  } catch (error) {
    if (error instanceof ClientError && error.code === "input/missing") return;
    throw error;
  }
  if (there.origin === origin && there.size <= size) return;
  throw new ClientError(
    "output/exists",
    there.origin === origin
      ? `${folder}: it holds ${counted(there.size, "entry")} of this feed, and the node has a head of ${size} only; wait until it has caught up`
      : `${folder}: it holds another feed, ${there.origin}; name another folder`,
  );
}

/** The newest head whose time is known: who reads the copy knows by it how old it is. */
async function timedNote(files: FeedFiles, node: string): Promise<Uint8Array | null> {
  const note = await files.file(TIMED_PATH);
  try {
    return note === null ? null : (verifyTimed(note, files.head)?.note ?? null);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "api/bad-answer",
      `the node at ${node}: ${TIMED_PATH}: ${error.message} (${error.code})`,
      { cause: error },
    );
  }
}

/** Writes what is not there yet; what is there is checked with the rest. If anything is wrong, nothing of it stays. */
async function writeFiles(
  folder: string,
  files: FeedFiles,
  node: string,
  printer: Printer,
): Promise<Checked & { readonly written: number }> {
  const fresh = new Set<string>();
  const written: string[] = [];
  const read = async (path: string): Promise<Uint8Array | null> => {
    const there = readFile(folder, path);
    if (there !== null) return there;
    fresh.add(path);
    return files.file(path);
  };
  const keep = async (path: string, octets: Uint8Array): Promise<void> => {
    if (!fresh.has(path)) return;
    const to = join(folder, path);
    makeFolder(dirname(to));
    await writeWhole(to, octets, { replace: true });
    written.push(to);
  };
  try {
    const checked = await checkFiles(files.head, folder, printer, { read, keep });
    return { ...checked, written: written.length };
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "api/bad-answer",
      `${error.message} (${error.code}): what the node at ${node} hands out, and what is in the folder, do not make the feed that was signed; samebits feed check ${folder} tells whether the folder is whole`,
      { cause: error },
    );
  }
}
