import { closeSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  fromDecimal,
  fromHex,
  idOfEvidence,
  MAX_EVIDENCE_BYTES,
  MAX_REMEMBERED_EVIDENCE,
  MAX_REMEMBERED_FEEDS,
  origin as originOf,
  parseOrigin,
  toHex,
  writeEvidence,
} from "../../protocol/index.ts";
import type { Evidence, Remembered, Target } from "../../protocol/index.ts";
import { makeFolder } from "../folder.ts";

/** Whether what was seen could be kept (RULES R22). */
export type State = "kept" | "none";

const FEED = "feed";

/**
 * What this verifier has seen of the feeds of one network, kept over runs in `DATA/seen/NETWORK` (RULES R22).
 *
 * A remembered head is an empty file whose name says it all: `KEY.SIZE.ROOT.TIME`. Names appear whole or not at all, and the larger of two
 * sizes wins whoever wrote last, so that verifiers side by side need no lock and none can make another forget. Read and written
 * synchronously: a few names, for which starting the threads of the other way would cost more than all the rest.
 */
export class Memory {
  readonly #network: string;
  readonly #isActive: boolean;
  readonly #heads: string;
  readonly #evidence: string;

  /** Not active: it knows nothing, and keeps nothing. */
  constructor(dataDir: string, network: string, isActive = true) {
    this.#network = network;
    this.#isActive = isActive;
    this.#heads = join(dataDir, "seen", network, "heads");
    this.#evidence = join(dataDir, "seen", network, "evidence");
  }

  /** The largest head of each feed. */
  heads(): ReadonlyMap<string, Remembered> {
    const heads = new Map<string, Remembered>();
    if (!this.#isActive) return heads;
    for (const name of names(this.#heads).toSorted()) {
      const read = readName(name, this.#network);
      if (read === null) continue;
      const known = heads.get(read.origin);
      heads.set(read.origin, known === undefined ? read.head : larger(known, read.head));
    }
    return heads;
  }

  /** Evidence about these targets, and about feeds. Nothing of it is taken on trust: it is checked like a stranger's. */
  evidence(targets: readonly Target[]): readonly Uint8Array[] {
    if (!this.#isActive) return [];
    const subjects = new Set([FEED, ...targets.map(subjectOf)]);
    const subjectIn = (name: string): string => name.split(".")[0] ?? "";
    const files = names(this.#evidence).filter((name) => subjects.has(subjectIn(name)));
    // Of each so many: who contradicts himself about hundreds of packages must not make forgotten that his feed has forked.
    return [...Map.groupBy(files.toSorted(), subjectIn).values()]
      .flatMap((some) => some.slice(0, MAX_REMEMBERED_EVIDENCE))
      .flatMap((name) => readSmall(join(this.#evidence, name)) ?? []);
  }

  /**
   * Keeps what is new. A data directory that can't be written makes it "none", and nothing else. `own`: feeds for which there always is room, those
   * of the policy's builders; anybody can show any number of others.
   */
  async keep(
    before: ReadonlyMap<string, Remembered>,
    now: ReadonlyMap<string, Remembered>,
    evidence: readonly Evidence[],
    own: ReadonlySet<string> = new Set(),
  ): Promise<State> {
    if (!this.#isActive) return "none";
    try {
      this.#keepHeads(before, now, own);
      await this.#keepEvidence(evidence);
      return "kept";
    } catch {
      return "none";
    }
  }

  /** Where this evidence is kept. */
  evidenceFile(evidence: Evidence): string {
    const subject = "target" in evidence ? subjectOf(evidence.target) : FEED;
    return join(this.#evidence, `${subject}.${idOfEvidence(evidence)}.json`);
  }

  #keepHeads(
    before: ReadonlyMap<string, Remembered>,
    now: ReadonlyMap<string, Remembered>,
    own: ReadonlySet<string>,
  ): void {
    makeFolder(this.#heads, 0o700);
    const changed = [...now].filter(([feed, head]) => isNews(before.get(feed), head));
    if (changed.length === 0) return;
    const kept = names(this.#heads);
    let room = MAX_REMEMBERED_FEEDS - before.size;
    const taken = changed.filter(([feed]) => before.has(feed) || own.has(feed) || room-- > 0);
    for (const [feed, head] of taken) {
      const name = nameOf(feed, head);
      closeSync(openSync(join(this.#heads, name), "a", 0o600));
      const prefix = `${name.split(".")[0] ?? ""}.`;
      const older = kept.filter((other) => other !== name && other.startsWith(prefix));
      for (const other of older) {
        const read = readName(other, this.#network);
        if (read === null || larger(head, read.head) === head)
          rmSync(join(this.#heads, other), { force: true });
      }
    }
  }

  async #keepEvidence(evidence: readonly Evidence[]): Promise<void> {
    if (evidence.length === 0) return;
    makeFolder(this.#evidence, 0o700);
    const kept = new Set(names(this.#evidence));
    const { writeWhole } = await import("../write-file.ts");
    for (const proof of evidence) {
      const path = this.evidenceFile(proof);
      if (kept.has(path.slice(this.#evidence.length + 1))) continue;
      await writeWhole(path, new Uint8Array([...writeEvidence(proof), 0x0a]), { replace: true });
    }
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null for what can't be read, or is no evidence by its size. */
function readSmall(path: string): Uint8Array | null {
  try {
    const bytes = readFileSync(path);
    return bytes.length > MAX_EVIDENCE_BYTES + 1 ? null : new Uint8Array(bytes);
  } catch {
    return null;
  }
}

/** Of two heads of one size the one that was known first stays: another root is for the judge to see. */
function larger(known: Remembered, other: Remembered): Remembered {
  return other.size > known.size ? other : known;
}

function isNews(known: Remembered | undefined, head: Remembered): boolean {
  return known === undefined || head.size > known.size;
}

function subjectOf(target: Target): string {
  return target.keyHex.slice(0, 16);
}

function nameOf(origin: string, { size, root, timeMs }: Remembered): string {
  return `${toHex(parseOrigin(origin).key)}.${size}.${root}.${timeMs}`;
}

function readName(
  name: string,
  network: string,
): { readonly origin: string; readonly head: Remembered } | null {
  try {
    const [key = "", size = "", root = "", time = "", ...rest] = name.split(".");
    if (rest.length > 0) return null;
    const head = {
      size: fromDecimal(size),
      root: toHex(fromHex(root, 32)),
      timeMs: fromDecimal(time),
    };
    return { origin: originOf(network, fromHex(key, 32)), head };
  } catch {
    return null;
  }
}
