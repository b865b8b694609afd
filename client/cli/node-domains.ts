/** A running node carries the trust domains that are pinned on its machine, and keeps them up to date (`protocol/spec/peer.md`, "Trust domains"). */
import {
  documentPath,
  DOMAIN_AGAIN_MS,
  DOMAIN_LOOK_MS,
  DOMAIN_UPDATE_MS,
  MAX_TOLD_FAILURES,
  toHex,
} from "../../protocol/index.ts";
import type { DomainVersions, DomainView } from "../../protocol/index.ts";
import type { Carriers } from "../edges.ts";
import { ClientError } from "../errors.ts";
import {
  folderMark,
  inRounds,
  isMeshPlace,
  isNewer,
  lastOf,
  MESH,
  meshRounds,
  nameInMesh,
  openDomain,
  openKnownSource,
  problemOf,
  SPLIT_PATH,
  staticFilesOf,
  TrustStore,
  updateDomain,
  versionsOf,
} from "../trust/index.ts";
import type { Domain } from "../trust/index.ts";
import { uptimeMs } from "../uptime.ts";
import { wait } from "../wait.ts";

/** A node as far as it has to do with domains. */
export interface Carrier extends Carriers {
  /** Others who carry it are told where `versions` are newer than before. */
  carry(
    domain: Uint8Array,
    documents: ReadonlyMap<string, Uint8Array>,
    versions?: DomainVersions,
  ): Promise<void>;
  /** Tells of news of a domain that is carried, and at whom to look first. */
  onHint(listener: (domain: Uint8Array, peers: readonly string[]) => void): void;
  /** For the node's status: all that are pinned. */
  report(domains: readonly DomainView[]): void;
}

/** What the operator is told of. */
export interface Told {
  /** What can't be done, each thing once as long as it lasts. */
  readonly failed: (error: unknown) => void;
  /** Whenever what is pinned has changed. */
  readonly changed: () => Promise<void>;
}

const NOTHING: ReadonlyMap<string, Uint8Array> = new Map();

/** Goes on until `stop`. */
export async function carryDomains(
  dataDir: string,
  carrier: Carrier,
  stop: AbortSignal,
  told: Told,
): Promise<void> {
  const keeper = new DomainKeeper(new TrustStore(dataDir), carrier, told);
  let wake = new AbortController();
  carrier.onHint((domain, peers) => {
    keeper.hinted(domain, peers);
    wake.abort();
  });
  while (!stop.aborted) {
    wake = new AbortController();
    await keeper.look();
    const signal = AbortSignal.any([stop, wake.signal]);
    await wait(DOMAIN_LOOK_MS, signal);
  }
}

/** What is done with one domain. */
interface Kept {
  /** By this it is told whether what is pinned has changed; null = not looked at yet. */
  mark: string | null;
  /** By a clock that is never set. */
  updateAt: number;
  view: DomainView | null;
  /** How the folders are that it was added from; null = not looked at yet. */
  folders: string | null;
}

function foldersOf({ state, roots }: Domain): string {
  return state.from.map((place) => folderMark(place, lastOf(roots).version)).join("\n");
}

function isMuteIn({ view }: Kept): boolean {
  return view !== null && view.problem !== null;
}

class DomainKeeper {
  readonly #store: TrustStore;
  readonly #carrier: Carrier;
  readonly #told: Told;
  readonly #kept = new Map<string, Kept>();
  readonly #failures = new Set<string>();
  /** Peers at whom to look first, by name in the mesh. */
  readonly #hints = new Map<string, readonly string[]>();

  constructor(store: TrustStore, carrier: Carrier, told: Told) {
    this.#store = store;
    this.#carrier = carrier;
    this.#told = told;
  }

  /** Somebody says that it has news: the next round looks. */
  hinted(domain: Uint8Array, peers: readonly string[]): void {
    this.#hints.set(toHex(domain), peers);
  }

