/** The normal forms of all files of an application's folder (`.app`): one list, the same whoever signed (`protocol/spec/normal-forms.md`). */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import {
  compareBytes,
  isPrintable,
  MAX_TREE_DEPTH,
  MAX_TREE_FILES,
  MAX_TREE_SIGNATURE_BYTES,
  ProtocolError,
  sha256Hex,
  toHex,
  utf8,
} from "../../protocol/index.ts";
import type { FormOptions } from "../../protocol/index.ts";
import { unreadable } from "./read.ts";
import { unsignFile } from "./unsign.ts";

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
const TICKET = "s8ch";
const OLD_LINK = "_CodeSignature/CodeResources";

interface Walk extends FormOptions {
  readonly top: string;
  readonly lines: Map<string, string>;
  readonly dropped: string[];
  readonly remarks: string[];
  seen: number;
}

/** Throws what `unsignFile` does, and `normal-form/not-a-signature` for what stands among signatures and is none. */
export async function unsignTree(top: string, options: FormOptions): Promise<UnsignedTree> {
  const walk: Walk = { ...options, top, lines: new Map(), dropped: [], remarks: [], seen: 0 };
  try {
    await folder(walk, "", 0);
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? unreadable(top, error) : error;
  }
  const paths = [...walk.lines.keys()].sort((a, b) => compareBytes(utf8(a), utf8(b)));
  const manifest = paths.map((path) => `${walk.lines.get(path)} ${path}\n`).join("");
  return { manifest, files: paths.length, dropped: walk.dropped.sort(), remarks: walk.remarks };
}

async function folder(walk: Walk, path: string, depth: number): Promise<void> {
  if (depth > MAX_TREE_DEPTH) throw tooBig(path, "folders inside folders", MAX_TREE_DEPTH);
  for (const entry of readdirSync(join(walk.top, path), { withFileTypes: true })) {
    if (++walk.seen > MAX_TREE_FILES) throw tooBig(walk.top, "files and folders", MAX_TREE_FILES);
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (!isPrintable(entry.name)) {
      throw new ProtocolError(
        "normal-form/unsupported",
        `${walk.top}: a file's name holds what no line can show`,
      );
    }
    if (isTicket(walk.top, inner, entry)) walk.dropped.push(inner);
    else if (entry.isSymbolicLink())
      walk.lines.set(inner, `link ${sha256Hex(utf8(readlinkSync(join(walk.top, inner))))}`);
    else if (entry.isDirectory() && entry.name === SEALS) seals(walk, inner);
    else if (entry.isDirectory()) await folder(walk, inner, depth + 1);
    else if (entry.isFile()) await file(walk, inner);
    else throw new ProtocolError("normal-form/unsupported", `${inner}: it is no file, folder or link`);
  }
}

async function file(walk: Walk, path: string): Promise<void> {
  const whole = join(walk.top, path);
  const { form, sha256 } = await unsignFile(whole, walk);
  walk.remarks.push(...form.remarks.map((remark) => `${path}: ${remark}`));
  const isProgram = (statSync(whole).mode & 0o111) !== 0;
  walk.lines.set(path, `${isProgram ? "exec" : "file"} ${toHex(sha256)}`);
}

/** The folder of an application's seals: lists of hashes and signatures, and nothing else. */
function seals(walk: Walk, path: string): void {
  for (const entry of readdirSync(join(walk.top, path), { withFileTypes: true })) {
    const inner = `${path}/${entry.name}`;
    const whole = join(walk.top, inner);
    if (!entry.isFile() || !SEAL_FILES.test(entry.name))
      complain(walk, `${inner}: nothing that codesign writes`);
    else if (statSync(whole).size > MAX_TREE_SIGNATURE_BYTES)
      throw tooBig(inner, "octets", MAX_TREE_SIGNATURE_BYTES);
    else if (entry.name === "CodeResources" && !isPropertyList(whole))
      complain(walk, `${inner}: no property list`);
    walk.dropped.push(inner);
  }
}

function isPropertyList(path: string): boolean {
  const text = readFileSync(path, "utf8");
  return text.startsWith("<?xml ") && text.trimEnd().endsWith("</plist>");
}

/** `Contents/CodeResources`, where it is a ticket of notarization, or the old link. */
function isTicket(top: string, path: string, entry: Dirent): boolean {
  if (!/(^|\/)Contents\/CodeResources$/.test(path)) return false;
  const whole = join(top, path);
  if (entry.isSymbolicLink()) return readlinkSync(whole) === OLD_LINK;
  if (!entry.isFile() || statSync(whole).size > MAX_TREE_SIGNATURE_BYTES) return false;
  return readFileSync(whole, "latin1").startsWith(TICKET);
}

function complain(walk: Walk, problem: string): void {
  if (!walk.lenient) {
    throw new ProtocolError(
      "normal-form/not-a-signature",
      `${problem}; it would be left out (--lenient does, and tells)`,
    );
  }
  walk.remarks.push(problem);
}

function tooBig(path: string, what: string, limit: number): ProtocolError {
  return new ProtocolError("normal-form/too-big", `${path}: more than ${limit} ${what}`);
}
