/**
 * Loaded into a node under measurement (`--import`): writes to the file that SAMEBITS_PROBE names when each feed entry
 * was stored, `<ms since 1970> <hash of the entry>` a line. Plain JavaScript, so that it brings no compiler into the
 * process.
 */
import { createHash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { Level } from "level";

const ENTRY = "e".charCodeAt(0);
const file = openSync(process.env.SAMEBITS_PROBE, "a");
// oxlint-disable-next-line typescript/unbound-method -- called with its database, below
const newBatch = Level.prototype.batch;

Level.prototype.batch = function (...args) {
  const batch = newBatch.apply(this, args);
  // An array of operations: the DHT's rows. Entries are written through a batch of calls (node/store/level.ts).
  if (args.length > 0) return batch;
  const [put, write] = [batch.put.bind(batch), batch.write.bind(batch)];
  const entries = [];
  batch.put = (key, value, ...rest) => {
    if (key[0] === ENTRY) entries.push(value);
    return put(key, value, ...rest);
  };
  batch.write = async (...rest) => {
    await write(...rest);
    const now = (performance.timeOrigin + performance.now()).toFixed(1);
    const hashes = entries.map((value) => createHash("sha256").update(value).digest("hex").slice(0, 32));
    if (hashes.length > 0) writeSync(file, hashes.map((hash) => `${now} ${hash}\n`).join(""));
  };
  return batch;
};
