/** How a normal form looks into a file without having it: a generator yields what it wants to read, and is given it. */
import { ProtocolError } from "../errors.ts";

/** Octets of a file that are wanted next. */
export interface FileRead {
  readonly offset: number;
  readonly length: number;
}

/** What comes to a `T` by reading: each `FileRead` that it yields is answered with exactly these octets, which are left as they are. */
export type FileReading<T> = Generator<FileRead, T, Uint8Array>;

/** Of a file, as far as a normal form needs to know it. */
export interface FileView {
  /** Octets of the whole file. */
  readonly size: number;
  /** Told what is cut and is no signature, or not wholly: throws, or remembers it. */
  readonly complain: Complain;
}

/** `at` is the octet of the file where it stands. */
export type Complain = (at: number, problem: string) => void;

/** Reads `length` octets at `offset`; `what` names them where the file ends before. Throws `normal-form/malformed`. */
export function* octetsAt(size: number, read: FileRead, what: string): FileReading<Uint8Array> {
  const { offset, length } = read;
  if (!Number.isSafeInteger(offset + length) || offset < 0 || length < 0 || offset + length > size) {
    throw malformed(offset, `${what} of ${length} octets would reach beyond the file's end at octet ${size}`);
  }
  return length === 0 ? new Uint8Array(0) : yield read;
}

/** Runs a reader over octets that can be read at once. Each answer must have the length that was asked for. */
export function runReads<T>(reading: FileReading<T>, read: (wanted: FileRead) => Uint8Array): T {
  let step = reading.next();
  while (step.done !== true) {
    const bytes = read(step.value);
    if (bytes.length !== step.value.length) {
      throw malformed(step.value.offset, `${bytes.length} of ${step.value.length} octets could be read`);
    }
    step = reading.next(bytes);
  }
  return step.value;
}

/** What `read` makes of a signature that begins at `at`, or null once its complaint was told. */
export function attempt<T>({ complain }: FileView, at: number, read: () => T): T | null {
  let problem: string;
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    problem = error.message;
  }
  complain(at, problem);
  return null;
}

/** The file is none of its format: whatever is decided about signatures in it would be a guess. */
export function malformed(at: number, problem: string): ProtocolError {
  return new ProtocolError("normal-form/malformed", `octet ${at}: ${problem}; nothing was cut`);
}

/** A signature, or a table in which signatures are found, of more octets than any. */
export function tooBig(at: number, what: string, length: number, limit: number): ProtocolError {
  return new ProtocolError(
    "normal-form/too-big",
    `octet ${at}: ${what} of ${length} octets; at most ${limit} are read`,
  );
}

/** Whether all octets are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((octet) => octet === 0);
}
