/** What apt tells a `DPkg::Pre-Install-Pkgs` hook of a transaction (apt.conf(5)): all three versions of the protocol. */
import { isPrintable, MAX_APT_ACTIONS, quote } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** A package as apt knows it, on one side of a change. */
export interface AptVersion {
  readonly version: string;
  /** Null before version 3. */
  readonly arch: string | null;
}

/** One step of a transaction. */
export type AptAction =
  | {
      readonly kind: "unpack";
      /** Absolute. */
      readonly path: string;
      /** As apt's lists call it; null in version 1, which has nothing but the path. */
      readonly as: { readonly name: string; readonly to: AptVersion } | null;
    }
  | { readonly kind: "configure" | "remove"; readonly name: string };

/** dpkg may unpack nothing else than what stands here. */
export interface AptTransaction {
  readonly version: 1 | 2 | 3;
  readonly actions: readonly AptAction[];
}

/** Fields of an action before its last one, which is a path and may hold spaces. */
const FIELDS = { 2: 4, 3: 8 } as const;
const NONE = "-";

/**
 * Reads the whole of it. Throws `apt/bad-input` for anything that is not exactly what apt writes, and `apt/unknown-version` for a protocol of
 * later days: whoever does not understand a transaction lets none through (RULES R32).
 */
export function readAptInput(bytes: Uint8Array): AptTransaction {
  const text = decoded(bytes);
  // So version 1 says that nothing is unpacked.
  if (text === "") return { version: 1, actions: [] };
  if (!text.endsWith("\n")) throw bad("its last line has no end");
  const lines = text.slice(0, -1).split("\n");
  const [first = ""] = lines;
  if (first.startsWith("/")) return { version: 1, actions: bounded(lines).map(plainPath) };
  const version = versionOf(first);
  const empty = lines.indexOf("");
  if (empty === -1) throw bad("no empty line ends its configuration");
  const odd = lines.slice(1, empty).find((line) => !/^[^=]+=/.test(line));
  if (odd !== undefined) throw bad(`${quote(odd)} is no line of configuration`);
  return { version, actions: bounded(lines.slice(empty + 1)).map((line) => actionOf(line, version)) };
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad("it is not UTF-8");
  }
}

function versionOf(line: string): 2 | 3 {
  const said = /^VERSION ([0-9]{1,9})$/.exec(line)?.[1];
  if (said === "2") return 2;
  if (said === "3") return 3;
  if (said === undefined) throw bad(`${quote(line)} is neither a version nor a path`);
  throw new ClientError(
    "apt/unknown-version",
    `apt speaks version ${said} of its protocol for hooks, which this samebits does not know: nothing is let through; install the hook anew (samebits apt install-hook), or a newer samebits`,
  );
}

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length > MAX_APT_ACTIONS) throw bad(`it has more than ${MAX_APT_ACTIONS} actions`);
  return lines;
}

function plainPath(line: string): AptAction {
  return { kind: "unpack", path: pathOf(line), as: null };
}

/** `name old cmp new action`, in version 3 with architecture and multi-arch kind behind each version. */
function actionOf(line: string, version: 2 | 3): AptAction {
  const words = line.split(" ");
  const fields = words.slice(0, FIELDS[version]);
  const last = words.slice(FIELDS[version]).join(" ");
  const [name = "", ...rest] = fields;
  const [old = "", compared = "", to = "", arch = ""] =
    version === 2 ? rest : [rest[0], rest[3], rest[4], rest[5]];
  const isWhole = fields.length === FIELDS[version] && fields.every((field) => field !== "");
  if (!isWhole || !/^[<=>]$/.test(compared) || last === "") throw bad(`${quote(line)} is no action`);
  if (last === "**CONFIGURE**") return { kind: "configure", name };
  if (last === "**REMOVE**") {
    if (old === NONE) throw bad(`${quote(line)} removes what is not there`);
    return { kind: "remove", name };
  }
  const path = pathOf(last);
  if (to === NONE) throw bad(`${quote(line)} unpacks no version`);
  return { kind: "unpack", path, as: { name, to: { version: to, arch: version === 2 ? null : arch } } };
}

function pathOf(text: string): string {
  if (text === "**ERROR**") throw bad("apt has no file for one of the packages");
  if (!text.startsWith("/") || !isPrintable(text)) throw bad(`${quote(text)} is no path of a file`);
  return text;
}

function bad(what: string): ClientError {
  return new ClientError(
    "apt/bad-input",
    `what apt says of the transaction can't be read: ${what}; nothing is let through (this command is for apt to call: samebits apt install-hook)`,
  );
}
