import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { concat, toHex, utf8 } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { readIfThere, replaceFile, syncFolder } from "../private-file.ts";

/** Since when nothing newer was found of a feed that is being recovered. */
export interface Quarantine {
  /** ms since 1970. */
  readonly since: number;
  /** The largest size known then. */
  readonly size: number;
}

/** What is remembered, beside the own-head file, of a feed that is being recovered, or was given up. */
export interface RecoveryFiles {
  /** From now on the own-head file's absence means loss: a key alone begins no feed any more. */
  expect(): Promise<void>;
  quarantine(): Promise<Quarantine | null>;
  keepQuarantine(quarantine: Quarantine): Promise<void>;
  /** The quarantine is over. */
  forget(): Promise<void>;
  /** The statement that froze the feed, or null. */
  frozen(): Promise<Uint8Array | null>;
  /** Freezes the feed, for good. Where the statement lies. */
  freeze(statement: Uint8Array): Promise<string>;
}

export function recoveryFiles(folder: string, keyHex: string): RecoveryFiles {
  const home = join(folder, "own-head");
  const path = (ending: string): string => join(home, `${keyHex}.${ending}`);
  const put = async (ending: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await replaceFile(path(ending), bytes);
    await syncFolder(folder);
  };
  return {
    expect: () => put("begun", new TextEncoder().encode(`${keyHex}\n`)),
    async quarantine(): Promise<Quarantine | null> {
      const bytes = await readIfThere(path("recovering"));
      const [, since, size] = /^(\d{1,15}) (\d{1,15})\n$/.exec(Buffer.from(bytes ?? []).toString()) ?? [];
      return since === undefined || size === undefined ? null : { since: Number(since), size: Number(size) };
    },
    keepQuarantine: ({ since, size }) => put("recovering", new TextEncoder().encode(`${since} ${size}\n`)),
    forget: () => rm(path("recovering"), { force: true }),
    frozen: () => readIfThere(path("frozen")),
    async freeze(statement): Promise<string> {
      await put("frozen", statement);
      return path("frozen");
    },
  };
}

/** Throws `own-head/frozen` where the feed was given up. */
export async function assertNotFrozen(folder: string, keyHex: string): Promise<void> {
  if ((await recoveryFiles(folder, keyHex).frozen()) === null) return;
  throw new NodeError(
    "own-head/frozen",
    "the feed of this key was frozen for good, as it could not be recovered: start with the key of its successor (samebits show " +
      `${join(folder, "own-head", `${keyHex}.frozen`)})`,
  );
}

/** Freezes the feed of this key for good: no node publishes to it from this folder any more. Where the statement lies. */
export function freezeFeed(folder: string, key: Uint8Array, statement: Uint8Array): Promise<string> {
  return recoveryFiles(folder, toHex(key)).freeze(concat(statement, utf8("\n")));
}
