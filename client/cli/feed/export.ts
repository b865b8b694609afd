import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import {
  CHECKPOINT_PATH,
  counted,
  ProtocolError,
  TIMED_PATH,
  verifyCosigned,
  verifyTimed,
  writeCosigned,
} from "../../../protocol/index.ts";
import type { SignedHead } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../../folder.ts";
import { openFiles } from "../../source/index.ts";
import type { FeedFiles } from "../../source/index.ts";
import { writeWhole } from "../../write-file.ts";
import { addCommonOptions } from "../options.ts";
import type { Printer } from "../print.ts";
import { checkFiles, COSIGNED_FILES, folderFacts, readFile, readHead } from "./files.ts";
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
  const beside = await readBeside(files, running.api.name);
  assertGrowsInto(folder, head);
  makeFolder(folder);
  const { written, ...checked } = await writeFiles(folder, files, beside, {
    node: running.api.name,
    printer,
  });
  for (const { path, octets } of beside.files)
    await writeWhole(join(folder, path), octets, { replace: true });
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

/** What stands beside the checkpoint: files, and the heads in them. */
interface Beside {
  readonly files: readonly { readonly path: string; readonly octets: Uint8Array }[];
  readonly heads: readonly SignedHead[];
}

/** The newest head whose time is known, for who reads the copy knows by it how old it is; and what witnesses have cosigned. */
async function readBeside(files: FeedFiles, node: string): Promise<Beside> {
  const { head } = files;
  const read = async (
    path: string,
    verify: (octets: Uint8Array) => readonly SignedHead[],
  ): Promise<readonly SignedHead[]> => {
    const octets = await files.file(path);
    try {
      return octets === null ? [] : verify(octets);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const why = `the node at ${node}: ${path}: ${error.message} (${error.code})`;
      throw new ClientError("api/bad-answer", why, { cause: error });
    }
  };
  const timed = await read(TIMED_PATH, (octets) => [verifyTimed(octets, head)].filter((one) => one !== null));
  const cosigned = await Promise.all(
    COSIGNED_FILES.map(async ({ path, most }) => {
      const heads = await read(path, (octets) => verifyCosigned(octets, head, most));
      const notes = heads.map(({ note }) => note);
      return { path, heads, octets: writeCosigned(notes, most) };
    }),
  );
  return {
    files: [
      ...timed.map(({ note }) => ({ path: TIMED_PATH, octets: note })),
      ...cosigned.flatMap(({ path, octets }) => (octets === null ? [] : [{ path, octets }])),
    ],
    heads: [...timed, ...cosigned.flatMap(({ heads }) => heads)],
  };
}

/** Writes what is not there yet; what is there is checked with the rest. If anything is wrong, nothing of it stays. */
async function writeFiles(
  folder: string,
  files: FeedFiles,
  { heads: earlier }: Beside,
  { node, printer }: { readonly node: string; readonly printer: Printer },
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
    const checked = await checkFiles({ head: files.head, earlier }, folder, printer, { read, keep });
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
