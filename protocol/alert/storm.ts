/** What is told one by one, and what goes into a digest because too much comes at once (spec/alerts.md, "Storms"). */
import { utf8 } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import {
  ALERT_REFILL_MS,
  ALERTS_AT_ONCE,
  FIRST_DIGEST_MS,
  MAX_DIGEST_BUILDERS,
  MAX_DIGEST_MS,
} from "../limits.ts";
import type { Policy } from "../policy/index.ts";
import type { AlertKind } from "./kinds.ts";
import type { BookedAlert, Severity } from "./types.ts";
import { nameOf } from "./who.ts";

/** Alerts that came too many at a time to be told one by one. */
export interface Digest {
  /** 64 hex digits. */
  readonly id: string;
  /** Numbers of the findings that it is about, the first and the last; those between are not all in it. */
  readonly from: number;
  readonly to: number;
  /** ms since 1970 of the first and of the last. */
  readonly since: number;
  readonly until: number;
  readonly count: number;
  readonly kinds: ReadonlyMap<AlertKind, number>;
  readonly severities: ReadonlyMap<Severity, number>;
  /** By the policy's name, else by the beginning of the key: MAX_DIGEST_BUILDERS of them. */
  readonly builders: ReadonlyMap<string, number>;
  /** Times that builders were concerned who are not in `builders`. */
  readonly others: number;
}

/** Tokens of one kind: so many more alerts may be told at once. */
export interface Allowance {
  readonly left: number;
  /** ms since 1970. */
  readonly at: number;
}

/** All that a storm is remembered by. */
export interface StormState {
  readonly allowances: ReadonlyMap<AlertKind, Allowance>;
  readonly digest: Digest | null;
  /** When what is collected is told, ms since 1970; of a storm that is over, when its last digest was. */
  readonly dueAt: number;
  /** ms that the newest digest collects. */
  readonly collectMs: number;
}

export const CALM: StormState = { allowances: new Map(), digest: null, dueAt: 0, collectMs: 0 };

export class Storm {
  #state: StormState;

  constructor(state: StormState) {
    this.#state = state;
  }

  get state(): StormState {
    return this.#state;
  }

  /** Whether one more alert of this kind may be told by itself at `time`, ms since 1970. */
  admits(kind: AlertKind, time: number): boolean {
    const { left, at } = this.#state.allowances.get(kind) ?? { left: ALERTS_AT_ONCE, at: time };
    const more = Math.floor(Math.max(0, time - at) / ALERT_REFILL_MS);
    const now = Math.min(ALERTS_AT_ONCE, left + more);
    const admitted = now > 0;
    // What is left of a period counts on.
    const next = {
      left: admitted ? now - 1 : 0,
      at: now === ALERTS_AT_ONCE ? Math.max(at, time) : at + more * ALERT_REFILL_MS,
    };
    this.#state = { ...this.#state, allowances: new Map(this.#state.allowances).set(kind, next) };
    return admitted;
  }

  /** Counts an alert into the digest. `now`: ms since 1970. */
  collect(
    alert: BookedAlert,
    severity: Severity,
    { policy, now }: { readonly policy: Policy | null; readonly now: number },
  ): void {
    const { digest, dueAt, collectMs } = this.#state;
    if (digest === null) {
      // A storm that goes on is told of ever more seldom.
      const goesOn = collectMs > 0 && now - dueAt < 2 * collectMs;
      const ms = goesOn ? Math.min(2 * collectMs, MAX_DIGEST_MS) : FIRST_DIGEST_MS;
      this.#state = { ...this.#state, digest: EMPTY, dueAt: now + ms, collectMs: ms };
    }
    this.#state = { ...this.#state, digest: added(digest ?? EMPTY, alert, severity, policy) };
  }

  /** When the digest is due, ms since 1970; null where there is none. */
  get due(): number | null {
    return this.#state.digest === null ? null : this.#state.dueAt;
  }

  /** The digest, if it is due at `now`. */
  take(now: number): Digest | null {
    const { digest, dueAt } = this.#state;
    if (digest === null || now < dueAt) return null;
    this.#state = { ...this.#state, digest: null, dueAt: now };
    const { from, to, since, count } = digest;
    return { ...digest, id: sha256Hex(utf8(`samebits alert digest\n${from}\n${to}\n${since}\n${count}\n`)) };
  }
}

const EMPTY: Digest = {
  id: "",
  from: Number.MAX_SAFE_INTEGER,
  to: 0,
  since: Number.MAX_SAFE_INTEGER,
  until: 0,
  count: 0,
  kinds: new Map(),
  severities: new Map(),
  builders: new Map(),
  others: 0,
};

function added(digest: Digest, alert: BookedAlert, severity: Severity, policy: Policy | null): Digest {
  const { number, time, kind, signers } = alert;
  let { builders, others } = digest;
  for (const name of new Set(signers.map((signer) => nameOf(policy, signer)))) {
    if (builders.has(name) || builders.size < MAX_DIGEST_BUILDERS) builders = oneMore(builders, name);
    else others++;
  }
  return {
    ...digest,
    from: Math.min(digest.from, number),
    to: Math.max(digest.to, number),
    since: Math.min(digest.since, time),
    until: Math.max(digest.until, time),
    count: digest.count + 1,
    kinds: oneMore(digest.kinds, kind),
    severities: oneMore(digest.severities, severity),
    builders,
    others,
  };
}

function oneMore<Name>(counts: ReadonlyMap<Name, number>, name: Name): ReadonlyMap<Name, number> {
  return new Map(counts).set(name, (counts.get(name) ?? 0) + 1);
}
