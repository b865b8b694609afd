/** What many builds begin with: a base that is up to date, and what the archive offers at that time. Each build changes a room of its own over it. */
import { makeFolder } from "../../folder.ts";
import type { ListedPackage } from "../../install/index.ts";
import { listedBinaries, listedSources, updateLists, upgrade } from "./archive.ts";
import { baseFrom, baseOf } from "./base.ts";
import type { Suite } from "./base.ts";
import { Room } from "./room.ts";
import type { Site } from "./room.ts";
import type { ListedSource } from "./sources-list.ts";

/** Which system, and whether it is brought up to date. */
export interface GroundOptions {
  readonly suite: Suite;
  /** A tar archive of the system to build in, instead of one that is made. */
  readonly base: string | null;
  /** Nothing is fetched: lists and packages are those of that system. */
  readonly offline: boolean;
}

/** Is told what goes on. */
export type Telling = (what: string) => void;

/** ms after which the archive has moved on: it is updated four times a day. */
const AGE_MS: number = 6 * 60 * 60 * 1000;

export class Ground {
  readonly options: GroundOptions;
  readonly #site: Site;
  readonly #room: Room;
  readonly #madeMs: number;
  #listed: Promise<readonly ListedPackage[]> | null = null;

  private constructor(site: Site, options: GroundOptions, room: Room) {
    this.#site = site;
    this.options = options;
    this.#room = room;
    this.#madeMs = Date.now();
  }

  /** Throws `rebuild/no-isolation`, `rebuild/no-chroot`, `rebuild/no-archive`, `input/…`. */
  static async lay(site: Site, options: GroundOptions, tell: Telling): Promise<Ground> {
    const { suite, base: archive, offline } = options;
    makeFolder(site.folder);
    const base = archive === null ? await baseOf(site, suite, tell) : await baseFrom(site, archive, tell);
    const room = await Room.open(site, base);
    try {
      if (!offline) {
        tell("bringing the system to build in up to date");
        await updateLists(room);
        await upgrade(room);
      }
      return new Ground(site, options, room);
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** Whether the archive can be taken to be as it was. */
  get isFresh(): boolean {
    return this.options.offline || Date.now() - this.#madeMs < AGE_MS;
  }

  /** An untouched room over it. */
  async open(): Promise<Room> {
    return Room.open(this.#site, this.#room.layers);
  }

  /** All binary packages that the archive offers; read once. */
  async binaries(): Promise<readonly ListedPackage[]> {
    return (this.#listed ??= listedBinaries(this.#room));
  }

  /** All source packages that it offers, of one component or of all. */
  async sources(component: string | null): Promise<readonly ListedSource[]> {
    return listedSources(this.#room, component);
  }

  /** Takes it away. No room over it may be in use any more. */
  async close(): Promise<void> {
    await this.#room.close();
  }
}
