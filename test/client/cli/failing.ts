/** How commands fail: the status, the stable code in words and in JSON, and nothing on stdout. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertFits } from "../../json-schemas.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";
import { member, policyText, PURL, SAME } from "./stage.ts";

interface Told {
  readonly code: string;
  readonly message: string;
  readonly exit: number;
}

/** What went wrong, as the last line on stderr tells it with --json; held to its schema. */
export function errorIn(err: string): Told {
  const object: unknown = JSON.parse(err.trimEnd().split("\n").at(-1) ?? "");
  assertFits(["error"], object, err);
  return object as Told;
}

/** The command ends with this status, and tells this code to people and to scripts; its message says these words. */
export async function fails(exit: number, code: string, says: RegExp, ...argv: string[]): Promise<void> {
  const plain = await runCommand(argv);
  assert.deepEqual([plain.code, plain.out], [exit, ""], `${argv.join(" ")}: ${plain.err}`);
  const line = plain.err.split("\n").findLast((each) => each.startsWith("samebits: ")) ?? "";
  assert.ok(line.endsWith(` [${code}]`), `${argv.join(" ")}: ${plain.err}`);
  const json = await runCommand([...argv, "--json"]);
  assert.deepEqual([json.code, json.out], [exit, ""], `${argv.join(" ")}: ${json.err}`);
  const told = errorIn(json.err);
  assert.deepEqual([told.code, told.exit], [code, exit], json.err);
  assert.match(told.message, says);
  assert.ok(line.includes(told.message.split("\n", 1)[0] ?? ""), line);
}

/** A folder with what most commands need: a file, a policy, keys; all of the command's own state goes there too. */
export class Bench {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await newFolder());
    await bench.write("tool.bin", SAME);
    await bench.write("policy.toml", policyText([member(1), member(2)], [], 2));
    await bench.write("passphrase", "correct horse\n");
    for (const name of ["tu", "other"]) assert.equal((await runCommand(bench.keygen(name))).code, 0);
    const safe = bench.keygen("safe", "--passphrase-file", bench.at("passphrase"));
    assert.equal((await runCommand(safe)).code, 0);
    return bench;
  }

  /** A file of this folder. */
  at(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, bytes: string | Uint8Array): Promise<void> {
    return writeFile(this.at(name), bytes);
  }

  keygen(name: string, ...options: string[]): string[] {
    return ["keygen", name, "--out", this.folder, ...options];
  }

  /** `attest` of tool.bin with tu.key, which options may name anew: of an option given twice the last one counts. */
  attest(...options: string[]): string[] {
    return this.attestFile("tool.bin", "--purl", PURL, ...options);
  }

  /** `attest` of a file of this folder, with tu.key. */
  attestFile(name: string, ...options: string[]): string[] {
    return ["attest", this.at(name), ...this.signing(), ...options];
  }

  signing(): string[] {
    return ["--key", this.at("tu.key"), "--data", this.at("data"), "--network", "test"];
  }

  /** `verify` of tool.bin by the policy, asking nobody. */
  verify(...options: string[]): string[] {
    const policy = ["--policy", this.at("policy.toml"), "--data", this.at("data")];
    return ["verify", this.at("tool.bin"), "--purl", PURL, ...policy, "--offline", ...options];
  }
}
