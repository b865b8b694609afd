/** Shares as bars, with their numbers beside them. */
import type { VNode } from "preact";
import { number } from "../words.ts";

export interface Part {
  readonly name: string;
  readonly count: number;
  /** `good`, `warn`, `bad`, `odd`, `quiet`. */
  readonly fill: string;
}

/** One bar of several parts, and what each is. */
export function StackedBar({
  parts,
  label,
}: {
  readonly parts: readonly Part[];
  readonly label: string;
}): VNode {
  const shown = parts.filter(({ count }) => count > 0);
  return (
    <>
      <div
        class="stack"
        role="img"
        aria-label={`${label}: ${shown.map(({ name, count }) => `${name} ${number(count)}`).join(", ")}`}
      >
        {shown.map(({ name, count, fill }) => (
          <span key={name} class={`fill-${fill}`} style={{ flexGrow: String(count), flexBasis: "0" }} />
        ))}
      </div>
      <ul class="key">
        {parts.map(({ name, count, fill }) => (
          <li key={name}>
            <span class={`swatch fill-${fill}`} aria-hidden="true" /> {name} <b>{number(count)}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

export interface Bar {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly value: string;
}

/** Bars below each other, all to one scale. */
export function Bars({ bars, most }: { readonly bars: readonly Bar[]; readonly most: number }): VNode {
  return (
    <ul class="bars">
      {bars.map(({ name, parts, value }) => (
        <li key={name}>
          <span class="name" title={name}>
            {name}
          </span>
          <span class="track" aria-hidden="true">
            {parts
              .filter(({ count }) => count > 0)
              .map((part) => (
                <span
                  key={part.name}
                  class={`fill-${part.fill}`}
                  style={{ width: `${most === 0 ? 0 : (100 * part.count) / most}%` }}
                />
              ))}
          </span>
          <span class="value">{value}</span>
        </li>
      ))}
    </ul>
  );
}
