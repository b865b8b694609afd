import { formatTime, fromHex, keyIdPlain, publicKeyOf } from "../../protocol/index.ts";
import { removedAt } from "../trust/index.ts";
import type { Domain, RemovedKey } from "../trust/index.ts";
import type { VerdictMemory } from "../verify/index.ts";

/** Keys that a trust domain has removed, as lines of `samebits watch` (protocol/spec/removed-key.schema.json); each once. */
export class RemovedKeys {
  readonly #memory: VerdictMemory;
  readonly #fromTime: number;
  readonly #told = new Set<string>();

  /** Those that this machine learned of at `fromTime` (ms since 1970) or later. */
  constructor(memory: VerdictMemory, fromTime: number) {
    this.#memory = memory;
    // They are remembered by the second.
    this.#fromTime = fromTime - (fromTime % 1_000);
  }

  /** What is new in the domain's state at this time. */
  news({ state }: Domain, now: number): readonly object[] {
    const fresh = removedAt(state, now).filter(
      (key) => key.time >= this.#fromTime && !this.#told.has(nameOf(key)),
    );
    for (const key of fresh) this.#told.add(nameOf(key));
    return fresh.map((key) => this.#object(state.domain, key));
  }

  #object(domain: string, { builder, key, role, version, time }: RemovedKey): object {
    const keyid = keyIdPlain(publicKeyOf(fromHex(key)));
    const verdicts = this.#memory.restedOn(new Set([keyid]));
    return {
      samebits: 1,
      event: "removed-key",
      domain,
      role,
      version,
      builder,
      key,
      keyid,
      time: formatTime(time),
      verdicts: verdicts.map((row) => ({
        purl: row.purl,
        file: row.file,
        sha256: row.sha256,
        time: formatTime(row.time),
      })),
    };
  }
}

/** A key that came back, and was removed again, is news. */
function nameOf({ role, key, time }: RemovedKey): string {
  return `${role} ${key} ${time}`;
}
