/** Packages that root lets by for a while although nobody, or not enough, have rebuilt them (RULES R32): local, logged, and over by themselves. */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import {
  formatTime,
  MAX_APT_ALLOWED,
  MAX_APT_ALLOWED_BYTES,
  MAX_APT_ALLOWED_MS,
  MAX_LABEL_BYTES,
  parseTime,
  ProtocolError,
  readJson,
  record,
} from "../../protocol/index.ts";
import type { Exception, RecordShape } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { cannotWrite, makeFolder } from "../folder.ts";
import { writeWhole } from "../write-file.ts";
import { APT } from "./manager.ts";
import type { Manager } from "./manager.ts";
import { writersOf } from "./writers.ts";

/** Names of the list and of its log. */
export const LIST_NAME = "allowed.json";
export const LOG_NAME = "log.jsonl";

/** One package in one version, of whatever architecture. */
export interface Allowed {
  readonly name: string;
  /** Full, as the package manager writes it. */
  readonly version: string;
  readonly reason: string;
  /** ms since 1970: from then on it is not let by. */
  readonly untilMs: number;
  /** Also where builders got something else. */
  readonly evenContradicted: boolean;
}

/** The list and its log, in a folder that is root's alone. */
export class AllowedList {
  readonly #file: string;
  readonly #log: string;
  readonly #manager: Manager;

  constructor(folder: string, manager: Manager = APT) {
    this.#manager = manager;
    this.#file = join(folder, LIST_NAME);
    this.#log = join(folder, LOG_NAME);
  }

  /** Those that are let by at this time. Throws `…/unsafe-file` where others than root may write the list, `…/bad-input` for one that can't be read. */
  read(now: number): readonly Allowed[] {
    if (!existsSync(this.#file)) return [];
    const writers = writersOf(this.#file);
    if (writers !== null) {
      throw new ClientError(
        this.#manager.codes.unsafeFile,
        `${this.#file}: who is let by is root's to say alone, and ${writers}: mend that, or remove the file`,
      );
    }
    // One that is further ahead than it can be is over, too: the clock was set back since, or somebody wrote it by hand.
    return readList(this.#file, this.#manager).filter(
      ({ untilMs }) => now < untilMs && untilMs <= now + MAX_APT_ALLOWED_MS,
    );
  }

  /** Lets one more by; one of the same name and version goes. Throws as `read`, and `output/cannot-write`. */
  async add(allowed: Allowed, now: number): Promise<void> {
    const others = this.read(now).filter((one) => !isSame(one, allowed));
    if (others.length >= MAX_APT_ALLOWED) {
      throw new ClientError(
        "usage/bad-option",
        `${MAX_APT_ALLOWED} packages are let by already: change the policy, or give its rule an exception`,
      );
    }
    await this.#write([...others, allowed]);
    this.log("allowed", allowed, now);
  }

  /** Takes one back; false where it was none. */
  async remove(one: Pick<Allowed, "name" | "version">, now: number): Promise<boolean> {
    const all = this.read(now);
    const found = all.find((other) => isSame(other, one));
    if (found === undefined) return false;
    await this.#write(all.filter((other) => other !== found));
    this.log("taken-back", found, now);
    return true;
  }

  /** A line that stays. Throws `output/cannot-write`. */
  log(event: "allowed" | "taken-back" | "let-by", one: Allowed, now: number): void {
    const line = { samebits: 1, time: formatTime(now), event, ...shown(one) };
    try {
      appendFileSync(this.#log, `${JSON.stringify(line)}\n`, { mode: 0o644 });
    } catch (error) {
      throw cannotWrite(this.#log, error);
    }
  }

  async #write(all: readonly Allowed[]): Promise<void> {
    makeFolder(join(this.#file, ".."), 0o755);
    const text = `${JSON.stringify({ samebits: 1, allowed: all.map(shown) })}\n`;
    await writeWhole(this.#file, text, { replace: true });
  }
}

/** As JSON shows it. */
export function shown(one: Allowed): object {
  return {
    package: one.name,
    version: one.version,
    reason: one.reason,
    until: formatTime(one.untilMs),
    even_contradicted: one.evenContradicted,
  };
}

/** As an exception of a policy, which it is for a while. */
export function exceptionOf(
  { name, version, reason, untilMs, evenContradicted }: Allowed,
  manager: Manager = APT,
): Exception {
  return {
    name: `samebits ${manager.name} allow ${name}=${version}`,
    match: `pkg:${manager.purlType}/*/${name}`,
    version,
    sha256: [],
    over: evenContradicted ? "contradicted" : "pending",
    untilMs,
    reason,
  };
}

function isSame(a: Pick<Allowed, "name" | "version">, b: Pick<Allowed, "name" | "version">): boolean {
  return a.name === b.name && a.version === b.version;
}

function readList(path: string, manager: Manager): readonly Allowed[] {
  const bytes = readWhole(path, MAX_APT_ALLOWED_BYTES);
  try {
    const list = record(readJson(bytes, { maxBytes: MAX_APT_ALLOWED_BYTES }), "the list");
    list.integer("samebits", 1, 1);
    const allowed = list
      .member("allowed")
      .list(MAX_APT_ALLOWED)
      .map((item) => readAllowed(item.record()));
    list.done();
    return allowed;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      manager.codes.badInput,
      `${path}: ${error.message}; remove the file, and allow anew what it held`,
      {
        cause: error,
      },
    );
  }
}

function readAllowed(fields: RecordShape): Allowed {
  const allowed: Allowed = {
    name: fields.string("package", MAX_LABEL_BYTES),
    version: fields.string("version", MAX_LABEL_BYTES),
    reason: fields.string("reason", MAX_LABEL_BYTES),
    untilMs: parseTime(fields.string("until", MAX_LABEL_BYTES)),
    evenContradicted: fields.member("even_contradicted").boolean(),
  };
  fields.done();
  return allowed;
}
