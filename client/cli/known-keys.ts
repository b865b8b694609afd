import { basename } from "node:path";
import type { Config } from "../config.ts";
import { readPublicKeyFile } from "../keys/index.ts";
import { findPolicies } from "../policy-file.ts";
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
  for (const path of options.key ?? []) keys.push({ name: basename(path), key: readPublicKeyFile(path) });
  const policies = await findPolicies(config, options.policy, Date.now());
  const builders = (policies?.all ?? []).flatMap(({ policy }) => [...policy.builders.values()]);
  return [
    ...keys,
    ...builders.flatMap((builder) => builder.keys.map((key) => ({ name: builder.name, key }))),
  ];
}
