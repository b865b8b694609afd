import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../at-end.ts";

/** A new folder that is removed when the test file is done. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "samebits-test-"));
  atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
