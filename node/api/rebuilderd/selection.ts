import type { Catalogue } from "./catalogue.ts";
import type { Host } from "./builders.ts";
import { fitting } from "./listing.ts";
import type { Filter } from "./listing.ts";
import { packageView } from "./records.ts";
import type { PackageView } from "./records.ts";
import type { Listed, WhyNot } from "./shelf.ts";

/** A claim that clients of rebuilderd are shown, and as what. */
export interface Shown {
  readonly id: number;
  readonly listed: Listed;
  readonly view: PackageView;
}

/** What there is for a filter, and how much of it is not shown. */
export interface Selection {
  readonly shown: readonly Shown[];
  readonly leftOut: ReadonlyMap<WhyNot, number>;
  /** Claims about other files for which there is no room, whatever the filter: they were not looked at. */
  readonly untaken: number;
}

/** What a builder shows in all, by what it was made of. */
const KEPT = new WeakMap<
  Host["builder"],
  { readonly catalogue: Catalogue; readonly mark: string; readonly selection: Selection }
>();

/** What one builder says, as it is at one moment. */
export class Selector {
  readonly #catalogue: Catalogue;
  readonly #host: Host;
  readonly #namespace: string;
  readonly #now: number;

  constructor(catalogue: Catalogue, host: Host, namespace: string, now: number) {
    this.#catalogue = catalogue;
    this.#host = host;
    this.#namespace = namespace;
    this.#now = now;
  }

  /** In the order of ids. What there is in all is made once, until something is added: whoever pages asks for it again and again. */
  select(filter: Filter): Selection {
    if (!isEverything(filter)) return this.#made(filter);
    const { builder } = this.#host;
    const mark = `${this.#catalogue.revision} ${builder.keys.map((_, key) => this.#isValid(key)).join()}`;
    const kept = KEPT.get(builder);
    if (kept?.catalogue === this.#catalogue && kept.mark === mark) return kept.selection;
    const selection = this.#made(filter);
    KEPT.set(builder, { catalogue: this.#catalogue, mark, selection });
    return selection;
  }

  #made(filter: Filter): Selection {
    const shelf = this.#catalogue.shelf(this.#host.builder);
    const shown: Shown[] = [];
    const leftOut = new Map<WhyNot, number>();
    for (const listed of shelf.packages(filter.name)) {
      const view = this.#view(listed, filter);
      if (view === null) continue;
      const why = this.#whyNot(listed);
      if (why === null) shown.push({ id: listed.id, listed, view });
      else leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
    }
    return { shown, leftOut, untaken: shelf.untaken };
  }

  /** The claim of that id; null where none is, or it is not shown. */
  byId(id: number): Shown | null {
    const listed = this.#catalogue.shelf(this.#host.builder).byId(id);
    const view = listed === null ? null : packageView(listed, this.#catalogue, this.#namespace);
    if (listed === null || view === null || this.#whyNot(listed) !== null) return null;
    return { id, listed, view };
  }

  #view(listed: Listed, filter: Filter): PackageView | null {
    const view = packageView(listed, this.#catalogue, this.#namespace);
    return view === null ? null : fitting(view, filter);
  }

  #whyNot(listed: Listed): WhyNot | null {
    return this.#catalogue.shelf(this.#host.builder).whyNot(listed, (key) => this.#isValid(key));
  }

  #isValid(number: number): boolean {
    const key = this.#host.builder.keys[number];
    return key !== undefined && (key.until === null || key.until > this.#now);
  }
}

function isEverything({ unknown, ...wanted }: Filter): boolean {
  return !unknown && Object.values(wanted).every((one) => one === null);
}
