import { parseOrigin } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";

/** The origin that `--successor` names. Throws `usage/bad-option`. */
export function readSuccessor(text: string): string {
  try {
    parseOrigin(text);
    return text;
  } catch (cause) {
    throw new ClientError("usage/bad-option", `--successor ${text}: an origin is samebits/<network>/<hex>`, {
      cause,
    });
  }
}

/** Throws `usage/bad-option` where a feed is to succeed itself. */
export function assertOther(successor: string | null, name: string): void {
  if (successor !== name) return;
  throw new ClientError(
    "usage/bad-option",
    `--successor ${successor}: that is the feed itself; it needs a new key`,
  );
}
