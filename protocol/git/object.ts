/** Commits and annotated tags of git, as their objects have them (gitformat: `git cat-file commit`, `git cat-file tag`). */
import { concat, equalBytes, quote, toHex, utf8 } from "../bytes/index.ts";
import { gitHash, sha256 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_GIT_OBJECT_BYTES, MAX_GIT_PARENTS } from "../limits.ts";

/** By what a repository names its objects. */
export type GitHash = "sha1" | "sha256";

/** What a signature signs, and the signature as it stands in the object, with its armor. */
export interface GitSigned {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

interface GitObject {
  /** Its octets, of which its id is made. */
  readonly bytes: Uint8Array;
  /** Null where nobody signed it. */
  readonly signed: GitSigned | null;
  /** Of the ids in it. */
  readonly hash: GitHash;
}

export interface GitTag extends GitObject {
  readonly kind: "tag";
  /** Of what is tagged, hex. */
  readonly object: string;
  /** What that is. */
  readonly type: "commit" | "tree" | "blob" | "tag";
  readonly name: string;
}

export interface GitCommit extends GitObject {
  readonly kind: "commit";
  readonly tree: string;
  readonly parents: readonly string[];
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const SHA1_DIGITS = 40;
const TYPES = ["commit", "tree", "blob", "tag"] as const;
const NEWLINE = 0x0a;
/** Lines with which signatures begin, all that git knows of. */
const BEGINNINGS: readonly Uint8Array[] = [
  "-----BEGIN PGP SIGNATURE-----",
  "-----BEGIN PGP MESSAGE-----",
  "-----BEGIN SSH SIGNATURE-----",
  "-----BEGIN SIGNED MESSAGE-----",
].map((line) => utf8(line));
/** Headers of a commit that hold a signature, which signs the commit without them. */
const SIGNATURE_HEADERS: readonly string[] = ["gpgsig", "gpgsig-sha256"];
/** With which a tag begins. */
const TAG_HEADERS = ["object", "type", "tag"] as const;

/** Reads an annotated tag's octets. Throws `git/bad-object`. */
export function parseGitTag(bytes: Uint8Array): GitTag {
  assertSize(bytes);
  const own = new Uint8Array(bytes);
  const headers = headersOf(own, "tag");
  assertOrder(headers, [...TAG_HEADERS, ...(headers.length > TAG_HEADERS.length ? ["tagger"] : [])], "tag");
  const object = idIn(headers, "object");
  const type = TYPES.find((one) => one === valueOf(headers, "type"));
  if (type === undefined) throw bad("tag", "what it tags is no commit, tree, blob or tag");
  const name = valueOf(headers, "tag");
  const hash = hashOf([object], "tag");
  return Object.freeze({ kind: "tag", bytes: own, signed: splitAtSignature(own), hash, object, type, name });
}

/** Reads a commit's octets. Throws `git/bad-object`. */
export function parseGitCommit(bytes: Uint8Array): GitCommit {
  assertSize(bytes);
  const own = new Uint8Array(bytes);
  const headers = headersOf(own, "commit");
  const tree = idIn(headers, "tree");
  const parents = headers
    .filter(({ name }) => name === "parent")
    .map(({ value }) => assertId(value, "commit"));
  if (parents.length > MAX_GIT_PARENTS)
    throw bad("commit", `it has ${parents.length} parents; at most ${MAX_GIT_PARENTS} are read`);
  assertOrder(headers, ["tree", ...parents.map(() => "parent")], "commit");
  const hash = hashOf([tree, ...parents], "commit");
  const signed = withoutSignature(own, headers, hash);
  return Object.freeze({ kind: "commit", bytes: own, signed, hash, tree, parents: Object.freeze(parents) });
}

/** The object's id in its repository, hex; with SHA-1 a name that somebody may have made a second object for. */
export function gitId({ kind, bytes, hash }: GitTag | GitCommit): string {
  const named = [utf8(`${kind} ${bytes.length}\0`), bytes] as const;
  return toHex(hash === "sha1" ? gitHash(...named) : sha256(...named));
}

interface Header {
  readonly name: string;
  /** Its first line. */
  readonly value: string;
  /** Where it begins and ends, with lines that go on. */
  readonly start: number;
  readonly end: number;
}

/** The lines before the empty one; those that begin with a space go on. */
function headersOf(bytes: Uint8Array, kind: string): readonly Header[] {
  const headers: Header[] = [];
  for (let start = 0; ;) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline === -1) throw bad(kind, "no empty line ends its headers");
    if (newline === start) return headers;
    let end = newline + 1;
    while (bytes[end] === 0x20) {
      const next = bytes.indexOf(NEWLINE, end);
      if (next === -1) throw bad(kind, "no empty line ends its headers");
      end = next + 1;
    }
    const line = new TextDecoder("latin1").decode(bytes.subarray(start, newline));
    const space = line.indexOf(" ");
    if (space < 1) throw bad(kind, `${quote(line)} is no header`);
    headers.push({ name: line.slice(0, space), value: line.slice(space + 1), start, end });
    start = end;
  }
}

