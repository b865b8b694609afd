import { Level } from "level";
import { STORE_FILE_BYTES, STORE_OPEN_FILES, STORE_WRITE_BUFFER_BYTES } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";

export type Database = Level<Uint8Array, Uint8Array>;

/** Opens or makes the database at `path`. Throws `store/locked` if another process has it open, `store/failed` for I/O errors and damage. */
export async function openDatabase(path: string): Promise<Database> {
  const database: Database = new Level<Uint8Array, Uint8Array>(path, {
    keyEncoding: "view",
    valueEncoding: "view",
    writeBufferSize: STORE_WRITE_BUFFER_BYTES,
    maxFileSize: STORE_FILE_BYTES,
    maxOpenFiles: STORE_OPEN_FILES,
  });
  try {
    await database.open();
  } catch (error) {
    throw openError(error, path);
  }
  return database;
}

function openError(error: unknown, path: string): NodeError {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED") {
    return new NodeError(
      "store/locked",
      `another samebits node has ${path} open; reach it through its API (--api), or choose another --data`,
      { cause: error },
    );
  }
  const why = cause instanceof Error ? cause.message : String(error);
  return new NodeError(
    "store/failed",
    `cannot open ${path}: ${why}; see to the disk, or choose another --data`,
    { cause: error },
  );
}
