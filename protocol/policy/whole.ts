/** A policy of one rule, made of a layout that somebody named with its owners' keys: it decides about every file. */
import { canonicalJson, jsonObject } from "../bytes/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { keyName, sha256Hex } from "../crypto/index.ts";
import { ruleByLayout } from "./layout-rule.ts";
import type { Policy, PolicyLayout } from "./types.ts";

/** What is judged by. */
export interface NamedLayout {
  /** Letters, digits, `.`, `_` and `-`: of rules and functionaries. */
  readonly name: string;
  /** For people. */
  readonly file: string;
  readonly keys: readonly PublicKey[];
  readonly k: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Without the layout itself: `attachLayouts` brings it. The policy's SHA-256 is that of who owns the layout and what it is given. */
export function policyOfLayout({ name, file, keys, k, parameters }: NamedLayout): Policy {
  const layout: PolicyLayout = Object.freeze({
    name,
    file,
    owners: Object.freeze({ keys, k }),
    parameters,
    found: Object.freeze({ kind: "absent" }),
  });
  return Object.freeze({
    version: 1,
    sha256: sha256Hex(
      canonicalJson(
        jsonObject({
          keys: keys.map(keyName).toSorted(),
          k,
          parameters: new Map(parameters),
        }),
      ),
    ),
    builders: new Map(),
    groups: new Map(),
    witnesses: new Map(),
    layouts: new Map([[name, layout]]),
    rules: Object.freeze([]),
    whole: ruleByLayout(layout, {
      name,
      match: "pkg:*",
      apt: null,
      mode: "enforce",
      logged: false,
      witnesses: null,
      loggedForMs: null,
    }),
    exceptions: Object.freeze([]),
    default: Object.freeze({ mode: "refuse" }),
  });
}
