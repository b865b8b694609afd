import { formatTime, toHex } from "../../protocol/index.ts";
import type { Claim } from "../../protocol/index.ts";

/** What `--json` prints of a claim (`claim` of `protocol/spec/parts.schema.json`). */
export function claimObject({
  kind,
  step,
  how,
  target,
  file,
  sha256,
  time,
  reason,
  retracts,
}: Claim): object {
  return {
    kind,
    step,
    how,
    purl: target?.purl ?? null,
    file,
    sha256: sha256 === null ? null : toHex(sha256),
    time: time === null ? null : formatTime(time),
    reason,
    retracts,
  };
}
