/** What the gateway says in plain text, to people who ask it with a browser or curl. */
import { counted, MAX_GATEWAY_HOSTS } from "../../../protocol/index.ts";
import type { Host } from "./builders.ts";
import type { Selection } from "./selection.ts";
import type { WhyNot } from "./shelf.ts";

/** Why claims are left out, in the order in which they are told. */
const REASONS: readonly (readonly [WhyNot, string])[] = [
  ["form", "in a form that clients of rebuilderd cannot check (DSSE statements, other dialects of in-toto)"],
  ["retracted", "taken back by the builder"],
  ["contradicted", "contradicted by the builder itself"],
  ["revoked", "signed with a key that the policy revokes"],
  ["forked", "of a builder whose feed has two histories"],
];

/** All host names, as lines of /etc/hosts. */
export function directory(hosts: readonly Host[], address: string, suffix: string, port: number): string {
  const lines = hosts.slice(0, MAX_GATEWAY_HOSTS).map(({ label }) => `${address} ${label}.${suffix}`);
  const first = hosts[0] === undefined ? "NAME" : hosts[0].label;
  const none = hosts.length === 0 ? ["# None: the policy names no builder with an Ed25519 key."] : [];
  const more =
    hosts.length > MAX_GATEWAY_HOSTS ? [`# and ${hosts.length - MAX_GATEWAY_HOSTS} more builders`] : [];
  return [
    "# samebits: rebuilderd's read interface, for what builders have signed. Each has a host name of its own,",
    `# such as http://${first}.${suffix}:${port}. Where the names do not resolve, these lines belong into /etc/hosts:`,
    ...lines,
    ...none,
    ...more,
    "",
  ].join("\n");
}

/** One builder: what is served, and what is not. */
export function summary({ label }: Host, { shown, leftOut, untaken }: Selection): string {
  const reasons = REASONS.flatMap(([why, words]) => {
    const count = leftOut.get(why);
    return count === undefined ? [] : [`left out  ${counted(count, "claim")} ${words}`];
  });
  const full =
    untaken > 0
      ? [
          `left out  ${counted(untaken, "claim")} about other files: there are more than this node remembers; of those served it still takes note`,
        ]
      : [];
  return [
    `builder   ${label}`,
    `served    ${counted(shown.length, "package")}`,
    ...reasons,
    ...full,
    "",
  ].join("\n");
}

/** The value of the header `samebits-left-out`. */
export function leftOutHeader({ leftOut, untaken }: Selection): string {
  const parts = REASONS.flatMap(([why]) => {
    const count = leftOut.get(why);
    return count === undefined ? [] : [`${why}=${count}`];
  });
  if (untaken > 0) parts.push(`full=${untaken}`);
  return parts.length === 0 ? "0" : parts.join(", ");
}
