/** Which pinned domain a command means. */
import { ClientError } from "../errors.ts";
import { domainRule } from "../settings/index.ts";
import type { TrustStore } from "./store.ts";

/** The fingerprint that begins so, of those pinned. Throws `trust/not-pinned`. */
export function pinnedDomain(store: TrustStore, text: string): string {
  const wanted = text.toLowerCase().replace(/\u2026$/, "");
  const found =
    domainRule(wanted) === null ? store.domains().filter((domain) => domain.startsWith(wanted)) : [];
  const [one, ...others] = found;
  if (one !== undefined && others.length === 0) return one;
  const why =
    one === undefined ? "no pinned trust domain begins so" : "several pinned trust domains begin so";
  throw new ClientError("trust/not-pinned", `${text}: ${why}: samebits trust show lists them`);
}
