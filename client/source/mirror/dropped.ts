import { ProtocolError } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";

/** Why a mirror is not used any further, in words that name it; `far`: how far it was read. Throws what is no fault of a mirror's. */
export function dropped(
  name: string,
  error: unknown,
  deadline: AbortSignal,
  far = "no head was read",
): ClientError {
  return said(name, error, deadline, { what: "not used any further", far });
}

/** The same of a file that is not needed: the rest of the mirror is used all the same. */
export function ignored(name: string, path: string, error: unknown, deadline: AbortSignal): ClientError {
  return said(name, error, deadline, { what: `its file ${path} is not used`, far: `${path} was not read` });
}

function said(
  name: string,
  error: unknown,
  deadline: AbortSignal,
  { what, far }: { readonly what: string; readonly far: string },
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
    return say("mirror/bad-files", `${what}: ${error.message} (${error.code})`);
  // By name, not by class: the published package has the node in a file of its own, with classes of its own.
  if (!(error instanceof Error) || error.name !== "NodeError") throw error;
  const why = error.message.replace(/^mirror .+?: /, "");
  return say("mirror/unreachable", `${what}: it cannot be read: ${why}`);
}
