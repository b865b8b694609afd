import { open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { MAX_KEY_FILE_BYTES, parsePublicKey } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import { openPolicy } from "../policy-file.ts";
import type { KnownKey } from "./show/index.ts";

/** Whose signatures are tried. */
export interface KeyOptions {
  /** Files of public keys. */
  readonly key?: readonly string[];
  readonly policy?: string;
}

/** Keys named, and the policy's where there is one. */
export async function knownKeys(options: KeyOptions, config: Config): Promise<readonly KnownKey[]> {
  const keys: KnownKey[] = [];
  for (const path of options.key ?? []) {
    const text = new TextDecoder().decode(await readSmall(path, MAX_KEY_FILE_BYTES));
    keys.push({ name: basename(path), key: parsePublicKey(text.trim()) });
  }
  if (options.policy === undefined && config.policy === null) return keys;
  const { policy } = await openPolicy(config, options.policy);
  const builders = [...policy.builders.values()];
  return [
    ...keys,
    ...builders.flatMap((builder) => builder.keys.map((key) => ({ name: builder.name, key }))),
  ];
}

/** A file of at most `maxBytes`. Throws `input/…`. */
export async function readSmall(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > maxBytes)
      throw new ClientError("input/too-big", `${path}: at most ${maxBytes} octets are read`);
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreadable(path, error);
  }
}
