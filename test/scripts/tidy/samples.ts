/** Small repositories for the tests of the checks, and what a check says of them. */
import type { Check, Repository } from "../../../scripts/tidy/repository.ts";

/** What a check finds in a repository of these files, as `file:line: message`. */
export function findings(check: Check, files: Readonly<Record<string, string>>): string[] {
  const repository: Repository = new Map(Object.entries(files));
  return check(repository).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}
