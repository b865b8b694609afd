/** What builds print and give, within bounds. */
import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";
import type { Printed } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";

/** Passes all on and remembers the end of it. */
export interface Collected extends Transform {
  /** The last of it, as text. */
  tail(): string;
  /** All of it, as it is compared. */
  printed(): Printed;
}

/** Remembers the last `maxBytes` of what goes through. */
export function collected(maxBytes: number): Collected {
  let kept = Buffer.alloc(0);
  let length = 0;
  const hash = createHash("sha256");
  const stream = new Transform({
    transform(part: Buffer, _encoding, done: TransformCallback) {
      kept = Buffer.concat([kept, part]).subarray(-maxBytes);
      length += part.length;
      hash.update(part);
      done(null, part);
    },
  });
  return Object.assign(stream, {
    tail: () => kept.toString("utf8"),
    printed: () => ({ sha256: Uint8Array.from(hash.copy().digest()), length }),
  });
}

/** Passes the first `maxBytes` on, says so where there is more, and takes in the rest. */
export function logged(maxBytes: number): Transform {
  let total = 0;
  return new Transform({
    transform(part: Buffer, _encoding, done: TransformCallback) {
      const left = maxBytes - total;
      total += part.length;
      if (left <= 0) return done();
      if (part.length <= left) return done(null, part);
      done(null, Buffer.concat([part.subarray(0, left), Buffer.from("\n[the rest was not kept]\n")]));
    },
  });
}

/** Passes on what has at most `maxBytes`. Fails with `input/too-big` for more. */
export function limited(maxBytes: number, name: string): Transform {
  let total = 0;
  return new Transform({
    transform(part: Buffer, _encoding, done: TransformCallback) {
      total += part.length;
      if (total <= maxBytes) return done(null, part);
      done(
        new ClientError(
          "input/too-big",
          `${name}: more than the ${maxBytes} octets that are taken of a build`,
        ),
      );
    },
  });
}
