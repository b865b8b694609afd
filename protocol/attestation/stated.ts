/**
 * What samebits says inside the predicates of in-toto and SLSA, which have no member for it: one object called `samebits`, read
 * exactly. Others' tools ignore it, as in-toto tells them to.
 */
import { jsonObject } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { MAX_REASON_BYTES } from "../limits.ts";
import type { How } from "./claim.ts";
import { environmentDigest, environmentJson, readEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { isPrintable } from "./file-name.ts";
import { formatTime, parseTime } from "./time.ts";

/** Member under which it stands. */
export const SAMEBITS = "samebits";

const HOW: readonly How[] = ["built", "compared", "imported"];

/** The object as read: null where it says nothing. */
export interface Stated {
  readonly how: How | null;
  readonly time: number | null;
  readonly reason: string | null;
  /** Digest of the environment. */
  readonly environment: string | null;
}

const NOTHING: Stated = Object.freeze({ how: null, time: null, reason: null, environment: null });

/** The `samebits` object of `container`, if both are there: how it was obtained, when, in which environment, and why it failed. */
export function readStated(container: Shape | undefined): Stated {
  const shape = container?.record().optional(SAMEBITS);
  if (shape === undefined) return NOTHING;
  const fields = shape.record();
  const how = fields.optional("how")?.oneOf(HOW) ?? null;
  const time = fields.optional("time");
  const reason = fields.optional("reason");
  const environment = fields.optional("environment");
  fields.done();
  return {
    how,
    time: time === undefined ? null : parseTime(time.string()),
    reason: reason === undefined ? null : readReason(reason),
    environment: environment === undefined ? null : environmentDigest(readEnvironment(environment)),
  };
}

/** The object to write; what is null is left out. */
export function statedJson(said: {
  readonly how: How;
  readonly time: number | null;
  readonly reason?: string;
  readonly environment: Environment | null;
}): JsonValue {
  return jsonObject({
    how: said.how,
    time: said.time === null ? undefined : formatTime(said.time),
    reason: said.reason,
    environment: said.environment === null ? undefined : environmentJson(said.environment),
  });
}

/** A reason in the signer's words: one line of at most MAX_REASON_BYTES octets. */
export function readReason(shape: Shape): string {
  const reason = shape.string(MAX_REASON_BYTES);
  return isPrintable(reason)
    ? reason
    : shape.fail(
        "attestation/bad-name",
        "the reason is empty, or holds a control character or what turns text around; one line, please",
      );
}
