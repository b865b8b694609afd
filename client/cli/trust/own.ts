import type { Command } from "commander";
import { counted, keyIdPlain } from "../../../protocol/index.ts";
import type { DelegationChoice, PublicKey, Role } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { readPublicKeyFile } from "../../keys/index.ts";
import {
  initDomain,
  lastOf,
  openDocument,
  OwnerFolder,
  releaseTargets,
  rotateDomain,
} from "../../trust/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { printDocument } from "./document-shown.ts";

const DAY_MS = 86_400_000;
const ROOT_DAYS = "365";
const TARGETS_DAYS = "90";
const MAX_DAYS = 3_653;

interface Making extends CommonOptions {
  readonly days: string;
  readonly again?: boolean;
}

interface InitOptions extends Making {
  readonly rootKey: readonly string[];
  readonly rootThreshold?: string;
  readonly targetsKey?: readonly string[];
  readonly targetsThreshold?: string;
}

interface RotateOptions extends Making {
  readonly addRootKey?: readonly string[];
  readonly removeRootKey?: readonly string[];
  readonly rootThreshold?: string;
  readonly addTargetsKey?: readonly string[];
  readonly removeTargetsKey?: readonly string[];
  readonly targetsThreshold?: string;
}

interface ReleaseOptions extends Making {
  readonly role?: string;
}

interface DelegateOptions extends Making {
  readonly key?: readonly string[];
  readonly threshold?: string;
  readonly purl?: readonly string[];
  readonly path?: readonly string[];
  readonly remove?: boolean;
}

export function defineInit(command: Command): void {
  addCommonOptions(command)
    .argument("<dir>", "the domain's folder; targets/, draft/ and public/ are made in it")
    .requiredOption("--root-key <pub...>", "public keys that change the domain (put DIR before)")
    .option("--root-threshold <n>", "how many of them have to sign (default: more than half)")
    .option("--targets-key <pub...>", "public keys that sign policies (default: those of the root)")
    .option("--targets-threshold <n>", "how many of them have to sign (default: more than half)")
    .option("--days <n>", "how long the root lasts", ROOT_DAYS)
    .addHelpText(
      "after",
      "\nExamples:\n  samebits trust init DIR --root-key alice.pub bob.pub carol.pub --targets-key release.pub\n  samebits trust sign DIR/draft/1.root.json --key alice.key",
    )
    .action(async (dir: string, options: InitOptions) => {
      const rootKeys = options.rootKey.map(ed25519File);
      const targetsKeys = options.targetsKey?.map(ed25519File) ?? rootKeys;
      const path = await initDomain(new OwnerFolder(dir), {
        expires: endOf(options),
        root: {
          keys: rootKeys,
          threshold: thresholdOf("--root-threshold", options.rootThreshold, rootKeys.length),
        },
        targets: {
          keys: targetsKeys,
          threshold: thresholdOf("--targets-threshold", options.targetsThreshold, targetsKeys.length),
        },
      });
      tell(path, options);
    });
}

export function defineRotate(command: Command): void {
  addCommonOptions(command)
    .argument("<dir>", "the domain's folder")
    .option("--add-root-key <pub...>", "public keys that come to the root (put DIR before)")
    .option("--remove-root-key <key...>", "keys that go: public keys, or the beginning of their ids")
    .option("--root-threshold <n>", "how many have to sign (default: as before)")
    .option("--add-targets-key <pub...>", "public keys that come to the targets")
    .option("--remove-targets-key <key...>", "keys that go from the targets")
    .option("--targets-threshold <n>", "how many have to sign targets (default: as before)")
    .option("--days <n>", "how long the root lasts", ROOT_DAYS)
    .option("--again", "make a draft anew that is there already; its signatures are lost")
    .addHelpText(
      "after",
      `
Enough keys of the old root have to sign, and enough of the new one.

Examples:
  samebits trust rotate DIR --add-root-key dave.pub --remove-root-key carol.pub
  samebits trust rotate DIR --days 730`,
    )
    .action(async (dir: string, options: RotateOptions) => {
      const folder = new OwnerFolder(dir);
      const last = lastOf(folder.domain().roots);
      const path = await rotateDomain(
        folder,
        {
          expires: endOf(options),
          add: (options.addRootKey ?? []).map(ed25519File),
          remove: (options.removeRootKey ?? []).map((key) => keyIn(key, last.root)),
          threshold: numberOf("--root-threshold", options.rootThreshold),
          addTargets: (options.addTargetsKey ?? []).map(ed25519File),
          removeTargets: (options.removeTargetsKey ?? []).map((key) => keyIn(key, last.targets)),
          targetsThreshold: numberOf("--targets-threshold", options.targetsThreshold),
        },
        options.again === true,
      );
      tell(path, options);
    });
}

