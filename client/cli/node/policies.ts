import { toHex } from "../../../protocol/index.ts";
import type { Policies } from "../../policy-file.ts";

/** A policy as a node shows it. */
interface ShownPolicy {
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
  readonly builders: readonly {
    readonly name: string;
    readonly operator: string;
    readonly roles: readonly string[];
    readonly keys: readonly string[];
    readonly feeds: readonly string[];
  }[];
}

/** What a node shows people of its policies: the files, and whom they name. */
export function shownPolicies(policies: Policies | null): readonly ShownPolicy[] {
  return (policies?.all ?? []).map(({ path, policy, text }) => ({
    name: path,
    sha256: policy.sha256,
    text,
    builders: [...policy.builders.values()].map(({ name, operator, roles, keys, feeds }) => ({
      name,
      operator,
      roles,
      keys: keys.map(({ raw }) => toHex(raw)),
      feeds,
    })),
  }));
}
