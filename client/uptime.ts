/** ms on a clock that never goes back; `performance` has one too, but loads ten modules of Node's with it. */
export function uptimeMs(): number {
  return 1_000 * process.uptime();
}
