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
const HEAD =
  "Explanation: Written by `samebits apt hold`, anew after each apt-get update; `samebits apt remove-hook` takes it away.";

/** Where apt reads them. Throws `apt/no-apt`. */
export async function pinsPath(): Promise<string> {
  return join(await aptFolder("Dir::Etc::preferencesparts"), NAME);
}

/** Never chosen by itself, whatever else it would fit. `native`: the architecture of the machine. */
export function pinsText(pins: readonly Pin[], native: string): string {
  const stanzas = pins.map(({ name, version, arch }) => {
    const which = arch === "all" || arch === native ? name : `${name}:${arch}`;
    return `${HEAD}\nPackage: ${which}\nPin: version ${version}\nPin-Priority: -1\n`;
  });
  return stanzas.join("\n");
}

/** What is pinned there; none where there is no file. Throws `input/…`. */
export function pinsAt(path: string): readonly Pick<Pin, "name" | "version">[] {
  const text = textIfThere(path, MAX_PINS_BYTES) ?? "";
  return [...text.matchAll(/^Package: ([^\s:]+)(?::\S+)?\nPin: version (\S+)$/gm)].map(
    ([, name = "", version = ""]) => ({ name, version }),
  );
}

/** No pins = no file. Throws `output/cannot-write`. */
export async function writePins(path: string, pins: readonly Pin[], native: string): Promise<void> {
  if (pins.length > 0) await writeWhole(path, pinsText(pins, native), { replace: true });
  else removeFile(path);
}
