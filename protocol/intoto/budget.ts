/** What one layout's verification may take, whatever its layouts and links hold. */
import { ProtocolError } from "../errors.ts";
import { MAX_PATTERN_LOOKS, MAX_SUBLAYOUTS } from "../limits.ts";
import type { Spend } from "./match.ts";

/** Throws `layout/too-much` where it is spent. */
export class Budget {
  #looks = 0;
  #sublayouts = 0;

  /** Signs that patterns look at. */
  readonly spend: Spend = (signs) => {
    this.#looks += signs;
    if (this.#looks > MAX_PATTERN_LOOKS)
      throw new ProtocolError(
        "layout/too-much",
        `the patterns of its rules look at names more than ${MAX_PATTERN_LOOKS} times: use fewer or simpler ones`,
      );
  };

  takeSublayout(): void {
    if (++this.#sublayouts > MAX_SUBLAYOUTS)
      throw new ProtocolError("layout/too-much", `it has more than ${MAX_SUBLAYOUTS} sublayouts`);
  }
}
