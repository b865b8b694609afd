/** A release as docs/release.md has it: rebuilders, a release manager, their files, what they said of them, and a policy with steps. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign");
export const REBUILDERS = ["one", "two", "three"] as const;
const PARTIES = ["one", "two", "three", "release", "packager"] as const;
export type Party = (typeof PARTIES)[number];

/** The steps of a rule as TOML, each in braces. */
export const BUILT = `{ name = "build", require = { k = 2, of = "role:rebuilder", distinct = "operator" } }`;

/** The keys, made once for all releases of a test. */
export async function makeKeys(): Promise<string> {
  const folder = await newFolder();
  for (const name of PARTIES) {
    const { code, err } = await runCommand(["keygen", name, "--out", folder], folder);
    assert.equal(code, 0, err);
  }
  return folder;
}

export class Release {
  readonly folder: string;
  readonly #keys: string;
  readonly #purl: string;
  #count = 0;

  private constructor(folder: string, keys: string, purl: string) {
    this.folder = folder;
    this.#keys = keys;
    this.#purl = purl;
  }

  /** Files by the paths that they are to have, each with the vector that it is; and the steps of the policy's one rule. */
  static async open(
    keys: string,
    purl: string,
    files: Readonly<Record<string, string>>,
    steps: readonly string[],
  ): Promise<Release> {
    const release = new Release(await newFolder(), keys, purl);
    for (const [path, vector] of Object.entries(files)) {
      await mkdir(dirname(release.at(path)), { recursive: true });
      await copyFile(join(VECTORS, vector), release.at(path));
    }
    await writeFile(release.at("policy.toml"), await release.#policy(steps));
    return release;
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  async #policy(steps: readonly string[]): Promise<string> {
    const roles = { release: "release", packager: "packager" } as const;
    const builders: string[] = [];
    for (const party of PARTIES) {
      const key = JSON.stringify(await readFile(join(this.#keys, `${party}.pub`), "utf8"));
      const role = party === "release" || party === "packager" ? roles[party] : "rebuilder";
      builders.push(`[builders.${party}]\nkey = ${key}\nroles = ["${role}"]\n`);
    }
    const match = this.#purl.replace(/@.*$/, "");
    return `version = 1\n${builders.join("")}[[rules]]\nname = "release"\nmatch = "${match}"\nsteps = [\n${steps.join(",\n")},\n]\n`;
  }

  /** What somebody says of a file in a step: the folder of its envelope. */
  async attest(party: Party, step: string, path: string, ...how: readonly string[]): Promise<string> {
    const number = this.#count++;
    const out = this.at(`said/${number}`);
    const key = join(this.#keys, `${party}.key`);
    const own = ["--key", key, "--data", this.at(`data/${number}`), "-o", out];
    const what = [this.at(path), "--purl", this.#purl, "--step", step, ...how];
    const ran = await runCommand(["attest", ...what, ...own, "--network", "test"], this.folder);
    assert.equal(ran.code, 0, ran.out + ran.err);
    return out;
  }

  /** What all rebuilders say of the file that they built. */
  async built(path: string, ...how: readonly string[]): Promise<readonly string[]> {
    const said: string[] = [];
    for (const party of REBUILDERS) said.push(await this.attest(party, "build", path, ...how));
    return said;
  }

  /** What somebody says who made a file from another one. */
  made(party: Party, step: string, path: string, from: string): Promise<string> {
    return this.attest(party, step, path, "--material", this.at(from));
  }

  /** The command that judges a file by the policy. */
  judging(path: string): readonly string[] {
    return ["verify", this.at(path), "--purl", this.#purl, "--policy", this.at("policy.toml"), "--json"];
  }

  /** The verdict by these folders of envelopes. */
  async verify(path: string, said: readonly string[]): Promise<Ran> {
    const how = ["--offline", "--network", "test", "--bundle", ...said];
    return runCommand([...this.judging(path), ...how], this.folder);
  }

  /** The file with one octet changed, under the same name in another folder. */
  async tampered(path: string, offset: number): Promise<string> {
    const bytes = await readFile(this.at(path));
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    const changed = join("tampered", basename(path));
    await mkdir(this.at("tampered"), { recursive: true });
    await writeFile(this.at(changed), bytes);
    return changed;
  }
}

/** Step and verdict of each, first to last. */
export function chainOf({ objects }: Ran): readonly string[] {
  const chain = (objects[0]?.["chain"] ?? []) as { step: string; file: string | null; verdict: string }[];
  return chain.map(({ step, file, verdict }) => `${step} ${file ?? "?"} ${verdict}`);
}

/** A release of an EFI program, the steps of which hang together by the normal form and by materials; and the envelopes of all of it. */
export async function signedProgram(): Promise<{
  readonly release: Release;
  readonly signed: string;
  readonly envelopes: readonly Uint8Array[];
}> {
  const [built, signed] = ["built/program.efi", "signed/program.efi"] as const;
  const sign = `{ name = "sign", from = ["normal-form", "materials"], require = { k = 1, of = "role:release" } }`;
  const files = { [built]: "pe/tiny.efi", [signed]: "pe/tiny.a.efi" };
  const purl = "pkg:generic/example/program@1.0";
  const release = await Release.open(await makeKeys(), purl, files, [BUILT, sign]);
  const said = [...(await release.built(built)), await release.made("release", "sign", signed, built)];
  const envelopes: Uint8Array[] = [];
  for (const folder of said)
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), "utf8");
      envelopes.push(Buffer.from(text.trimEnd()));
    }
  return { release, signed, envelopes };
}
