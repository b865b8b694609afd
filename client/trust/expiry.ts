/** Until when a domain's documents speak, and what its users and owners are told before. */
import { counted, EXPIRY_WARNING_DAYS, formatTime, MAX_TARGETS_DAYS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { lastOf, roleWords } from "./domain.ts";
import type { Domain } from "./domain.ts";

const DAY_MS = 86_400_000;

interface Lasting {
  readonly expires: number;
}

/** Throws `trust/expired`. */
export function assertInTime(what: string, { expires }: Lasting, short: string, now: number): void {
  if (now < expires) return;
  throw new ClientError(
    "trust/expired",
    `${what} expired ${formatTime(expires)}: samebits trust update ${short}; where that brings nothing newer, somebody holds it back, or its owners have to sign anew`,
  );
}

/** What is to be said about how long a document lasts; null where all is well. */
export function expiryWarning(kind: "root" | "targets", { expires }: Lasting, now: number): string | null {
  const days = Math.floor((expires - now) / DAY_MS);
  if (expires <= now) return `expired ${formatTime(expires)}`;
  if (days < EXPIRY_WARNING_DAYS) return `expires in ${counted(days, "day")} (${formatTime(expires)})`;
  // So much longer could somebody show it who holds back what is newer.
  return kind === "targets" && days > MAX_TARGETS_DAYS
    ? `expires in ${days} days: more than the ${MAX_TARGETS_DAYS} for which old targets should pass for new ones`
    : null;
}

/** What users of a domain should know of its documents' time. */
export function expiryWarnings({ roots, targets }: Domain, now: number): readonly string[] {
  const root = lastOf(roots);
  const ofRoot = expiryWarning("root", root, now);
  const warnings = ofRoot === null ? [] : [`root ${root.version} ${ofRoot}`];
  for (const [name, document] of targets) {
    const warning = expiryWarning("targets", document, now);
    if (warning !== null) warnings.push(`targets ${document.version} of ${roleWords(name)}: ${warning}`);
  }
  return warnings;
}
