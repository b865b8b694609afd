/**
 * Loaded into a node under measurement (`--import`): writes to the file that SAMEBITS_PROBE names when each feed entry
 * was stored, `<ms since 1970> <hash of the entry>` a line. Plain JavaScript, so that it brings no compiler into the
 * process.
 */
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { Level } from "level";

const ENTRY = "e".charCodeAt(0);
const path = process.env.SAMEBITS_PROBE;
// oxlint-disable-next-line typescript/unbound-method -- called with its database, below
const batch = Level.prototype.batch;

Level.prototype.batch = async function (...args) {
  const result = await Promise.resolve(batch.apply(this, args));
  const now = performance.timeOrigin + performance.now();
  const lines = (args[0] ?? []).flatMap(({ type, key, value }) =>
    type === "put" && key[0] === ENTRY
      ? [`${now.toFixed(1)} ${createHash("sha256").update(value).digest("hex").slice(0, 32)}\n`]
      : [],
  );
  if (lines.length > 0) appendFileSync(path, lines.join(""));
  return result;
};
