/** A machine of a test's own, with the real dpkg and apt: what it has installed, and the lists that apt has fetched for it. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newFolder } from "../../node/folder.ts";
import { setVariable } from "./run.ts";

/** Why there can't be one here; false where there can. */
export const noMachine: string | false = ["dpkg-query", "apt-get"].some(
  (program) => spawnSync(program, ["--version"]).status !== 0,
)
  ? "neither dpkg nor apt is here"
  : false;

export interface OnMachine {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  /** `install ok installed` unless it is said. */
  readonly status?: string;
  readonly priority?: string;
  readonly essential?: boolean;
}

export interface InList {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  /** What stands in its file; null = the list has no SHA-256. */
  readonly content: string | null;
}

export const digest = (content: string): string => createHash("sha256").update(content).digest("hex");

export class Machine {
  readonly folder: string;
  readonly #undo: (() => void)[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(
    installed: readonly OnMachine[],
    lists: readonly (readonly InList[])[],
    origin = "Debian",
  ): Promise<Machine> {
    const machine = new Machine(await newFolder());
    const at = (...parts: string[]): string => join(machine.folder, ...parts);
    for (const name of ["dpkg/updates", "dpkg/info", "state/lists/partial", "cache/archives/partial"])
      await mkdir(at(name), { recursive: true });
    await writeFile(at("dpkg/status"), installed.map(statusOf).join("\n"));
    const sources = lists.map((_, number) => `deb [trusted=yes] file:${at(`list-${number}`)} ./\n`);
    await writeFile(at("sources.list"), sources.join(""));
    for (const [number, listed] of lists.entries()) await writeList(at(`list-${number}`), listed, origin);
    const settings = {
      "Dir::State": at("state"),
      "Dir::State::status": at("dpkg/status"),
      "Dir::Cache": at("cache"),
      "Dir::Etc::sourcelist": at("sources.list"),
      "Dir::Etc::sourceparts": "-",
      "APT::Sandbox::User": "root",
      "APT::Architecture": "amd64",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
    await writeFile(at("apt.conf"), lines.join(""));
    machine.#undo.push(setVariable("DPKG_ADMINDIR", at("dpkg")), setVariable("APT_CONFIG", at("apt.conf")));
    if (lists.length > 0) execFileSync("apt-get", ["update"], { stdio: ["ignore", "ignore", "pipe"] });
    return machine;
  }

  /** The test's own is the machine's again. */
  close(): void {
    for (const undo of this.#undo) undo();
  }
}

function statusOf({ name, version, arch, status, priority, essential }: OnMachine): string {
  const more = essential === true ? "Essential: yes\n" : "";
  return (
    `Package: ${name}\n${more}Status: ${status ?? "install ok installed"}\nPriority: ${priority ?? "optional"}\n` +
    `Maintainer: nobody <nobody@example.org>\nArchitecture: ${arch ?? "amd64"}\nVersion: ${version}\nDescription: words\n`
  );
}

async function writeList(folder: string, listed: readonly InList[], origin: string): Promise<void> {
  await mkdir(folder);
  const packages = listed
    .map(({ name, version, arch = "amd64", content }) => {
      const sha256 = content === null ? "" : `SHA256: ${digest(content)}\n`;
      return `Package: ${name}\nVersion: ${version}\nArchitecture: ${arch}\nFilename: ./${name}.deb\nSize: 1\n${sha256}`;
    })
    .join("\n");
  await writeFile(join(folder, "Packages"), packages);
  await writeFile(
    join(folder, "Release"),
    `Origin: ${origin}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n ${digest(packages)} ${packages.length} Packages\n`,
  );
}
