/** Signs what rebuilds of Debian packages gave. */
import type { Config } from "../../config.ts";
import { formWish } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import { draftsOf } from "../../rebuild/index.ts";
import type { Rebuild } from "../../rebuild/index.ts";
import { openWork } from "../attesting.ts";
import type { Work } from "../attesting.ts";
import type { Printer } from "../print.ts";
import type { DebianOptions } from "./debian-options.ts";
import { signAll } from "./sign-all.ts";
import type { Kept } from "./sign-all.ts";

/** The key is opened first: nobody builds for hours to learn that it is not there. Null without one. */
export async function workOf(options: DebianOptions, config: Config, printer: Printer): Promise<Work | null> {
  const { key } = options;
  if (key !== undefined)
    return openWork({ ...options, key, step: "rebuild", predicate: "link" }, config, printer);
  if (options.publish === true || options.replace === true)
    throw new ClientError(
      "usage/bad-option",
      "--publish and --replace need --key: there is nothing to publish unsigned",
    );
  return null;
}

/**
 * Signs what came of it, into the folder of the packages, and publishes it where that was asked for; `kept` is told of the files first. Throws
 * `attest/conflicts`, `key/…`, `api/…`.
 */
export async function signRebuild(
  rebuild: Rebuild,
  folder: string,
  work: Work,
  kept: Kept = () => Promise.resolve(),
): Promise<void> {
  const time = Math.floor(Date.now() / 1000) * 1000;
  // Of a package that was just built it is the package itself: nobody signed it yet.
  const forms = formWish(work.options.normalForm === true, "link", (line) => work.printer.note(line));
  const drafts = await draftsOf(rebuild, work.key.keyId, time, forms);
  if (drafts.length === 0) {
    work.printer.note(
      "samebits: nothing is signed: the archive does not say which files this source should have given",
    );
  }
  await signAll(drafts, time, () => folder, { work, kept });
}
