/** Where a repository is, as it may be told to everybody: without users and passwords. */
import { repositoryOf } from "../../protocol/index.ts";

const SCHEMES: readonly string[] = ["https:", "http:", "ssh:", "git:"];
/** `git@host:path`, as ssh's commands write it. */
const BY_SCP = /^(?:[^@/:]+@)?([A-Za-z0-9][A-Za-z0-9.-]+):(?!\/\/)(.+)$/;

/** Null for what is no address on a network (a folder), or one that is not to be told. */
export function publicUrl(text: string): string | null {
  const parts = partsOf(text);
  if (parts === null || !SCHEMES.includes(parts.protocol)) return null;
  return repositoryOf(`${parts.protocol}//${parts.host.toLowerCase()}${parts.pathname}`);
}

/** Whether somebody's name, password or token stands in it. */
export function namesUser(text: string): boolean {
  const parts = URL.parse(text);
  return (
    parts !== null && [parts.username, parts.password, parts.search, parts.hash].some((one) => one !== "")
  );
}

/** A submodule's, which may be written as from the repository that it is in; null where that has none. */
export function submoduleUrl(text: string, repository: string | null): string | null {
  if (!text.startsWith("./") && !text.startsWith("../")) return publicUrl(text);
  const whole = repository === null ? null : URL.parse(text, `${repository}/`);
  return whole === null ? null : publicUrl(whole.href);
}

function partsOf(text: string): Pick<URL, "protocol" | "host" | "pathname"> | null {
  const [, host, path] = BY_SCP.exec(text) ?? [];
  if (host === undefined || path === undefined) return URL.parse(text);
  return URL.parse(`ssh://${host}/${path.replace(/^\/+/, "")}`);
}
