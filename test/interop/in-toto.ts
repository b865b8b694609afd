/** Debian's in-toto in one process that lives as long as the test: `in-toto.py` says what it can be asked. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { atEnd } from "../at-end.ts";

/** Debian's own: another Python that PATH finds has not its packages. */
const PYTHON = "/usr/bin/python3";
const SCRIPT = join(import.meta.dirname, "in-toto.py");

/** What in-toto says of a layout: whether it passes, and the exception where it does not. */
export interface Said {
  readonly pass: boolean;
  readonly why: string;
}

/** Why tests that need it are skipped; false where it is here. */
export function lacksInToto(): string | false {
  const { status } = spawnSync(PYTHON, ["-c", "import in_toto.verifylib"]);
  return status === 0 ? false : "in-toto can't be imported: scripts/debian.sh installs it";
}

export class InToto {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: {
    readonly resolve: (answer: unknown) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor() {
    this.#child = spawn(PYTHON, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) =>
      this.#waiting.shift()?.resolve(JSON.parse(line)),
    );
    this.#child.once("exit", (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`in-toto.py ended with ${code}`));
    });
    atEnd(() => this.#child.stdin.end());
  }

  /** The answer on one question; many may be asked at once, and are answered in their order. */
  ask<Answer>(question: { readonly do: string } & Readonly<Record<string, unknown>>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ resolve: (answer) => resolve(answer as Answer), reject });
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    return promise;
  }
}
