const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1024],
  ["M", 1024 ** 2],
  ["G", 1024 ** 3],
  ["T", 1024 ** 4],
]);

/** `500M`, `4G`, `1048576` in octets, units of 1024; null for anything else. */
export function readSize(text: string): number | null {
  const match = /^([0-9]{1,12})([KMGT]?)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? "x");
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
