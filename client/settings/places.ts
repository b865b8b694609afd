/** What places, names and addresses have to be like, for options and the settings of a configuration file alike; whether they lead anywhere is seen by who goes there. */
import { hostPortOf, isDebNamespace, isMultiaddr, isPeerId, mirrorUrl } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** Says in words what should stand there instead of a text; null = it is good. */
export type Rule = (text: string) => string | null;

/** Throws `usage/bad-option` for the first text that is against the rule. */
export function assertOption(option: string, texts: readonly string[], rule: Rule): void {
  for (const text of texts) {
    const why = rule(text);
    if (why !== null) throw new ClientError("usage/bad-option", `${option} ${text}: ${why}`);
  }
}

export const addressRule: Rule = (text) =>
  isMultiaddr(text)
    ? null
    : "it is no multiaddr: use one such as /ip4/192.0.2.1/tcp/7716 or /dnsaddr/mesh.example.org";

export const mirrorRule: Rule = (text) =>
  mirrorUrl(text) === null ? "https://HOST/PATH, http://… or file:DIR is expected" : null;

/** Of a multiaddr the peer at its end is the anchor. */
export const anchorRule: Rule = (text) => {
  const isPeer = text.startsWith("/")
    ? /\/(?:p2p|ipfs)\/[^/]+$/.test(text) && isMultiaddr(text)
    : isPeerId(text);
  return isPeer || mirrorUrl(text) !== null
    ? null
    : "a peer (/ip4/…/p2p/…, or its id) or a mirror (https://HOST/PATH, http://…, file:DIR) is expected";
};

export const hostPortRule: Rule = (text) =>
  hostPortOf(text) === null ? "HOST:PORT is expected, such as 127.0.0.1:7717 or [::1]:7717" : null;

export const apiListenRule: Rule = (text) => {
  const why = text === "none" ? null : hostPortRule(text);
  return why === null ? null : `${why}, or none`;
};

/** Of a running node: by HTTP, or by its socket. */
export const apiRule: Rule = (text) =>
  text.startsWith("/") || webUrl(text) !== null
    ? null
    : "use http://host:port, https://host or a socket's path";

/** Where alerts are sent to. */
export const webRule: Rule = (text) =>
  webUrl(text)?.username === "" ? null : "use http://host/… or https://host/…";

/** Enough of a fingerprint to tell one's own domains apart; what is pinned was compared with more. */
export const domainRule: Rule = (text) =>
  /^[0-9a-f]{8,64}\u2026?$/i.test(text)
    ? null
    : "a trust domain's fingerprint is expected, or the first of its hex digits, at least 8";

export const debNamespaceRule: Rule = (text) =>
  isDebNamespace(text) ? null : "it is no distribution's name: use one such as debian or ubuntu";

function webUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}
