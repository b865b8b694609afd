/** The last that there is. */
export const LAST_PORT = 65_535;
const MIRROR_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "file:"]);

/** A host and a port as `HOST:PORT` or `[IPv6]:PORT` names them; null for anything else. */
export function hostPortOf(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  return match === null || port > LAST_PORT ? null : { host: match[1] ?? match[2] ?? "", port };
}

/** The URL of a mirror (`https://HOST/PATH`, `http://…`, `file:DIR`); null for anything else. */
export function mirrorUrl(name: string): URL | null {
  const url = URL.parse(name);
  return url !== null && MIRROR_SCHEMES.has(url.protocol) ? url : null;
}
