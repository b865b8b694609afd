import { readFileSync } from "node:fs";

const PATH = "/etc/os-release";

/** What this machine says of its system (os-release(5)): values without their quotes; nothing where it says nothing. */
export function osRelease(): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(PATH, "utf8");
  } catch {
    return new Map();
  }
  return new Map(
    text.split("\n").map((line) => {
      const [name = "", value = ""] = line.split("=");
      return [name, value.replaceAll('"', "")];
    }),
  );
}
