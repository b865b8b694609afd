/** Versions that apt is not to take (apt_preferences(5)), in a file of our own: the rest of an upgrade goes on without them. */
import { join } from "node:path";
import { MAX_PINS_BYTES } from "../../protocol/index.ts";
import { textIfThere } from "../artifact/index.ts";
import { removeFile } from "../folder.ts";
import { writeWhole } from "../write-file.ts";
import { aptFolder } from "./apt-hook.ts";

/** One version of one package. */
export interface Pin {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

const NAME = "samebits";
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9+.-]*$/;
const PLAIN_VERSION = /^[A-Za-z0-9.+:~-]+$/;
const HEAD =
  "Explanation: Written by `samebits apt hold`, anew after each apt-get update; `samebits apt remove-hook` takes it away.";

/** Where apt reads them. Throws `apt/no-apt`. */
export async function pinsPath(): Promise<string> {
  return join(await aptFolder("Dir::Etc::preferencesparts"), NAME);
}

/** Never chosen by itself, whatever else it would fit. `native`: the architecture of the machine. */
export function pinsText(pins: readonly Pin[], native: string): string {
  // A name that can be none might be a pattern for others'.
  const stanzas = pins
    .filter(({ name }) => PLAIN_NAME.test(name))
    .map(({ name, version, arch }) => {
      const which = arch === "all" || arch === native ? name : `${name}:${arch}`;
      return `${HEAD}\nPackage: ${which}\nPin: version ${exactly(version)}\nPin-Priority: -1\n`;
    });
  return stanzas.join("\n");
}

/** What is pinned there; none where there is no file. Throws `input/…`. */
export function pinsAt(path: string): readonly Pick<Pin, "name" | "version">[] {
  const text = textIfThere(path, MAX_PINS_BYTES) ?? "";
  return [...text.matchAll(/^Package: ([^\s:]+)(?::\S+)?\nPin: version (\S+)$/gm)].map(
    ([, name = "", version = ""]) => ({ name, version: plain(version) }),
  );
}

/** Lists may have a version that apt_preferences(5) would take for a pattern, and so for every other version: then an expression that fits it alone. */
function exactly(version: string): string {
  return PLAIN_VERSION.test(version) ? version : `/^${version.replace(/[!-/:-@[-`{-~]/g, "\\$&")}$/`;
}

function plain(written: string): string {
  const expression = /^\/\^(.*)\$\/$/.exec(written)?.[1];
  return expression === undefined ? written : expression.replace(/\\(.)/g, "$1");
}

/** No pins = no file. Throws `output/cannot-write`. */
export async function writePins(path: string, pins: readonly Pin[], native: string): Promise<void> {
  if (pins.length > 0) await writeWhole(path, pinsText(pins, native), { replace: true, isModeExact: true });
  else removeFile(path);
}
