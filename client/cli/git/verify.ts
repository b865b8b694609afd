import type { Command } from "commander";
import { gitSigners, keyIdPlain, keyName, sameKey, sha256Hex } from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { isOnBranch, openObject, readObjectFile } from "../../git/index.ts";
import type { NamedObject } from "../../git/index.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import { plain } from "../show/index.ts";
import { openHolder } from "./holders.ts";
import type { Holder } from "./holders.ts";

interface Options extends CommonOptions {
  readonly key?: readonly string[];
  readonly threshold?: string;
  readonly object?: readonly string[];
  readonly branch?: string;
}

/** Exit codes: another commit than one tag names, or not on the branch, is a contradiction; too few signatures may yet become enough. */
const CONTRADICTED = 1;
const PENDING = 2;
const MAX_HOLDERS = 64;

export function defineVerify(command: Command): void {
  addCommonOptions(command)
    .argument(
      "[ref...]",
      "tags or commits of the repository in this folder, all of one commit (default: HEAD)",
    )
    .option("--key <file...>", "who has to have signed: public keys (PEM, OpenSSH, OpenPGP), a holder a file")
    .option("--threshold <n>", "so many of them (default: all)")
    .option("--object <file...>", "instead: objects as `git cat-file tag v1` writes them")
    .option("--branch <ref>", "the commit has to be on this branch, of here or as in origin/main")
    .addHelpText(
      "after",
      `
Signatures on several tags of one commit are counted together, a holder once.

Exit codes: 0 signed by enough, 1 tags of different commits, or not on the branch, 2 signed by too few.

Examples:
  samebits git verify v1.0 --key maintainer.pub
  samebits git verify v1.0 v1.0-review --key author.asc reviewer.pub --threshold 2 --branch main
  git cat-file tag v1.0 > v1.0.tag && samebits git verify --object v1.0.tag --key maintainer.pub`,
    )
    .action(verify);
}

/** An object, and which holders signed it. */
interface Checked extends NamedObject {
  readonly signers: readonly { readonly holder: Holder; readonly key: PublicKey }[];
  /** Of the commit that it is, or tags. */
  readonly commit: string;
}

async function verify(references: readonly string[], options: Options): Promise<void> {
  const holders = await Promise.all((options.key ?? []).map(openHolder));
  const needed = neededOf(options.threshold, holders);
  const checked: Checked[] = [];
  for (const one of await openAll(references, options)) checked.push(await check(one, holders));
  const signed = new Set(checked.flatMap(({ signers }) => signers.map(({ holder }) => holder))).size;
  const commits = [...new Set(checked.map(({ commit }) => commit))];
  const [commit = ""] = commits;
  const { branch = null } = options;
  const isThere = branch === null || commits.length > 1 ? null : await isOnBranch(commit, branch);
  const isContradicted = commits.length > 1 || isThere === false;
  const found = { checked, commits, needed, signed, branch, isThere };
  const printer = openPrinter(options);
  if (printer.json) printer.object(objectOf(found));
  else for (const line of linesOf(found)) printer.data(line);
  process.exitCode = isContradicted ? CONTRADICTED : signed < needed ? PENDING : 0;
}

function neededOf(threshold: string | undefined, holders: readonly Holder[]): number {
  if (holders.length === 0) throw bad("--key FILE is missing: who has to have signed?");
  if (holders.length > MAX_HOLDERS) throw bad(`--key: at most ${MAX_HOLDERS} holders`);
  const all = holders.flatMap((holder) => holder.keys.map((key) => ({ key, holder })));
  const twice = all.find(({ key, holder }) =>
    all.some((other) => other.holder !== holder && keyName(other.key) === keyName(key)),
  );
  if (twice !== undefined)
    throw bad(`--key ${twice.holder.name}: another file has this key too, and nobody counts twice`);
  if (threshold === undefined) return holders.length;
  const count = /^[1-9][0-9]{0,3}$/.test(threshold) ? Number(threshold) : Number.NaN;
  if (!(count <= holders.length))
    throw bad(`--threshold ${threshold}: 1 to ${holders.length}, as many as there are keys`);
  return count;
}

async function openAll(
  references: readonly string[],
  { object = [], branch }: Options,
): Promise<readonly NamedObject[]> {
  if (object.length > 0 && references.length > 0) throw bad("give references or --object, not both");
  if (object.length > 0 && branch !== undefined)
    throw bad("--branch goes with a repository, and not with --object");
  if (object.length > 0) return object.map(readObjectFile);
  const named: NamedObject[] = [];
  for (const reference of references.length === 0 ? ["HEAD"] : references)
    named.push(await openObject(reference));
  return named;
}

async function check(named: NamedObject, holders: readonly Holder[]): Promise<Checked> {
  const { object, id, name } = named;
  if (object.kind === "tag" && object.type !== "commit")
    throw new ClientError("git/no-object", `${name} tags a ${object.type}, and no commit`);
  const all = holders.flatMap((holder) => holder.keys.map((key) => ({ holder, key })));
  const keys =
    object.signed === null
      ? []
      : await gitSigners(
          object.signed,
          all.map(({ key }) => key),
        );
  const signers = all.filter(({ key }) => keys.some((one) => sameKey(one, key)));
  return { ...named, signers, commit: object.kind === "tag" ? object.object : id };
}

interface Found {
  readonly checked: readonly Checked[];
  readonly commits: readonly string[];
  readonly needed: number;
  readonly signed: number;
  readonly branch: string | null;
  readonly isThere: boolean | null;
}

function linesOf({ checked, commits, needed, signed, branch, isThere }: Found): readonly string[] {
  const [commit = ""] = commits;
  const objects = checked.flatMap(({ name, object, id, signers }) => {
    const who = signers.map(({ holder, key }) => `${plain(holder.name)} (${keyIdPlain(key)})`);
    const none = object.signed === null ? "nobody has signed it" : "signed by none of these keys";
    const tag = object.kind === "tag" ? `tag ${plain(object.name)}` : "commit";
    return [
      `${plain(name)}   ${tag} ${id}`,
      who.length === 0 ? `  ${none}` : `  signed by ${who.join(", ")}`,
    ];
  });
  const on = isThere === true ? `, on ${plain(branch ?? "")}` : "";
  const verdict =
    commits.length > 1
      ? `NOT THE SAME: these are of ${commits.length} commits: ${commits.join(", ")}`
      : isThere === false
        ? `NOT ON ${plain(branch ?? "")}: the commit ${commit}`
        : `commit ${commit}${on}`;
  return [...objects, verdict, `${signed} of ${needed} needed have signed`];
}

function objectOf({ checked, commits, needed, signed, branch, isThere }: Found): object {
  return {
    samebits: 1,
    commits,
    objects: checked.map(({ name, object, id, signers }) => ({
      name,
      kind: object.kind,
      id,
      sha256: sha256Hex(object.bytes),
      tag: object.kind === "tag" ? object.name : null,
      tree: object.kind === "commit" ? object.tree : null,
      is_signed: object.signed !== null,
      signers: signers.map(({ holder, key }) => ({ name: holder.name, keyid: keyIdPlain(key) })),
    })),
    needed,
    signed,
    branch,
    on_branch: isThere,
  };
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}
