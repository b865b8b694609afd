/** What apt would install next, by its lists, without a download. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ClientError } from "../errors.ts";
import type { Pin } from "./pins.ts";

const MAX_SIMULATED_BYTES = 16 * 1024 * 1024;
/** `Inst bash [5.2-1] (5.2-2 Debian:12/stable [amd64])`; of a foreign architecture the name has it too. */
const INST = /^Inst ([^\s:]+)(?::[a-z0-9-]+)? (?:\[[^\]]*\] )?\((\S+) /;

/** What `apt-get dist-upgrade` would unpack now. Throws `apt/no-apt`. */
export async function simulatedUpgrade(): Promise<readonly Pick<Pin, "name" | "version">[]> {
  const stdout = await aptGet("--simulate", "--quiet", "--option=Debug::NoLocking=true", "dist-upgrade");
  return stdout.split("\n").flatMap((line) => {
    const [, name, version] = INST.exec(line) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
}

/** The machine's own architecture, as apt knows it. Throws `apt/no-apt`. */
export async function nativeArch(): Promise<string> {
  const { stdout } = await promisify(execFile)("dpkg", ["--print-architecture"]).catch((error: unknown) => {
    throw new ClientError("apt/no-apt", "dpkg can't be asked: is this a machine with apt?", { cause: error });
  });
  return stdout.trim();
}

async function aptGet(...words: readonly string[]): Promise<string> {
  try {
    const env = { ...process.env, LC_ALL: "C" };
    return (await promisify(execFile)("apt-get", words, { maxBuffer: MAX_SIMULATED_BYTES, env })).stdout;
  } catch (error) {
    throw new ClientError("apt/no-apt", "apt-get can't say what it would upgrade: look at apt-get check", {
      cause: error,
    });
  }
}
