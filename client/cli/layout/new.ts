import type { Command } from "commander";
import { buildLayout, counted, fromUtf8, ProtocolError, sameKey } from "../../../protocol/index.ts";
import type { LayoutDraft } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import {
  DEFAULT_EXPIRY,
  EXPIRY_FORMS,
  layoutFileOf,
  oneStep,
  openLayoutKey,
  readDescription,
  readExpiry,
  unsignedLayout,
} from "../../layout/index.ts";
import { writeOutput } from "../../output-file.ts";
import { printerBeside } from "../beside-output.ts";
import { addCommonOptions } from "../options.ts";
import type { KnownKey } from "../show/index.ts";
import { printLayout } from "./shown.ts";

interface Options extends CommonOptions {
  readonly step?: string;
  readonly key?: readonly string[];
  readonly threshold?: string;
  readonly product?: readonly string[];
  readonly expires?: string;
  readonly readme?: string;
  readonly output: string;
}

export function defineNew(command: Command): void {
  addCommonOptions(command)
    .argument("[description]", "steps, keys and rules in TOML (docs/in-toto.md)")
    .option("--step <name>", "instead: the one step, which several do on their own")
    .option(
      "--key <key...>",
      "whose step it is: public keys in files, gpg:FINGERPRINT, openpgp:…, ssh-agent:SHA256:…",
    )
    .option("--threshold <n>", "so many of them must have got the same (default: more than half)")
    .option("--product <pattern...>", "names of the files that come out of it (default: *.deb)")
    .option("--expires <when>", `until when it holds: ${EXPIRY_FORMS} (default: ${DEFAULT_EXPIRY})`)
    .option("--readme <text>", "a word for people")
    .requiredOption("-o, --output <file>", "where it goes, - for stdout")
    .addHelpText(
      "after",
      `
Examples:
  samebits layout new --step rebuild --key a.pub b.pub c.pub --threshold 2 -o root.layout
  samebits layout new layout.toml --expires 90d -o root.layout`,
    )
    .action(async (path: string | undefined, options: Options) => {
      const printer = printerBeside("-o", options.output, options);
      const now = Date.now();
      const known = await keysOf(options);
      const bytes = unsignedLayout(signedPart(await draftOf(path, options, known, now)));
      await writeOutput(options.output, `${fromUtf8(bytes)}\n`, { replace: false });
      await printLayout(layoutFileOf(bytes, options.output), known, now, printer);
      printer.note(`  samebits layout sign ${options.output} --key OWNER.key`);
    });
}

/** Throws `layout/bad-file` for what no reader would take. */
function signedPart(draft: LayoutDraft): Uint8Array {
  try {
    return buildLayout(draft);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("layout/bad-file", `it would be no layout: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}

async function keysOf({ key = [] }: Options): Promise<readonly KnownKey[]> {
  const keys = await Promise.all(key.map(async (name) => ({ name, key: await openLayoutKey(name, ".") })));
  for (const [at, one] of keys.entries()) {
    const other = keys.slice(0, at).find((each) => sameKey(each.key, one.key));
    if (other !== undefined)
      throw bad(`--key ${other.name} and ${one.name} are one key: one key is one vote`);
  }
  return keys;
}

async function draftOf(
  path: string | undefined,
  options: Options,
  known: readonly KnownKey[],
  now: number,
): Promise<LayoutDraft> {
  const { step, key, threshold, product, expires, readme } = options;
  if (path === undefined) return ofOptions(options, known, now);
  if (step !== undefined || key !== undefined || threshold !== undefined || product !== undefined)
    throw bad("give a description, or --step with --key: one of the two");
  const draft = await readDescription(path, now);
  return {
    ...draft,
    ...(expires === undefined ? {} : { expires: expiryOf(expires, now) }),
    ...(readme === undefined ? {} : { readme }),
  };
}

function ofOptions(options: Options, known: readonly KnownKey[], now: number): LayoutDraft {
  const { step, threshold, product = ["*.deb"], expires = DEFAULT_EXPIRY, readme = "" } = options;
  if (step === undefined || known.length === 0)
    throw new ClientError(
      "usage/nothing-to-do",
      "name a description, or the one step with --step and whose it is with --key; see samebits help layout",
    );
  return oneStep({
    name: step,
    functionaries: known.map(({ key }) => key),
    threshold: threshold === undefined ? null : thresholdOf(threshold, known.length),
    products: product,
    expires: expiryOf(expires, now),
    readme,
  });
}

function thresholdOf(text: string, keys: number): number {
  const threshold = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (threshold < 1) throw bad(`--threshold ${text}: a number from 1 on`);
  if (threshold > keys)
    throw bad(`--threshold ${text}: there are ${counted(keys, "key")}: nobody could ever do this step`);
  return threshold;
}

function expiryOf(text: string, now: number): number {
  const expires = readExpiry(text, now);
  if (expires === null) throw bad(`--expires ${text}: ${EXPIRY_FORMS}`);
  if (expires <= now) throw bad(`--expires ${text}: that is over`);
  return expires;
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}
