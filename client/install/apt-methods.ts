/** What apt starts as `samebits+http` and `samebits+https`: apt gives a method no words, so a script for each has them. */
import { join } from "node:path";
import { ClientError } from "../errors.ts";
import { removeFile } from "../folder.ts";
import { outputOf } from "../output-of.ts";
import { writeWhole } from "../write-file.ts";
import type { HookSettings } from "./apt-hook.ts";
import { methodName, SCHEMES } from "./method/index.ts";

const MAX_TARGETS_BYTES = 4 * 1024 * 1024;

/** A script as it has to be. */
export interface MethodScript {
  readonly path: string;
  readonly text: string;
  /** The method of apt's own that it starts. */
  readonly stock: string;
}

/** Those of a hook; none where it has no methods. `stockFolder`: of apt's own methods. It says what the hook's command says. */
export function methodScripts(
  { program, words, methods }: HookSettings,
  stockFolder: string,
): readonly MethodScript[] {
  if (methods === null) return [];
  const goesBy = words.slice(words.findIndex((word) => word.startsWith("--")));
  return SCHEMES.map((scheme) => {
    const stock = join(stockFolder, scheme);
    const command = [program, "apt", "method", scheme, "--stock", stock, ...goesBy];
    const text = `#!/bin/sh\n# Written by \`samebits apt install-hook --method\`; \`samebits apt remove-hook\` takes it away.\nexec ${command.join(" ")}\n`;
    return { path: join(methods, methodName(scheme)), text, stock };
  });
}

/** Throws `output/cannot-write`. */
export async function writeMethods(scripts: readonly MethodScript[]): Promise<void> {
  for (const { path, text } of scripts) await writeWhole(path, text, { mode: 0o755, replace: true });
}

/** Places of sources that apt would need the methods for. Throws `apt/no-apt`. */
export async function sourcesByMethods(): Promise<readonly string[]> {
  const args = ["indextargets", "--no-release-info", "--format", "$(REPO_URI)"];
  try {
    const lines = (await outputOf("apt-get", args, MAX_TARGETS_BYTES)).split("\n");
    return [...new Set(lines)].filter((line) =>
      SCHEMES.some((scheme) => line.startsWith(`${methodName(scheme)}://`)),
    );
  } catch (error) {
    throw new ClientError("apt/no-apt", "apt-get can't say what its sources are", { cause: error });
  }
}

/** Throws `output/cannot-write`. */
export function removeMethods(folder: string): void {
  for (const scheme of SCHEMES) removeFile(join(folder, methodName(scheme)));
}
