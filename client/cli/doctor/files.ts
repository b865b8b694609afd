import { lstatSync, readdirSync, statfsSync } from "node:fs";
import type { Stats, StatsFs } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import { fail, ok, warn } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** Files that only their user may read, in the data folder. */
const PRIVATE = ["token", "peer.key", "carrier.key"];
/** Folders of the data folder in which a node makes files. */
const FOLDERS = ["store", "own-head", "seen", "attested"];
const FEW_FILES = 1_000;

/** Keys, secrets and passphrases that others can read. */
export function lookAtKeys({ data, node, watch }: Config): Promise<readonly Finding[]> {
  const named = [node.publishKey, node.witnessKey, node.passphraseFile, watch.webhookSecret];
  const files = [...PRIVATE.map((name) => join(data, name)), ...named.filter((path) => path !== undefined)];
  const open = files.filter((path) => ((statOf(path)?.mode ?? 0) & 0o077) !== 0);
  return Promise.resolve(
    open.length > 0
      ? open.map((path) =>
          fail(
            "keys",
            `${path} can be read or written by others: chmod 600 ${path}, and make a new key if somebody may have read it`,
          ),
        )
      : files.some((path) => statOf(path) !== null)
        ? [ok("keys", "readable by their user alone")]
        : [],
  );
}

/** What lies in the data folder and is another user's, as after a node that was once started by root. */
export function lookAtOwners({ data }: Config): Promise<readonly Finding[]> {
  const home = statOf(data);
  if (home === null) return Promise.resolve([]);
  const paths = [data, ...FOLDERS.map((name) => join(data, name))].flatMap((folder) => [
    folder,
    ...namesIn(folder).map((name) => join(folder, name)),
  ]);
  const other = paths.find((path) => (statOf(path)?.uid ?? home.uid) !== home.uid);
  return Promise.resolve(
    other === undefined
      ? []
      : [
          fail(
            "owner",
            `${other} is another user's than the data folder: chown -R --reference=${data} ${data}`,
          ),
        ],
  );
}

/** Files that can still be made on the disk; some file systems do not count them. */
export function lookAtInodes({ data }: Config): Promise<readonly Finding[]> {
  const room = roomOf(data);
  if (room === null) return Promise.resolve([]); // told by who looks at the folder
  const { files, ffree } = room;
  if (files === 0 || ffree >= FEW_FILES) return Promise.resolve([]);
  const text = `${ffree} more files can be made on the disk of ${data}: remove files there (df -i)`;
  return Promise.resolve([ffree === 0 ? fail("files", text) : warn("files", text)]);
}

function roomOf(folder: string): StatsFs | null {
  try {
    return statfsSync(folder);
  } catch {
    return null;
  }
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
