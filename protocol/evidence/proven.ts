declare const proven: unique symbol;

/** What all evidence has in common: only this folder's functions make it, after they have checked all of it. */
export interface Proven {
  readonly [proven]: true;
}

/** Evidence out of parts that were checked. For use in this folder alone. */
export function freezeProven<const Parts extends object>(parts: Parts): Parts & Proven {
  return Object.freeze(parts) as Parts & Proven;
}
