/** A row of the table of others' layouts and links (`recorded.ts`). */
import type { Damage } from "./sketch.ts";

export interface Recorded {
  readonly name: string;
  /** Paths below `test/vectors/in-toto`. */
  readonly layout: string;
  /** `sign`: it has no signature, as upstream's tests make one of their own: one of ours. */
  readonly sign?: true;
  readonly owner: string;
  /** Documents by the names that they have in the folder of links. */
  readonly links: Readonly<Record<string, string>>;
  /** What is installed: paths, or text after `=`. */
  readonly files: Readonly<Record<string, string>>;
  /** Done to the one of the links whose name begins so. */
  readonly harm?: readonly [link: string, damage: Damage];
  /** What those say whose it is: by their tests and tools, or null where they say nothing of it. */
  readonly upstream: "pass" | "fail" | null;
  /** What in-toto 1.3.1 says; it reads no envelopes. */
  readonly inToto: "pass" | "fail" | "unreadable";
  /** What samebits says: `passed`, or the code of why not. */
  readonly ours: string;
}
