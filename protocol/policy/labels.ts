/** Names and text in a policy: what is typed, compared and shown. */
import { quote } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { MAX_LABEL_BYTES } from "../limits.ts";

/** Begins with a letter, so that no name is a number: TOML tables of numbers would lose their order. */
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** Names of builders, groups and roles are typed, compared and shown: no blanks, no look-alikes. */
export function assertName(shape: Shape, name: string): void {
  if (!NAME.test(name)) {
    shape.fail(
      "policy/bad-name",
      `${quote(name)} is no name: 1 to 64 of A-Z a-z 0-9 . _ - beginning with a letter`,
    );
  }
}

/** Text for people, compared as it stands: composed, no control characters, no blanks at its ends. */
export function assertLabel(shape: Shape): void {
  const text = shape.string(MAX_LABEL_BYTES);
  if (text === "" || text.trim() !== text || text.normalize("NFC") !== text || /\p{Cc}/u.test(text)) {
    shape.fail(
      "policy/bad-name",
      `${quote(text)}: text in composed form (NFC) expected, without blanks around it`,
    );
  }
}
