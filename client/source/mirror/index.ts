/** The door of `client/source/mirror/`: feeds in static files that the user named, read and verified by ourselves. */
import { MAX_MIRRORS } from "../../../protocol/index.ts";
import type { Mirrors } from "../../edges.ts";
import { ClientError } from "../../errors.ts";
import { StaticMirrors } from "./mirrors.ts";
import type { MirrorOptions } from "./mirrors.ts";

/** Mirrors as `--mirror` names them; nothing is asked for yet. Throws `usage/bad-option`, `config/bad-address`. */
export async function openMirrors(names: readonly string[], options: MirrorOptions): Promise<Mirrors> {
  if (names.length > MAX_MIRRORS)
    throw new ClientError("usage/bad-option", `--mirror: at most ${MAX_MIRRORS}, not ${names.length}`);
  const { openMirror } = await import("../../../node/index.ts");
  const mirrors = names.map((name) => {
    const files = openMirror(name);
    return { name, read: files.read.bind(files) };
  });
  return new StaticMirrors(mirrors, options);
}
