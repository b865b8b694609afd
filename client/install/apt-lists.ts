/** The lists of packages that apt has fetched and checked on this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AptListing } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { outputOf, untranslated } from "../output-of.ts";
import { readPackagesList } from "./packages-list.ts";
import type { ListedPackage } from "./packages-list.ts";

/** One list of apt. */
export interface AptList {
  /** As it lies in apt's folder, packed or not. */
  readonly path: string;
  /** `Origin` of the signed Release file, e.g. `Debian`; empty where there is none. */
  readonly origin: string;
  /** What rules may ask for; null where apt does not trust the list. */
  readonly listing: AptListing | null;
}

/** Whose packages they are, where nothing says so. */
const DEFAULT_NAMESPACE = "debian";
/** What a Release file says comes last: a tab in it moves nothing that is apt's own. */
const FORMAT = "$(FILENAME)\t$(TRUSTED)\t$(ORIGIN)\t$(SUITE)\t$(CODENAME)";
const HELPER = "/usr/lib/apt/apt-helper";
const MAX_TARGETS_BYTES = 4 * 1024 * 1024;
const MAX_STDERR_CHARS = 1_000;

/** All lists that `apt-get update` has brought, in apt's order. Throws `input/bad-list` where apt is not there or has none. */
export async function aptLists(): Promise<readonly AptList[]> {
  const args = ["indextargets", "--format", FORMAT, "Created-By: Packages"];
  let text: string;
  try {
    text = await outputOf("apt-get", args, MAX_TARGETS_BYTES);
  } catch (error) {
    throw noApt("apt-get does not run here", error);
  }
  const lists = text.split("\n").flatMap(listIn);
  if (lists.length === 0) throw noApt("apt has no lists here: run apt-get update");
  return lists;
}

/** One line of apt's; a field that the Release file lacks stands there as its name. */
function listIn(line: string): readonly AptList[] {
  const [path = "", trusted = "", ...said] = line.split("\t");
  if (path === "") return [];
  const [origin = "", ...suites] = said.map((text) => (text.startsWith("$(") ? "" : text));
  const isTold = trusted === "yes" && said.length === 3;
  return [{ path, origin, listing: isTold ? { origin, suites: suites.filter((one) => one !== "") } : null }];
}

/**
 * The packages of all of them, each with whose it is: `namespace`, or null = as its list's Release file says (`Origin: Debian`). Throws as
 * `aptLists` and `readAptList` do.
 */
export async function* listedPackages(
  namespace: string | null,
): AsyncGenerator<ListedPackage & { readonly namespace: string }, void, void> {
  for (const list of await aptLists()) {
    const whose = namespace ?? namespaceOf(list.origin);
    for await (const listed of readAptList(list)) yield { ...listed, namespace: whose };
  }
}

/** Whose packages an `Origin` tells of, by its first word: backports of Debian have `Debian Backports`. */
function namespaceOf(origin: string): string {
  const [word = ""] = origin.toLowerCase().split(" ");
  return /^[a-z0-9][a-z0-9.+-]*$/.test(word) ? word : DEFAULT_NAMESPACE;
}

/** The packages of one of them. Throws as `readPackagesList` does, and `input/bad-list` where apt can't read it. */
export async function* readAptList({ path }: AptList): AsyncGenerator<ListedPackage, void, void> {
  yield* printedList(path, (parts) => readPackagesList(parts, path));
}

/** What `read` makes of a list in apt's folder, packed or not. Throws `input/bad-list` where apt can't read it. */
export async function* printedList<Part>(
  path: string,
  read: (parts: AsyncIterable<Uint8Array>) => AsyncGenerator<Part, void, void>,
): AsyncGenerator<Part, void, void> {
  const failure = yield* printed(HELPER, ["cat-file", path], read);
  if (failure !== null) throw noApt(`${path} cannot be read with ${HELPER}: ${failure}`);
}

/** The packages of a list that a program prints; `name` is for messages. Returns what the program failed with; null where it did not. */
export function printedPackages(
  program: string,
  args: readonly string[],
  name: string,
): AsyncGenerator<ListedPackage, string | null, void> {
  return printed(program, args, (parts) => readPackagesList(parts, name));
}

async function* printed<Part>(
  program: string,
  args: readonly string[],
  read: (parts: AsyncIterable<Uint8Array>) => AsyncGenerator<Part, void, void>,
): AsyncGenerator<Part, string | null, void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: untranslated() });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    said = (said + part).slice(0, MAX_STDERR_CHARS);
  });
  const ended = once(child, "close").then(
    ([status]) => (status === 0 ? null : said.trim() || `status ${String(status)}`),
    (error: unknown) => String(error),
  );
  try {
    yield* read(child.stdout);
    return await ended;
  } finally {
    child.kill();
  }
}

function noApt(why: string, cause?: unknown): ClientError {
  return new ClientError(
    "input/bad-list",
    `${why}; the SHA-256 of an installed package stands in apt's lists alone`,
    { cause },
  );
}
