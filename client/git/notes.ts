/** Envelopes in the notes of commits (spec/git.md, "Notes"): one a line, in `refs/notes/samebits`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GIT_NOTE_PAUSE_MS,
  MAX_ENTRY_BYTES,
  MAX_GIT_NOTE_BYTES,
  MAX_GIT_NOTE_TRIES,
  MAX_GIT_NOTE_UNMOVED,
  parseAttestation,
  ProtocolError,
} from "../../protocol/index.ts";
import type { Attestation } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { exactRef } from "./refs.ts";
import { gitEnd, gitLine, gitLineWith, gitOutput } from "./run.ts";
import type { GitInput } from "./run.ts";

export const NOTES_REF = "refs/notes/samebits";

/** What stands in the note of a commit. */
export interface NoteRead {
  /** In the order of its lines, each once. */
  readonly attestations: readonly Attestation[];
  /** Lines that are none, and are let be. */
  readonly foreign: number;
}

/** What became of envelopes that were to be in a note. */
export interface Noted {
  readonly added: number;
  /** They stood there already. */
  readonly known: number;
}

/** The attestations in the note of a commit; nothing is verified. Null = it has no note. Throws `input/too-big`, `git/no-object`. */
export async function readNote(commit: string): Promise<NoteRead | null> {
  const repository = await openRepository();
  const note = await repository.note(await repository.tip(), commit);
  return note.paths.length === 0 ? null : readLines(note.octets);
}

/**
 * Adds envelopes to the note of a commit, whatever stands in it and whoever else writes at the same time. Throws `input/too-big` where the note would
 * be larger than is read, `git/cannot-write`, `git/no-object`.
 */
export async function addToNote(commit: string, envelopes: readonly Uint8Array[]): Promise<Noted> {
  const repository = await openRepository();
  let last: { readonly tip: string | null; readonly refusal: unknown } | null = null;
  let unmoved = 0;
  for (let turn = 0; turn < MAX_GIT_NOTE_TRIES && unmoved < MAX_GIT_NOTE_UNMOVED; turn++) {
    if (turn > 0) await sleep(Math.random() * GIT_NOTE_PAUSE_MS * Math.min(turn, 8));
    const tip = await repository.tip();
    unmoved = last?.tip === tip ? unmoved + 1 : 0;
    const note = await repository.note(tip, commit);
    const { octets, added } = withLines(note.octets, envelopes);
    if (added === 0) return { added, known: envelopes.length };
    if (octets.length > MAX_GIT_NOTE_BYTES) throw tooBig(commit);
    const refusal = await repository.write(tip, commit, { paths: note.paths, octets });
    if (refusal === null) return { added, known: envelopes.length - added };
    last = { tip, refusal };
  }
  throw cannotWrite(last?.refusal);
}

/** The repository of the working folder, bare ones too, and its notes. */
interface Repository {
  /** The commit that holds all notes; null = there is none yet. */
  tip(): Promise<string | null>;
  /** The note of a commit: where it stands in the tree, and its octets. */
  note(tip: string | null, commit: string): Promise<Note>;
  /** Moves the reference on from `tip`, and from nothing else: null, or why that was refused. */
  write(tip: string | null, commit: string, note: Note): Promise<unknown>;
}

interface Note {
  readonly paths: readonly string[];
  readonly octets: Uint8Array;
}

async function openRepository(): Promise<Repository> {
  const folder = await within(gitLine("rev-parse", "--absolute-git-dir"));
  const at = [`--git-dir=${folder}`] as const;
  let named: Readonly<Record<string, string>> | null = null;
  return {
    tip: () => within(exactRef(NOTES_REF, at)),
    note: (tip, commit) => noteIn(at, tip, commit),
    async write(tip, commit, note) {
      named ??= await identity(at);
      return writeNote({ at, named }, tip, commit, note);
    },
  };
}

/** Beginnings of ids that are folders of a tree of notes, of two digits each: git makes as many as there are notes for. */
const FANOUTS = [0, 1, 2, 3] as const;

function pathOf(commit: string, fanout: number): string {
  const folders = Array.from({ length: fanout }, (_, i) => commit.slice(2 * i, 2 * i + 2));
  return [...folders, commit.slice(2 * fanout)].join("/");
}

async function noteIn(at: readonly string[], tip: string | null, commit: string): Promise<Note> {
  if (tip === null) return { paths: [], octets: new Uint8Array(0) };
  const paths = FANOUTS.map((fanout) => pathOf(commit, fanout));
  const listed = await within(gitLine(...at, "ls-tree", "--full-tree", tip, "--", ...paths));
  const found = [...listed.matchAll(/^[0-7]+ blob ([0-9a-f]+)\t(\S+)$/gm)];
  const parts: Uint8Array[] = [];
  for (const [, blob = ""] of found) parts.push(await blobOf(at, blob, commit));
  return { paths: found.map(([, , path = ""]) => path), octets: joined(parts) };
}

