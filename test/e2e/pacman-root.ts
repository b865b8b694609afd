/**
 * The real pacman of Debian's pacman-package-manager with everything of its own in a folder: configuration, databases, caches, hooks. Hooks are
 * run in pacman's root, so that this is the machine's; what packages bring lies in the folder as well.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { alpmTarget, sha256, toHex } from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";

/** Why pacman can't be tried here; false where it can. */
export function whyNoPacman(): string | false {
  if (process.getuid?.() !== 0) return "needs root: pacman installs for it alone";
  return lacks("pacman", "pacman-conf", "curl");
}

export interface MadeForPacman {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly target: Target;
  readonly sha256: Uint8Array;
}

interface Ended {
  readonly code: number;
  /** Both streams, as somebody sees them. */
  readonly out: string;
}

export class PacmanRoot {
  readonly folder: string;
  readonly conf: string;
  readonly #repositories = new Map<string, MadeForPacman[]>();

  private constructor(folder: string) {
    this.folder = folder;
    this.conf = join(folder, "pacman.conf");
  }

  static async open(...repositories: readonly string[]): Promise<PacmanRoot> {
    const root = new PacmanRoot(await newFolder());
    for (const name of repositories) root.#repositories.set(name, []);
    for (const path of ["db", "cache", "hooks", "gpg", "loose", ...repositories])
      await mkdir(root.at(path), { recursive: true });
    await root.configure();
    return root;
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  /** Writes the configuration; `more`: lines of its options. */
  async configure(...more: readonly string[]): Promise<void> {
    const options = {
      DBPath: "db/",
      CacheDir: "cache/",
      LogFile: "log",
      GPGDir: "gpg/",
      HookDir: "hooks/",
    };
    const lines = [
      "[options]",
      "RootDir = /",
      "Architecture = x86_64",
      "SigLevel = Never",
      ...Object.entries(options).map(([name, path]) => `${name} = ${this.at(path)}`),
      ...more,
      ...[...this.#repositories.keys()].flatMap((name) => [`[${name}]`, `Server = file://${this.at(name)}`]),
    ];
    await writeFile(this.conf, `${lines.join("\n")}\n`);
  }

  /** A package, in a repository unless that is null. What it installs is one file in the folder. */
  async make(repository: string | null, name: string, version: string): Promise<MadeForPacman> {
    const tar = pack();
    tar.entry(
      { name: ".PKGINFO" },
      `pkgname = ${name}\npkgbase = ${name}\npkgver = ${version}\npkgdesc = a test\narch = any\nsize = 1\n`,
    );
    tar.entry({ name: this.installed(name).slice(1) }, `${name} ${version} of ${repository}`);
    tar.finalize();
    const octets = gzipSync(await buffer(tar));
    const target = alpmTarget({ namespace: "arch", name, version, arch: "any" }, ".pkg.tar.gz");
    const path = join(this.at(repository ?? "loose"), target.file);
    await writeFile(path, octets);
    const made = { name, version, path, target, sha256: sha256(octets) };
    if (repository !== null) this.#repositories.get(repository)?.push(made);
    return made;
  }

  /** Writes the repositories' databases, and has pacman read them. */
  async update(): Promise<void> {
    for (const [repository, all] of this.#repositories) {
      const tar = pack();
      for (const { name, version, target, sha256: digest } of all) {
        const fields = {
          FILENAME: target.file,
          NAME: name,
          VERSION: version,
          SHA256SUM: toHex(digest),
          ARCH: "any",
        };
        const desc = Object.entries(fields).map(([field, value]) => `%${field}%\n${value}\n\n`);
        tar.entry({ name: `${name}-${version}/desc` }, desc.join(""));
      }
      tar.finalize();
      await writeFile(join(this.at(repository), `${repository}.db`), gzipSync(await buffer(tar)));
    }
    const ended = await this.pacman("-Syy");
    if (ended.code !== 0) throw new Error(ended.out);
  }

  pacman(...words: readonly string[]): Promise<Ended> {
    return this.run("pacman", ["--config", this.conf, "--noconfirm", ...words]);
  }

  /** With this Node first on the path. */
  async run(program: string, words: readonly string[]): Promise<Ended> {
    const env = {
      ...process.env,
      LC_ALL: "C",
      HOME: this.folder,
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    };
    const running = promisify(execFile)(program, words, { env, timeout: 60_000 });
    running.child.stdin?.end();
    try {
      const { stdout, stderr } = await running;
      return { code: 0, out: stdout + stderr };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error && "stdout" in error && "stderr" in error))
        throw error;
      return { code: Number(error.code), out: `${String(error.stdout)}${String(error.stderr)}` };
    }
  }

  /** Where the file of a package of that name comes to lie. */
  installed(name: string): string {
    return this.at(`installed/${name}`);
  }

  has(name: string): boolean {
    return existsSync(this.installed(name));
  }

  hooks(): Promise<readonly string[]> {
    return readdir(this.at("hooks"));
  }
}
