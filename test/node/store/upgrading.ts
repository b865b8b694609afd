import type { openLevel } from "../../../node/store/level.ts";

type Known = NonNullable<Parameters<typeof openLevel>[1]>;

/** The first format. */
export const first: Known = { format: 1, steps: [] };

/** A format 2, in which every value has an octet more: one that were changed twice would have two. */
export function upgradeTo2(told: () => void = () => undefined): Known {
  return {
    format: 2,
    steps: [
      {
        from: 1,
        change: (rows) => {
          told();
          return rows.map(({ key, value }) => ({ op: "put", key, value: Uint8Array.from([...value, 2]) }));
        },
      },
    ],
  };
}
