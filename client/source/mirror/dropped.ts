import { ProtocolError } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";

/** Why a mirror is not used any further, in words that name it; `far`: how far it was read. Throws what is no fault of a mirror's. */
export function dropped(
  name: string,
  error: unknown,
  deadline: AbortSignal,
  far = "no head was read",
): ClientError {
  if (error instanceof ClientError) return error;
  const say = (
    code: "mirror/unfinished" | "mirror/bad-files" | "mirror/unreachable",
    why: string,
  ): ClientError => new ClientError(code, `mirror ${name}: ${why}`, { cause: error });
  if (deadline.aborted)
    return say(
      "mirror/unfinished",
      `the deadline came when ${far}; what was read is kept: verify again, or give --deadline`,
    );
  if (error instanceof ProtocolError)
    return say("mirror/bad-files", `not used any further: ${error.message} (${error.code})`);
  // By name, not by class: the published package has the node in a file of its own, with classes of its own.
  if (!(error instanceof Error) || error.name !== "NodeError") throw error;
  const why = error.message.replace(/^mirror .+?: /, "");
  return say("mirror/unreachable", `not used any further: it cannot be read: ${why}`);
}
