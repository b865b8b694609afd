import { MAX_JOB_BYTES, MAX_JOBS, MAX_WORK_LIST_BYTES, parsePurl } from "../../protocol/index.ts";
import { readStdin, readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { Job } from "./loop.ts";

/** The package URLs of a file, or of stdin for `-`: one a line; what follows a # at the beginning of a line or after a blank is a comment. Throws `input/…`. */
export async function readWorkList(path: string): Promise<readonly Job[]> {
  const octets = path === "-" ? await readStdin(MAX_WORK_LIST_BYTES) : readWhole(path, MAX_WORK_LIST_BYTES);
  if (octets === null)
    throw bad("stdin", `it has more than the ${MAX_WORK_LIST_BYTES} octets that may be read of it`);
  const name = path === "-" ? "stdin" : path;
  const jobs = new Set<string>();
  for (const [at, line] of new TextDecoder().decode(octets).split("\n").entries()) {
    const purl = line.replace(/(?:^|[ \t])#.*$/, "").trim();
    if (purl === "") continue;
    assertPurl(purl, `${name}:${at + 1}`);
    jobs.add(purl);
    if (jobs.size > MAX_JOBS) throw bad(name, `more than ${MAX_JOBS} packages: split it`);
  }
  return [...jobs].map((id) => ({ id }));
}

function assertPurl(purl: string, where: string): void {
  if (Buffer.byteLength(purl) > MAX_JOB_BYTES) throw bad(where, "it is too long for a package URL");
  try {
    parsePurl(purl);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw bad(where, `${why}; one package URL a line, as \`samebits audit --suggest\` prints them`);
  }
}

function bad(where: string, why: string): ClientError {
  return new ClientError("input/bad-list", `${where}: ${why}`);
}
