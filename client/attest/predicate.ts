import { ClientError } from "../errors.ts";

/** How a result is said: in Statements of two kinds, in a link of the old form, or in the link of a layout's step. */
export type PredicateKind = "link" | "slsa" | "legacy-link" | "step-link";

/** Throws `usage/bad-option`. */
export function predicateKind(text: string): PredicateKind {
  const kinds = ["link", "slsa", "legacy-link", "step-link"] as const;
  const kind = kinds.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new ClientError("usage/bad-option", `--predicate ${text}: use one of ${kinds.join(", ")}`);
}
