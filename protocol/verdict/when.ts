/** Times as people read them, in UTC: a verdict is the same text wherever it is made. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `14:02` on the day of `now`, else `12 Nov`, with the year where it is another one. */
export function when(ms: number, now: number): string {
  const time = new Date(ms).toISOString();
  const today = new Date(now).toISOString();
  if (time.slice(0, 10) === today.slice(0, 10)) return time.slice(11, 16);
  const day = `${Number(time.slice(8, 10))} ${MONTHS[Number(time.slice(5, 7)) - 1] ?? ""}`;
  return time.slice(0, 4) === today.slice(0, 4) ? day : `${day} ${time.slice(0, 4)}`;
}
