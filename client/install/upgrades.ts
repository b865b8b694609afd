/** What apt would install next, by its lists, without a download. */
import { ClientError } from "../errors.ts";
import { outputOf } from "../output-of.ts";
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

async function aptGet(...words: readonly string[]): Promise<string> {
  try {
    return await outputOf("apt-get", words, MAX_SIMULATED_BYTES);
  } catch (error) {
    throw new ClientError("apt/no-apt", "apt-get can't say what it would upgrade: look at apt-get check", {
      cause: error,
    });
  }
}
