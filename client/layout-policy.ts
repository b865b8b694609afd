/** What `--layout` and its companions say, as a policy of one rule. */
import { basename } from "node:path";
import {
  attachLayouts,
  checkSigners,
  counted,
  isParameterName,
  isParameterValue,
  keyIdPlain,
  MAX_BUILDER_KEYS,
  MAX_LAYOUT_PARAMETERS,
  MAX_LINK_BYTES,
  parseDocument,
  policyOfLayout,
  ProtocolError,
} from "../protocol/index.ts";
import type { PublicKey } from "../protocol/index.ts";
import { readWhole } from "./artifact/index.ts";
import { ClientError } from "./errors.ts";
import { openOwnerKey } from "./keys/index.ts";
import type { Policies, PolicyFile } from "./policy-file.ts";

/** The options that name a layout. */
export interface LayoutOptions {
  readonly layout?: string;
  readonly layoutKey?: readonly string[];
  readonly layoutThreshold?: string;
  readonly parameter?: readonly string[];
}

/** Of the rule and of functionaries that have no other name. */
const NAME = "layout";

/**
 * A policy by which the layout decides about every file; null where none is named. What is wrong with the layout is part of the verdict. Throws
 * `input/…`, `key/bad-file`, `usage/bad-option`.
 */
export async function policiesOfLayout(options: LayoutOptions): Promise<Policies | null> {
  const { layout: path, layoutKey = [] } = options;
  if (path === undefined) {
    const [stray] = (["layoutKey", "layoutThreshold", "parameter"] as const).filter(
      (name) => options[name] !== undefined,
    );
    if (stray === undefined) return null;
    throw new ClientError("usage/bad-option", `${OPTION[stray]} goes with --layout: it says of which`);
  }
  if (layoutKey.length === 0 || layoutKey.length > MAX_BUILDER_KEYS)
    throw new ClientError(
      "usage/bad-option",
      `--layout needs --layout-key, the keys of its owners (1 to ${MAX_BUILDER_KEYS}): anybody can write a layout`,
    );
  const bytes = readWhole(path, MAX_LINK_BYTES);
  const keys = await ownersOf(bytes, layoutKey, path);
  const policy = await attachLayouts(
    policyOfLayout({
      name: NAME,
      file: basename(path),
      keys,
      k: readThreshold(options.layoutThreshold, keys.length),
      parameters: readParameters(options.parameter ?? []),
    }),
    () => bytes,
  );
  const file: PolicyFile = { path, policy, text: "", domain: null };
  return { of: () => file, all: [file], domain: null, places: null, warnings: [], problem: null };
}

const OPTION = {
  layoutKey: "--layout-key",
  layoutThreshold: "--layout-threshold",
  parameter: "--parameter",
} as const;

/** One key a file: of a certificate that which signed. Two files of one owner would be two signatures. */
async function ownersOf(
  layout: Uint8Array,
  files: readonly string[],
  path: string,
): Promise<readonly PublicKey[]> {
  const owners = new Map<string, PublicKey>();
  for (const file of files) {
    const [first, ...others] = await openOwnerKey(file);
    const key = others.length === 0 ? first : ((await signerOf(layout, [first, ...others], path)) ?? first);
    const id = keyIdPlain(key);
    if (owners.has(id))
      throw new ClientError("usage/bad-option", `--layout-key ${file}: this key is named twice`);
    owners.set(id, key);
  }
  return [...owners.values()];
}

async function signerOf(
  layout: Uint8Array,
  keys: readonly PublicKey[],
  path: string,
): Promise<PublicKey | undefined> {
  try {
    const place = { label: path, step: null, folder: null };
    return (await checkSigners(parseDocument(layout), keys, place)).signers[0];
  } catch (error) {
    if (error instanceof ProtocolError) return undefined; // what is wrong with it is said by whoever judges
    throw error;
  }
}

function readThreshold(text: string | undefined, keys: number): number {
  if (text === undefined) return keys;
  const k = Number(text);
  if (!Number.isInteger(k) || k < 1 || k > keys)
    throw new ClientError(
      "usage/bad-option",
      `--layout-threshold ${text}: from 1 to ${keys}, since ${counted(keys, "key")} are named`,
    );
  return k;
}

function readParameters(said: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const one of said) {
    // No name has an equals sign in it.
    const [name = "", ...rest] = one.split("=");
    const value = rest.join("=");
    if (!isParameterName(name) || !isParameterValue(value))
      throw new ClientError(
        "usage/bad-option",
        `--parameter ${one}: NAME=VALUE expected, the value of A-Z a-z 0-9 _ . + ~ : / - alone`,
      );
    if (parameters.has(name))
      throw new ClientError("usage/bad-option", `--parameter ${one}: ${name} is given twice`);
    parameters.set(name, value);
  }
  if (parameters.size > MAX_LAYOUT_PARAMETERS)
    throw new ClientError("usage/bad-option", `--parameter: at most ${MAX_LAYOUT_PARAMETERS} are taken`);
  return parameters;
}
