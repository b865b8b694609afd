/** The normal forms of all files of an application's folder (`.app`), also in a zip file: one list, the same whoever signed (`protocol/spec/normal-forms.md`). */
import { statSync } from "node:fs";
import {
  compareBytes,
  equalBytes,
  isPrintable,
  MAX_TREE_DEPTH,
  MAX_TREE_FILES,
  MAX_TREE_SIGNATURE_BYTES,
  ProtocolError,
  sha256Hex,
  startsWith,
  toHex,
  utf8,
} from "../../protocol/index.ts";
import type { FormOptions } from "../../protocol/index.ts";
import { unreadable } from "./read.ts";
import { folderTree } from "./tree.ts";
import type { Tree, TreeItem } from "./tree.ts";
import { withZipTree } from "./zip-tree.ts";

export interface UnsignedTree {
  /** A line for each file: `file`, `exec` or `link`, a SHA-256, the path. */
  readonly manifest: string;
  readonly files: number;
  /** What belongs to signatures and is left out, paths in the tree. */
  readonly dropped: readonly string[];
  readonly remarks: readonly string[];
}

const SEALS = "_CodeSignature";
/** What codesign writes there: a list of hashes, and parts of a signature of what is no Mach-O file. */
const SEAL_FILES = /^(CodeResources|CodeDirectory|CodeRequirements(-1)?|CodeEntitlements|CodeSignature)$/;
/** A ticket that was stapled, by its first octets; and how old tools point to the list. */
const TICKET = utf8("s8ch");
const OLD_LINK = utf8("_CodeSignature/CodeResources");

interface Walk extends FormOptions {
  readonly tree: Tree;
  readonly lines: Map<string, string>;
  readonly dropped: string[];
  readonly remarks: string[];
  seen: number;
}

/**
 * Of a folder, or of a zip file with one in it. Throws what `unsignFile` and `withZipTree` do, and `normal-form/not-a-signature` for what
 * stands among signatures and is none.
 */
export async function unsignTree(top: string, options: FormOptions): Promise<UnsignedTree> {
  try {
    if (statSync(top).isDirectory()) return await walked(folderTree(top), options, []);
    const remarks: string[] = [];
    const complain = (problem: string): void => complainTo(options, remarks, problem);
    return await withZipTree(top, complain, (tree) => walked(tree, options, remarks));
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? unreadable(top, error) : error;
  }
}

async function walked(tree: Tree, options: FormOptions, remarks: string[]): Promise<UnsignedTree> {
  const walk: Walk = { ...options, tree, lines: new Map(), dropped: [], remarks, seen: 0 };
  await folder(walk, "", 0);
  const paths = [...walk.lines.keys()].sort((a, b) => compareBytes(utf8(a), utf8(b)));
  const manifest = paths.map((path) => `${walk.lines.get(path)} ${path}\n`).join("");
  return { manifest, files: paths.length, dropped: walk.dropped.sort(), remarks: walk.remarks };
}

async function folder(walk: Walk, path: string, depth: number): Promise<void> {
  if (depth > MAX_TREE_DEPTH) throw tooBig(path, "folders inside folders", MAX_TREE_DEPTH);
  for (const entry of walk.tree.list(path)) {
    if (++walk.seen > MAX_TREE_FILES) throw tooBig(walk.tree.name, "files and folders", MAX_TREE_FILES);
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (!isPrintable(entry.name)) {
      throw new ProtocolError(
        "normal-form/unsupported",
        `${walk.tree.name}: a file's name holds what no line can show`,
      );
    }
    if (await isTicket(walk.tree, inner, entry)) walk.dropped.push(inner);
    else if (entry.kind === "link") walk.lines.set(inner, `link ${sha256Hex(await walk.tree.leads(inner))}`);
    else if (entry.kind === "folder" && entry.name === SEALS) await seals(walk, inner);
    else if (entry.kind === "folder") await folder(walk, inner, depth + 1);
    else if (entry.kind === "file") await file(walk, inner);
    else throw new ProtocolError("normal-form/unsupported", `${inner}: it is no file, folder or link`);
  }
}

async function file(walk: Walk, path: string): Promise<void> {
  const { form, sha256 } = await walk.tree.unsign(path, walk);
  walk.remarks.push(...form.remarks.map((remark) => `${path}: ${remark}`));
  const { isProgram } = walk.tree.look(path);
  walk.lines.set(path, `${isProgram ? "exec" : "file"} ${toHex(sha256)}`);
}

/** The folder of an application's seals: lists of hashes and signatures, and nothing else. */
async function seals(walk: Walk, path: string): Promise<void> {
  for (const entry of walk.tree.list(path)) {
    const inner = `${path}/${entry.name}`;
    if (entry.kind !== "file" || !SEAL_FILES.test(entry.name))
      complain(walk, `${inner}: nothing that codesign writes`);
    else if (walk.tree.look(inner).size > MAX_TREE_SIGNATURE_BYTES)
      throw tooBig(inner, "octets", MAX_TREE_SIGNATURE_BYTES);
    else if (entry.name === "CodeResources" && !isPropertyList(await walk.tree.octets(inner)))
      complain(walk, `${inner}: no property list`);
    walk.dropped.push(inner);
  }
}

function isPropertyList(octets: Uint8Array): boolean {
  const text = new TextDecoder().decode(octets);
  return text.startsWith("<?xml ") && text.trimEnd().endsWith("</plist>");
}

/** `Contents/CodeResources`, where it is a ticket of notarization, or the old link. */
async function isTicket(tree: Tree, path: string, { kind }: TreeItem): Promise<boolean> {
  if (!/(^|\/)Contents\/CodeResources$/.test(path)) return false;
  if (kind === "link") return equalBytes(await tree.leads(path), OLD_LINK);
  if (kind !== "file" || tree.look(path).size > MAX_TREE_SIGNATURE_BYTES) return false;
  return startsWith(await tree.octets(path), TICKET);
}

function complain(walk: Walk, problem: string): void {
  complainTo(walk, walk.remarks, problem);
}

function complainTo({ lenient }: FormOptions, remarks: string[], problem: string): void {
  if (!lenient) {
    throw new ProtocolError(
      "normal-form/not-a-signature",
      `${problem}; it would be left out (--lenient does, and tells)`,
    );
  }
  remarks.push(problem);
}

function tooBig(path: string, what: string, limit: number): ProtocolError {
  return new ProtocolError("normal-form/too-big", `${path}: more than ${limit} ${what}`);
}