export function defineRelease(command: Command): void {
  addCommonOptions(command)
    .argument("<dir>", "the domain's folder: what stands in DIR/targets is listed")
    .option("--role <name>", "as a delegate: debian, or debian/kernel for whom debian delegates to")
    .option("--days <n>", "how long it lasts", TARGETS_DAYS)
    .option("--again", "make a draft anew that is there already; its signatures are lost")
    .addHelpText(
      "after",
      `
DIR/targets/policy.toml is the domain's policy, DIR/targets/domain.toml says where its clients begin; both are checked first. A delegate's
policy is DIR/targets/NAME/policy.toml.

Examples:
  samebits trust release DIR
  samebits trust sign DIR/draft/targets.json --key release.key`,
    )
    .action(async (dir: string, options: ReleaseOptions) => {
      const path = await releaseTargets(new OwnerFolder(dir), {
        role: options.role?.split("/") ?? [],
        expires: endOf(options),
        again: options.again === true,
      });
      tell(path, options);
    });
}

export function defineDelegate(command: Command): void {
  addCommonOptions(command)
    .argument("<dir>", "the domain's folder")
    .argument("<name>", "the delegate: a-z, 0-9, - and _")
    .option("--key <pub...>", "its public keys (put DIR and NAME before)")
    .option("--threshold <n>", "how many of them have to sign (default: more than half)")
    .option("--purl <pattern...>", "the packages that it speaks for: pkg:deb/debian/*")
    .option("--path <pattern...>", "the files that it may list (default: NAME/*)")
    .option("--remove", "it speaks for nothing any more")
    .option("--days <n>", "how long the targets last", TARGETS_DAYS)
    .option("--again", "make a draft anew that is there already; its signatures are lost")
    .addHelpText(
      "after",
      `
The first delegation that fits a package decides; one that is made anew keeps its place.

Examples:
  samebits trust delegate DIR debian --key debian.pub --purl 'pkg:deb/debian/*'
  samebits trust delegate DIR debian --remove`,
    )
    .action(async (dir: string, name: string, options: DelegateOptions) => {
      const choice = options.remove === true ? null : choiceOf(name, options);
      const path = await releaseTargets(new OwnerFolder(dir), {
        role: [],
        expires: endOf(options),
        again: options.again === true,
        delegate: (now) => replaced(now, name, choice),
      });
      tell(path, options);
    });
}

function choiceOf(name: string, options: DelegateOptions): DelegationChoice {
  const keys = (options.key ?? []).map(ed25519File);
  if (keys.length === 0 || options.purl === undefined)
    throw new ClientError(
      "usage/bad-option",
      `${name}: name its keys with --key and its packages with --purl, or --remove it`,
    );
  return {
    name,
    keys,
    threshold: thresholdOf("--threshold", options.threshold, keys.length),
    purls: options.purl,
    paths: options.path ?? [`${name}/*`],
  };
}

function replaced(
  now: readonly DelegationChoice[],
  name: string,
  choice: DelegationChoice | null,
): readonly DelegationChoice[] {
  const isThere = now.some((one) => one.name === name);
  if (choice === null && !isThere)
    throw new ClientError("usage/bad-option", `nothing is delegated to ${name}`);
  if (choice !== null && !isThere) return [...now, choice];
  return now.flatMap((one) => (one.name === name ? (choice ?? []) : one));
}

/** What was made, and what its signers do next. */
function tell(path: string, options: CommonOptions): void {
  const printer = openPrinter(options);
  printDocument(openDocument(path), Date.now(), printer);
  printer.note(`  samebits trust sign ${path} --key KEY`);
}

function endOf({ days }: Making): number {
  const count = numberOf("--days", days) ?? 0;
  if (count > MAX_DAYS) throw new ClientError("usage/bad-option", `--days ${days}: at most ${MAX_DAYS}`);
  return Date.now() + count * DAY_MS;
}

function thresholdOf(option: string, text: string | undefined, keys: number): number {
  const threshold = numberOf(option, text) ?? Math.floor(keys / 2) + 1;
  if (threshold > keys)
    throw new ClientError(
      "usage/bad-option",
      `${option} ${threshold}: there are ${counted(keys, "key")}: nothing could ever be signed`,
    );
  return threshold;
}

function numberOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9][0-9]{0,4}$/.test(text))
    throw new ClientError("usage/bad-option", `${option} ${text}: a number from 1 on`);
  return Number(text);
}

/** Domains are signed with Ed25519 alone. */
function ed25519File(path: string): PublicKey {
  const key = readPublicKeyFile(path);
  if (key.type !== "ed25519")
    throw new ClientError(
      "key/bad-file",
      `${path}: trust domains are signed with Ed25519, this key is ${key.type}`,
    );
  return key;
}

/** A key of a role, by a file of it or the beginning of its id. */
function keyIn(text: string, { keys }: Role): PublicKey {
  if (!/^[0-9a-f]{8,64}$/.test(text)) return ed25519File(text);
  const [key, ...others] = [...keys.values()].filter((one) => keyIdPlain(one).startsWith(text));
  if (key === undefined || others.length > 0)
    throw new ClientError(
      "usage/bad-option",
      `${text}: ${key === undefined ? "no key id of the role begins so" : "several begin so"}`,
    );
  return key;
}
