/** A throw-away root for the real apt and the real dpkg, and a small archive for it. Packages are made by dpkg-deb. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { debTarget, sha256, toHex, utf8 } from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";

/** Why apt can't be tried here; false where it can. */
export function whyNoApt(): string | false {
  if (process.getuid?.() !== 0) return "needs root: dpkg changes owners";
  return lacks("apt-get", "dpkg-deb", "apt-config");
}

/** A package of the archive. */
export interface Made {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly target: Target;
  readonly sha256: Uint8Array;
}

/** How a command of apt ended. */
export interface AptEnded {
  readonly code: number;
  /** Both streams, as somebody sees them. */
  readonly out: string;
}

/** The Release file of a flat repository with this list: `fields` are its first lines. */
export function releaseOf(fields: string, list: string): string {
  const octets = utf8(list);
  return `${fields}Date: Sat, 28 Nov 2026 12:00:00 UTC\nSHA256:\n ${toHex(sha256(octets))} ${octets.length} Packages\n`;
}

export class AptRoot {
  readonly folder: string;
  readonly #packages: Made[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<AptRoot> {
    const root = new AptRoot(await newFolder());
    const inside = [
      "var/lib/dpkg/info",
      "var/lib/dpkg/updates",
      "etc/apt/apt.conf.d",
      "etc/apt/preferences.d",
      "var/lib/apt/lists/partial",
      "var/cache/apt/archives/partial",
      "log/apt",
      "archive",
    ];
    for (const path of inside) await mkdir(join(root.folder, path), { recursive: true });
    await writeFile(join(root.folder, "var/lib/dpkg/status"), "");
    await writeFile(root.at("sources.list"), `deb [trusted=yes] file:${root.at("archive")} ./\n`);
    await writeFile(root.at("apt.conf"), root.#configuration());
    return root;
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  /** Makes a package, which the next update lists. */
  async make(name: string, version: string, contents = `${name} ${version}`): Promise<Made> {
    const tree = this.at(`tree-${name}`);
    await mkdir(join(tree, "DEBIAN"), { recursive: true });
    await mkdir(join(tree, "usr/share", name), { recursive: true });
    await writeFile(join(tree, "usr/share", name, "contents"), contents);
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: a test\n`;
    await writeFile(join(tree, "DEBIAN/control"), control);
    const path = this.at(`archive/${name}_${version.replace(/^[0-9]+:/, "")}_all.deb`);
    await promisify(execFile)("dpkg-deb", ["--root-owner-group", "-Znone", "-b", tree, path]);
    await rm(tree, { recursive: true });
    const target = debTarget({ namespace: "debian", name, version, arch: "all" });
    const made = { name, version, path, target, sha256: sha256(await readFile(path)) };
    this.#packages.push(made);
    return made;
  }

  /** Takes a package that somebody else has made, for all architectures, into the archive. */
  async add(from: string): Promise<void> {
    const path = this.at(`archive/${basename(from)}`);
    await copyFile(from, path);
    const [name = "", version = ""] = basename(from).split("_");
    const target = debTarget({ namespace: "debian", name, version, arch: "all" });
    this.#packages.push({ name, version, path, target, sha256: sha256(await readFile(path)) });
  }

  /** Writes the archive's list, with a Release file where its first lines are given, and has apt read it. Resolves to what apt said. */
  async update(fields?: string): Promise<string> {
    const stanzas = await Promise.all(
      this.#packages.map(async ({ name, version, path, sha256: digest }) => {
        const size = (await readFile(path)).length;
        return `Package: ${name}\nVersion: ${version}\nArchitecture: all\nFilename: ./${path.slice(this.at("archive/").length)}\nSize: ${size}\nSHA256: ${toHex(digest)}\nDescription: a test\n`;
      }),
    );
    const list = stanzas.join("\n");
    await writeFile(this.at("archive/Packages"), list);
    if (fields !== undefined) await writeFile(this.at("archive/Release"), releaseOf(fields, list));
    const ended = await this.apt("update");
    if (ended.code !== 0) throw new Error(ended.out);
    return ended.out;
  }

  async apt(...words: readonly string[]): Promise<AptEnded> {
    return this.run("apt-get", ["-y", "-q", ...words]);
  }

  /** With this root's configuration, and this Node first on the path. */
  async run(program: string, words: readonly string[]): Promise<AptEnded> {
    try {
      const { stdout, stderr } = await promisify(execFile)(program, words, {
        env: this.environment(),
        timeout: 60_000,
      });
      return { code: 0, out: stdout + stderr };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error && "stdout" in error && "stderr" in error))
        throw error;
      return { code: Number(error.code), out: `${String(error.stdout)}${String(error.stderr)}` };
    }
  }

  environment(): NodeJS.ProcessEnv {
    const { PATH = "" } = process.env;
    return {
      ...process.env,
      APT_CONFIG: this.at("apt.conf"),
      DPKG_ADMINDIR: this.at("var/lib/dpkg"),
      DEBIAN_FRONTEND: "noninteractive",
      HOME: this.folder,
      PATH: `${dirname(process.execPath)}:${PATH}`,
    };
  }

  /** Names of what dpkg has installed. */
  async installed(): Promise<readonly string[]> {
    const status = await readFile(this.at("var/lib/dpkg/status"), "utf8");
    return [...status.matchAll(/^Package: (.*)\nStatus: install ok installed$/gm)].map(
      ([, name = ""]) => name,
    );
  }

  /** What dpkg has installed: names and versions. */
  async versions(): Promise<readonly string[]> {
    const { out } = await this.run("dpkg-query", ["--show", "--showformat", "${Package} ${Version}\n"]);
    return out.trimEnd().split("\n");
  }

  /** All files of apt's configuration. */
  async configured(): Promise<readonly string[]> {
    return readdir(this.at("etc/apt"), { recursive: true });
  }

  #configuration(): string {
    return `Dir "${this.folder}/";
Dir::State::status "${this.at("var/lib/dpkg/status")}";
Dir::Etc::sourcelist "${this.at("sources.list")}";
Dir::Log "${this.at("log/apt")}";
Dir::Bin::dpkg "/usr/bin/dpkg";
DPkg::Options { "--root=${this.folder}"; "--force-not-root"; "--log=${this.at("log/dpkg.log")}"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
`;
  }
}
