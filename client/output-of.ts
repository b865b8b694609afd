import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a program of this machine prints, untranslated. Rejects where it does not run, ends with another status than 0, or prints more than `maxBytes`. */
export async function outputOf(program: string, args: readonly string[], maxBytes: number): Promise<string> {
  const options = { maxBuffer: maxBytes, env: untranslated() };
  return (await promisify(execFile)(program, args, options)).stdout;
}

/** The environment in which programs speak as their manuals do. */
export function untranslated(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C" };
}
