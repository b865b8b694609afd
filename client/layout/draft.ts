/** The simplest layout: one step that several do on their own, as rebuilders do. */
import type { LayoutDraft, PublicKey } from "../../protocol/index.ts";

/** For how long a layout holds where nothing else is said. */
export const DEFAULT_EXPIRY = "365d";

/** What the options of `samebits layout new` say. */
export interface OneStep {
  readonly name: string;
  readonly functionaries: readonly PublicKey[];
  /** Null = more than half of them. */
  readonly threshold: number | null;
  /** Patterns of what comes out. */
  readonly products: readonly string[];
  readonly expires: number;
  readonly readme: string;
}

/** More than half. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The layout of one step: its products are new and have one of these names, and what its user has of such files is one of them (an
 * inspection that runs nothing).
 */
export function oneStep({ name, functionaries, threshold, products, expires, readme }: OneStep): LayoutDraft {
  const disallowed = { kind: "disallow", pattern: "*" } as const;
  return {
    readme,
    expires,
    steps: [
      {
        name,
        functionaries,
        threshold: threshold ?? majorityOf(functionaries.length),
        expectedCommand: [],
        expectedMaterials: [],
        expectedProducts: [...products.map((pattern) => ({ kind: "create", pattern }) as const), disallowed],
      },
    ],
    inspections: [
      {
        name: `${name}-files`,
        run: ["true"],
        expectedMaterials: products.flatMap((pattern) => [
          { kind: "match", pattern, source: null, with: "products", destination: null, step: name } as const,
          { kind: "disallow", pattern } as const,
        ]),
        expectedProducts: [],
      },
    ],
  };
}
