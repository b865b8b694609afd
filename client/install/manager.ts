/** Package managers that ask samebits before they install. */
import type { ClientCode } from "../errors.ts";

/** One of them: what its commands are called, of which type its packages' URLs are, and what is wrong with what it says or hands over. */
export interface Manager {
  readonly name: "apt" | "pacman";
  readonly purlType: "deb" | "alpm";
  readonly codes: {
    readonly badInput: ClientCode;
    readonly changedFile: ClientCode;
    readonly unsafeFile: ClientCode;
    readonly notRoot: ClientCode;
  };
}

export const APT: Manager = {
  name: "apt",
  purlType: "deb",
  codes: {
    badInput: "apt/bad-input",
    changedFile: "apt/changed-file",
    unsafeFile: "apt/unsafe-file",
    notRoot: "apt/not-root",
  },
};

export const PACMAN: Manager = {
  name: "pacman",
  purlType: "alpm",
  codes: {
    badInput: "pacman/bad-input",
    changedFile: "pacman/changed-file",
    unsafeFile: "pacman/unsafe-file",
    notRoot: "pacman/not-root",
  },
};