async function blobOf(at: readonly string[], blob: string, commit: string): Promise<Uint8Array> {
  try {
    return await gitOutput([...at, "cat-file", "blob", blob], MAX_GIT_NOTE_BYTES);
  } catch (error) {
    if (error instanceof RangeError) throw tooBig(commit, error);
    throw noRepository(error);
  }
}

async function writeNote(
  { at, named }: { readonly at: readonly string[]; readonly named: Readonly<Record<string, string>> },
  tip: string | null,
  commit: string,
  { paths, octets }: Note,
): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "samebits-notes-"));
  const index = { GIT_INDEX_FILE: join(folder, "index") };
  const git = (input: GitInput, ...args: readonly string[]): Promise<string> =>
    gitLineWith(input, ...at, ...args);
  try {
    const env = { ...named, ...index };
    const blob = await git({ stdin: octets }, "hash-object", "-w", "--stdin");
    await git({ env }, "read-tree", ...(tip === null ? ["--empty"] : [tip]));
    const [path = pathOf(commit, 1), ...others] = paths;
    const gone = others.map((other) => `0 ${"0".repeat(blob.length)}\t${other}\n`);
    await git({ env, stdin: `100644 ${blob}\t${path}\n${gone.join("")}` }, "update-index", "--index-info");
    const tree = await git({ env }, "write-tree");
    const parent = tip === null ? [] : ["-p", tip];
    const next = await git({ env }, "commit-tree", tree, ...parent, "-m", MESSAGE);
    // An empty old value: the reference must not be there yet.
    return await git({ env }, "update-ref", "-m", MESSAGE, NOTES_REF, next, tip ?? "").then(
      () => null,
      (error: unknown) => error,
    );
  } catch (error) {
    throw cannotWrite(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const MESSAGE = "Notes added by 'samebits git sign'";
/** For whom git knows no name: what the notes hold says by itself who signed. */
const NOBODY = { name: "samebits", email: "samebits@localhost" };

/** The variables for a commit of notes: none where the user has told git a name. */
async function identity(at: readonly string[]): Promise<Readonly<Record<string, string>>> {
  try {
    for (const role of ["AUTHOR", "COMMITTER"])
      await gitLine(...at, "-c", "user.useConfigOnly=true", "var", `GIT_${role}_IDENT`);
    return {};
  } catch {
    return Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((role) => [
        [`GIT_${role}_NAME`, NOBODY.name],
        [`GIT_${role}_EMAIL`, NOBODY.email],
      ]),
    );
  }
}

const NEWLINE = 0x0a;

/** Octet for octet: a note may hold what is no text. */
function linesOf(octets: Uint8Array): readonly string[] {
  const text = Buffer.from(octets).toString("latin1");
  return text.split("\n").map((line) => line.trim());
}

/** The octets with those lines behind them that they have not. */
function withLines(
  octets: Uint8Array,
  lines: readonly Uint8Array[],
): { readonly octets: Uint8Array; readonly added: number } {
  const known = new Set(linesOf(octets));
  const fresh = lines.filter((line) => {
    const text = Buffer.from(line).toString("latin1").trim();
    const isFresh = !known.has(text);
    known.add(text);
    return isFresh;
  });
  return { octets: joined([octets, ...fresh]), added: fresh.length };
}

/** Texts of whole lines, one behind the other. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part) =>
      part.length === 0 || part.at(-1) === NEWLINE ? [part] : [part, Buffer.of(NEWLINE)],
    ),
  );
}

function readLines(octets: Uint8Array): NoteRead {
  const lines = linesOf(octets).filter((line) => line !== "");
  const attestations = [...new Set(lines)].flatMap((line) => attestationIn(line) ?? []);
  const known = new Set(attestations.map(({ bytes }) => Buffer.from(bytes).toString("latin1")));
  return { attestations, foreign: lines.filter((line) => !known.has(line)).length };
}

function attestationIn(line: string): Attestation | null {
  if (line.length > MAX_ENTRY_BYTES) return null;
  try {
    return parseAttestation(Buffer.from(line, "latin1"));
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

async function within<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    throw noRepository(error);
  }
}

function noRepository(cause: unknown): ClientError {
  const why =
    gitEnd(cause) === "missing"
      ? "git is not installed"
      : "there is no repository in this folder, or it is damaged (git fsck)";
  return new ClientError("git/no-object", `notes: ${why}`, { cause });
}

function tooBig(commit: string, cause?: unknown): ClientError {
  return new ClientError(
    "input/too-big",
    `the note of commit ${commit} in ${NOTES_REF}: at most ${MAX_GIT_NOTE_BYTES} octets; nothing was written`,
    { cause },
  );
}

function cannotWrite(cause: unknown): ClientError {
  const said =
    cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim().split("\n").at(-1) : "";
  return new ClientError("git/cannot-write", `${NOTES_REF} can't be written: ${said ?? ""}`, { cause });
}
