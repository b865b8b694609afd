/** The normal form of a file: read as it streams by, whatever its size (`protocol/spec/normal-forms.md`). */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  applyEdits,
  authenticodeEdits,
  FORM_HEAD_BYTES,
  likelyFormat,
  normalForm,
  runReads,
} from "../../protocol/index.ts";
import type { Edits, FileRead, FormFormat, FormOptions, NormalForm } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { readAt } from "./ar.ts";
import { parseFile, unreadable } from "./read.ts";

const CHUNK_BYTES = 1024 * 1024;

/** A file, and its normal form. */
export interface Unsigned {
  readonly form: NormalForm;
  /** Of the normal form. */
  readonly sha256: Uint8Array;
}

/** Takes a piece of the normal form, which is overwritten when its promise is kept. */
export type TakePiece = (piece: Uint8Array) => Promise<void>;

/**
 * The normal form of a file, told to `take` piece by piece, and its SHA-256. Holds a chunk of the file and the tables that its signature
 * needs. Throws what `normalForm` does, with the path, `input/missing`, `input/unreadable`.
 */
export async function unsignFile(path: string, options: FormOptions, take?: TakePiece): Promise<Unsigned> {
  return withFile(path, (file) => unsigned(file, options, take));
}

/** The same of an open file, which is called so in messages. */
export async function unsignOpen(descriptor: number, path: string, options: FormOptions): Promise<Unsigned> {
  return unsigned(openFile(path, descriptor, fstatSync(descriptor).size), options);
}

async function unsigned(file: OpenFile, options: FormOptions, take?: TakePiece): Promise<Unsigned> {
  const form = parseFile(file.path, () => runReads(normalForm(file.size, options), file.read));
  return { form, sha256: await digest(file, form.edits, take) };
}

/** The SHA-256 that Authenticode signs of a PE file. Throws `normal-form/malformed` for any other. */
export async function authenticodeDigest(path: string): Promise<Uint8Array> {
  return withFile(path, (file) =>
    digest(
      file,
      parseFile(path, () => runReads(authenticodeEdits(file.size), file.read)),
    ),
  );
}

/**
 * The SHA-256 of a file and, where it is of one of `formats`, of its normal form: both of the same octets, which are read once. Throws as
 * `unsignFile`.
 */
export async function hashForms(
  path: string,
  formats: ReadonlySet<FormFormat>,
): Promise<{ readonly sha256: Uint8Array; readonly unsigned: Uint8Array | null }> {
  return withFile(path, async (file) => {
    const looks = likelyFormat(file.read({ offset: 0, length: FORM_HEAD_BYTES }));
    const form =
      looks === null || !formats.has(looks)
        ? null
        : parseFile(path, () => runReads(normalForm(file.size, { lenient: false }), file.read));
    return form !== null && formats.has(form.format)
      ? bothDigests(file, form.edits)
      : { sha256: await digest(file, []), unsigned: null };
  });
}

/** The same of a file of any format, and which that is. Throws as `unsignFile`, of its normal form without the path. */
export async function hashForm(
  path: string,
): Promise<{ readonly sha256: Uint8Array; readonly unsigned: Uint8Array; readonly format: FormFormat }> {
  return withFile(path, async (file) => {
    const { edits, format } = runReads(normalForm(file.size, { lenient: false }), file.read);
    return { ...(await bothDigests(file, edits)), format };
  });
}

async function bothDigests(
  file: OpenFile,
  edits: Edits,
): Promise<{ readonly sha256: Uint8Array; readonly unsigned: Uint8Array }> {
  if (edits.length === 0) {
    const sha256 = await digest(file, []);
    return { sha256, unsigned: sha256 };
  }
  const whole = createHash("sha256");
  const unsigned = await digest({ ...file, each: (chunk) => whole.update(chunk) }, edits);
  return { sha256: new Uint8Array(whole.digest()), unsigned };
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  readonly size: number;
  readonly read: (wanted: FileRead) => Uint8Array;
  /** Told each chunk as it is read. */
  readonly each?: (chunk: Uint8Array) => void;
}

async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, "r");
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) {
      throw new ClientError(
        "input/unreadable",
        `${path}: it is a folder; name a file, or its tree with unsign --tree`,
      );
    }
    return await use(openFile(path, descriptor, stat.size));
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? unreadable(path, error) : error;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function openFile(path: string, descriptor: number, size: number): OpenFile {
  return { path, descriptor, size, read: ({ offset, length }) => readAt(descriptor, offset, length) };
}

async function digest(file: OpenFile, edits: Edits, take?: TakePiece): Promise<Uint8Array> {
  const hash = createHash("sha256");
  let pause = 0;
  for (const piece of applyEdits(edits, chunks(file))) {
    hash.update(piece);
    await take?.(piece);
    pause += piece.length;
    if (pause < CHUNK_BYTES) continue;
    pause = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return new Uint8Array(hash.digest());
}

/** The octets that the file had when it was opened, each chunk in the place of the one before. */
function* chunks({ path, descriptor, size, each }: OpenFile): Generator<Uint8Array> {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size));
  for (let at = 0; at < size;) {
    const length = readSync(descriptor, chunk, 0, Math.min(chunk.length, size - at), at);
    if (length === 0) {
      throw new ClientError("input/unreadable", `${path}: it became shorter while it was read; try again`);
    }
    each?.(chunk.subarray(0, length));
    yield chunk.subarray(0, length);
    at += length;
  }
}