  /** One round: what is due is updated, what is new is carried, what is gone is not. */
  async look(): Promise<void> {
    const pinned = this.#store.domains();
    for (const fingerprint of pinned) {
      try {
        await this.#lookAt(fingerprint);
      } catch (error) {
        this.#tell(error);
      }
    }
    for (const domain of [...this.#kept.keys()].filter((one) => !pinned.includes(one))) {
      this.#kept.delete(domain);
      this.#report();
      await this.#carrier.carry(nameInMesh(domain), NOTHING).catch((error: unknown) => this.#tell(error));
      await this.#told.changed();
    }
  }

  async #lookAt(fingerprint: string): Promise<void> {
    const kept = this.#kept.get(fingerprint) ?? {
      mark: null,
      updateAt: uptimeMs() + DOMAIN_UPDATE_MS * Math.random(),
      view: null,
      folders: null,
    };
    this.#kept.set(fingerprint, kept);
    await this.#carry(fingerprint, kept);
    const wasMute = isMuteIn(kept);
    const domain = this.#see(fingerprint, kept);
    if (domain === null) return;
    const isMute = isMuteIn(kept);
    const name = toHex(nameInMesh(fingerprint));
    const hint = this.#hints.get(name);
    this.#hints.delete(name);
    const folders = foldersOf(domain);
    const isPut = kept.folders !== null && kept.folders !== folders;
    kept.folders = folders;
    // What has made it fall silent may be out of date.
    const isDue = uptimeMs() >= kept.updateAt || (isMute && !wasMute);
    if (!isDue && !isPut && hint === undefined) return;
    // What has split does not get well by an update.
    const isHopeful = isMute && domain.state.split === null;
    if (isDue) kept.updateAt = uptimeMs() + (isHopeful ? DOMAIN_AGAIN_MS : DOMAIN_UPDATE_MS);
    await this.#update(domain, isDue ? null : (hint ?? []));
    await this.#carry(fingerprint, kept);
    const now = this.#see(fingerprint, kept);
    if (now !== null) kept.folders = foldersOf(now);
  }

  /** How it is, for status and operator, who is told when it begins to say nothing. Null where it was removed since. */
  #see(fingerprint: string, kept: Kept): Domain | null {
    if (this.#store.state(fingerprint) === null) return null;
    const domain = openDomain(this.#store, fingerprint);
    const { state, roots, targets } = domain;
    const problem = problemOf(domain, Date.now());
    if (problem !== null && kept.view?.problem?.detail !== problem.message) this.#told.failed(problem);
    kept.view = {
      domain: fingerprint,
      root: lastOf(roots).version,
      targets: targets.get("")?.version ?? null,
      updated: state.updated,
      problem: problem === null ? null : { code: problem.code, detail: problem.message },
    };
    this.#report();
    return domain;
  }

  #report(): void {
    this.#carrier.report([...this.#kept.values()].flatMap(({ view }) => view ?? []));
  }

  /** Carries it where it is another than before. Of one that has split the proof alone is: its owners have signed two futures. */
  async #carry(fingerprint: string, kept: Kept): Promise<void> {
    const state = this.#store.state(fingerprint);
    if (state === null) return;
    const mark = JSON.stringify([state.roots, [...state.documents], state.split !== null]);
    if (kept.mark === mark) return;
    const isFirst = kept.mark === null;
    kept.mark = mark;
    const name = nameInMesh(fingerprint);
    const domain = openDomain(this.#store, fingerprint);
    const documents = state.split === null ? staticFilesOf(domain) : this.#proofOf(domain);
    await this.#carrier
      .carry(name, documents, versionsOf(domain))
      .catch((error: unknown) => this.#tell(error));
    if (!isFirst) await this.#told.changed();
  }

  /** What is carried of one that has split: by its first root it is found, and the proof stops it everywhere. */
  #proofOf({ state, roots: [first] }: Domain): ReadonlyMap<string, Uint8Array> {
    const proof = this.#store.proof(state.domain);
    if (proof === null) return NOTHING;
    return new Map([
      [SPLIT_PATH, proof],
      [documentPath({ root: 1 }), first.bytes],
    ]);
  }

  /**
   * From where it was added, and from whoever in the mesh carries it too. After a hint (`first`; null = none) one round is enough: anybody
   * gives some.
   */
  async #update(domain: Domain, first: readonly string[] | null): Promise<void> {
    const { state } = domain;
    const places = state.from.filter((place) => !isMeshPlace(place)).map(openKnownSource);
    // That nobody else carries it is no failure.
    const peers = await meshRounds(this.#carrier, state.domain, MESH, first ?? []).catch(() => null);
    const sources = [...places, ...(peers?.sources ?? [])];
    if (sources.length === 0) return;
    await inRounds(
      (some) => updateDomain(this.#store, state.domain, some, Date.now()),
      { sources, more: async () => (first === null ? await peers?.more() : null) ?? [] },
      (updated) => isNewer(domain, updated),
    );
  }

  #tell(error: unknown): void {
    const words = error instanceof ClientError ? `${error.code} ${error.message}` : String(error);
    if (this.#failures.has(words)) return;
    if (this.#failures.size >= MAX_TOLD_FAILURES) this.#failures.clear();
    this.#failures.add(words);
    this.#told.failed(error);
  }
}
