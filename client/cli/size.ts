import { ClientError } from "../errors.ts";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1024],
  ["M", 1024 ** 2],
  ["G", 1024 ** 3],
  ["T", 1024 ** 4],
]);

/** `500M`, `4G`, `1048576`: octets, units of 1024. Throws `usage/bad-option`. */
export function parseSize(option: string, text: string): number {
  const match = /^([0-9]{1,12})([KMGT]?)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? "x");
  if (match === null || unit === undefined) {
    throw new ClientError("usage/bad-option", `${option} ${text}: write it like 500M or 4G`);
  }
  return Number(match[1]) * unit;
}