/**
 * git takes these headers in this order, a line each, and nowhere else. So a signed commit into which somebody has written headers of a tag, or
 * any other signed text that has such lines in it, is no tag that its signer never saw.
 */
function assertOrder(headers: readonly Header[], names: readonly string[], kind: string): void {
  for (const [at, due] of names.entries()) {
    const header = headers[at];
    const isLine = header?.end === (header?.start ?? 0) + `${due} ${header?.value ?? ""}\n`.length;
    if (header?.name !== due || !isLine) throw bad(kind, `its header ${at + 1} is no ${due}`);
  }
}

function valueOf(headers: readonly Header[], name: string): string {
  const [only, second] = headers.filter((header) => header.name === name);
  if (only === undefined || second !== undefined) throw bad("object", `it has not exactly one ${name}`);
  return only.value;
}

function idIn(headers: readonly Header[], name: string): string {
  return assertId(valueOf(headers, name), "object");
}

function assertId(text: string, kind: string): string {
  if (!ID.test(text)) throw bad(kind, `${quote(text)} is no id of 40 or 64 lowercase hex digits`);
  return text;
}

function hashOf(ids: readonly string[], kind: string): GitHash {
  const lengths = new Set(ids.map(({ length }) => length));
  if (lengths.size !== 1) throw bad(kind, "it names objects of two kinds of repositories");
  return lengths.has(SHA1_DIGITS) ? "sha1" : "sha256";
}

/** A tag is signed up to its signature, which is its end. Two beginnings would be two readings, so they are refused. */
function splitAtSignature(bytes: Uint8Array): GitSigned | null {
  const starts: number[] = [];
  for (let at = 0; ;) {
    if (BEGINNINGS.some((line) => equalBytes(bytes.subarray(at, at + line.length), line))) starts.push(at);
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline === -1) break;
    at = newline + 1;
  }
  const [start, second] = starts;
  if (start === undefined) return null;
  if (second !== undefined) throw bad("tag", "more than one line in it begins a signature");
  return Object.freeze({ payload: bytes.slice(0, start), signature: bytes.slice(start) });
}

/** A commit is signed without the headers that hold signatures; the one that is looked at is that of its repository's kind. */
function withoutSignature(bytes: Uint8Array, headers: readonly Header[], hash: GitHash): GitSigned | null {
  const due = hash === "sha1" ? "gpgsig" : "gpgsig-sha256";
  const signatures = headers.filter(({ name }) => SIGNATURE_HEADERS.includes(name));
  const own = signatures.filter(({ name }) => name === due);
  const [only, second] = own;
  if (only === undefined) return null;
  if (second !== undefined) throw bad("commit", "it has two signatures of one kind");
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of signatures) {
    kept.push(bytes.subarray(from, start));
    from = end;
  }
  kept.push(bytes.subarray(from));
  const text = new TextDecoder("latin1").decode(bytes.subarray(only.start + due.length + 1, only.end));
  return Object.freeze({ payload: concat(...kept), signature: latin1(text.replaceAll("\n ", "\n")) });
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function assertSize(bytes: Uint8Array): void {
  if (bytes.length > MAX_GIT_OBJECT_BYTES)
    throw bad("object", `it has ${bytes.length} octets; at most ${MAX_GIT_OBJECT_BYTES} are read`);
}

function bad(kind: string, problem: string): ProtocolError {
  return new ProtocolError("git/bad-object", `git ${kind}: ${problem}`);
}
