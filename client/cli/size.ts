import { ClientError } from "../errors.ts";
import { readSize } from "../settings/index.ts";

/** `500M`, `4G`, `1048576`: octets, units of 1024. Throws `usage/bad-option`. */
export function parseSize(option: string, text: string): number {
  const size = readSize(text);
  if (size === null) throw new ClientError("usage/bad-option", `${option} ${text}: write it like 500M or 4G`);
  return size;
}
