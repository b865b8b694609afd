/** A workshop: a folder with a key, in which commands are run and their results signed by `samebits rebuild`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAttestation, parsePublicKey, utf8, verifyOwn } from "../../../protocol/index.ts";
import type { Claim } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";

export const PURL = "pkg:generic/tool@1.0";

export interface Said {
  readonly claims: readonly Claim[];
  /** The statement's predicate. */
  readonly predicate: Record<string, unknown>;
}

export class Shop {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Shop> {
    const shop = new Shop(await newFolder());
    await runCommand(["keygen", "tu", "--out", shop.folder], shop.folder);
    await mkdir(shop.at("src/deep"), { recursive: true });
    await writeFile(shop.at("src/a.txt"), "one");
    await writeFile(shop.at("src/deep/b.txt"), "two");
    return shop;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** A program of its own: `lines` of a shell. */
  async program(name: string, ...lines: readonly string[]): Promise<string> {
    await writeFile(this.at(name), ["#!/bin/sh", ...lines, ""].join("\n"));
    await chmod(this.at(name), 0o755);
    return this.at(name);
  }

  /** `samebits rebuild` with this key: options, `--`, and a command. */
  rebuild(...words: readonly string[]): Promise<Ran> {
    return runCommand(["rebuild", "--key", this.at("tu.key"), ...words], this.folder);
  }

  /** The same with one line of a shell that works in the folder. */
  shell(line: string, ...options: readonly string[]): Promise<Ran> {
    return this.rebuild("--quiet", ...options, "--", "sh", "-c", `cd ${this.folder}; ${line}`);
  }

  /** All that is signed in a folder, by file name; a signature that does not hold is none. */
  said(folder: string = "."): ReadonlyMap<string, readonly Said[]> {
    const key = parsePublicKey(readFileSync(this.at("tu.pub"), "utf8"));
    const all = existsSync(this.at(folder)) ? readdirSync(this.at(folder)) : [];
    const names = all.filter((name) => name.endsWith(".dsse.jsonl"));
    return new Map(
      names.map((name) => {
        const lines = readFileSync(join(this.at(folder), name), "utf8")
          .trimEnd()
          .split("\n");
        const said = lines.flatMap((line) => {
          const verified = verifyOwn(parseAttestation(utf8(line)), key.raw);
          if (verified === null) return [];
          const { payload } = JSON.parse(line) as { payload: string };
          const statement = JSON.parse(Buffer.from(payload, "base64").toString()) as {
            predicate: Said["predicate"];
          };
          return [{ claims: verified.claims, predicate: statement.predicate }];
        });
        return [name.replace(/\.[0-9a-f]{8}\.dsse\.jsonl$/, ""), said];
      }),
    );
  }
}

/** Waits until a process is gone, or a zombie that nobody has waited for; false where it lives on. */
export async function isEnded(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return true;
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}

/** Waits until something is there. */
export async function until(isThere: () => boolean): Promise<void> {
  for (let tries = 0; !isThere(); tries++) {
    if (tries > 1_000) throw new Error("it does not come");
    await sleep(20);
  }
}
