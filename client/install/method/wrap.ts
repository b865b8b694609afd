/**
 * A method of apt around the one that apt brings: what apt asks for goes to the stock method, what that says goes to apt, and a package that
 * it has fetched is judged before apt hears that it is there.
 */
import { MAX_APT_ASKED, MAX_APT_JUDGED, quote } from "../../../protocol/index.ts";
import { removeFile } from "../../folder.ts";
import { ClientError } from "../../errors.ts";
import { digestIn, wantedIn } from "./fetched.ts";
import type { Fetched, Wanted } from "./fetched.ts";
import { badMessage, fieldOf, oneLine } from "./message.ts";
import type { Field, Message } from "./message.ts";
import { isWrapped, methodName, toApt, toStock } from "./scheme.ts";
import type { Scheme } from "./scheme.ts";

/** What becomes of a package's file, and in words why; null = there is nothing to say. */
export type Ruling =
  | { readonly kind: "pass"; readonly warning: string | null }
  | { readonly kind: "withhold"; readonly why: string };

/** Where messages go. */
export interface Ends {
  apt(message: Message): void;
  stock(message: Message): void;
  /** One ruling a file, in their order; at most MAX_APT_JUDGED at once, and one question at a time. */
  judge(files: readonly Fetched[]): Promise<readonly Ruling[]>;
}

interface Asked {
  /** The place as apt wrote it. */
  readonly uri: string;
  /** Null for what is no package. */
  readonly wanted: Wanted | null;
}

interface Waiting extends Asked {
  readonly file: Fetched;
  /** The `201 URI Done` that apt does not hear yet. */
  readonly done: Message;
}

const APT = "apt";
const STOCK = "the stock method";
const [ACQUIRE, REDIRECT, WARNING, STARTED, DONE, FAILED] = [600, 103, 104, 200, 201, 400];
/** That pass in either direction: configuration and changed media; capabilities, remarks, general failure, authorization, media. */
const [FROM_APT, FROM_STOCK]: readonly ReadonlySet<number>[] = [
  new Set([601, 602, 603]),
  new Set([100, 101, 102, WARNING, 105, 401, 402, 403]),
];

/** What goes to and fro in one run of a method. Throws `apt/bad-method` for what no apt and no method says: then nothing more is let through. */
export class Wrap {
  readonly #scheme: Scheme;
  readonly #ends: Ends;
  /** By the place as the stock method knows it. */
  readonly #asked = new Map<string, Asked>();
  #waiting: Waiting[] = [];
  #judging: Promise<void> | null = null;

  constructor(scheme: Scheme, ends: Ends) {
    this.#scheme = scheme;
    this.#ends = ends;
  }

  fromApt(message: Message): void {
    if (message.code === ACQUIRE) this.#ask(message);
    else if (FROM_APT?.has(message.code) === true) this.#ends.stock(toStock(message));
    else throw badMessage(APT, `it says ${message.code} ${message.title}`);
  }

  fromStock(message: Message): void {
    if (FROM_STOCK?.has(message.code) === true) {
      this.#ends.apt(toApt(message));
      return;
    }
    const { code, title } = message;
    if (![REDIRECT, STARTED, DONE, FAILED].includes(code))
      throw badMessage(STOCK, `it says ${code} ${title}`);
    const place = fieldOf(message, "URI") ?? "";
    const asked = this.#asked.get(place);
    if (asked === undefined)
      throw badMessage(STOCK, `${code} ${title} of a place that apt has not asked for`);
    if (code === DONE && asked.wanted !== null) {
      this.#hold(asked, asked.wanted, message);
      return;
    }
    if (code !== STARTED) this.#asked.delete(place);
    if (code === REDIRECT && !isWrapped(fieldOf(message, "New-URI") ?? ""))
      this.#fail(asked.uri, "the server redirects to a place that is neither http nor https");
    else this.#ends.apt(toApt(message));
  }

  /** Resolves when what was fetched is judged; what the stock method still owed has failed then, for this reason. */
  async end(why: string): Promise<void> {
    await this.#judging;
    this.abandon(why);
  }

  /** All that apt waits for has failed, judged or not. */
  abandon(why: string): void {
    const all = [...this.#asked.values()];
    this.#asked.clear();
    this.#waiting = [];
    for (const { uri } of all) this.#fail(uri, why);
  }

  #ask(message: Message): void {
    const uri = fieldOf(message, "URI") ?? "";
    const asked = toStock(message);
    const place = fieldOf(asked, "URI") ?? "";
    if (!uri.startsWith(`${methodName(this.#scheme)}://`)) {
      throw badMessage(APT, `it asks for ${quote(uri)}, which is no place of ${methodName(this.#scheme)}`);
    }
    if (this.#asked.has(place)) throw badMessage(APT, `it asks for ${quote(uri)} twice at a time`);
    if (this.#asked.size === MAX_APT_ASKED)
      throw badMessage(APT, `it asks for more than ${MAX_APT_ASKED} files at a time`);
    this.#asked.set(place, { uri, wanted: wantedIn(message) });
    this.#ends.stock(asked);
  }

  #hold(asked: Asked, wanted: Wanted, done: Message): void {
    const said = fieldOf(done, "Filename") ?? wanted.path;
    // Another file than the one that apt wanted written would be one that nobody fetched.
    if (said !== wanted.path || fieldOf(done, "Alt-Filename") !== null)
      throw badMessage(STOCK, `it has ${quote(asked.uri)} in another file than apt wanted`);
    const file = { ...wanted, got: digestIn(done, "SHA256-Hash") };
    if (this.#waiting.some(({ uri }) => uri === asked.uri))
      throw badMessage(STOCK, `${quote(asked.uri)} is done twice`);
    this.#waiting.push({ ...asked, file, done });
    this.#judging ??= this.#judgeAll().finally(() => (this.#judging = null));
  }

  /** Those that come while one question is under way are the next question. */
  async #judgeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.slice(0, MAX_APT_JUDGED);
      const rulings = await this.#ends.judge(some.map(({ file }) => file));
      for (const [at, one] of some.entries()) this.#settle(one, rulings[at]);
    }
  }

  #settle(one: Waiting, ruling: Ruling | undefined): void {
    const place = fieldOf(one.done, "URI") ?? "";
    // Given up meanwhile: apt has been told.
    if (!this.#asked.delete(place)) return;
    this.#waiting = this.#waiting.filter((other) => other !== one);
    const { uri, file, done } = one;
    if (file.sha256 !== null && file.got !== file.sha256) {
      const why = `the file's SHA-256 is not the one in apt's lists${removed(file)}`;
      this.#fail(uri, why, [["FailReason", "HashSumMismatch"]]);
    } else if (ruling?.kind === "pass") {
      if (ruling.warning !== null) this.#tell({ code: WARNING, title: "Warning" }, uri, ruling.warning);
      this.#ends.apt(toApt(done));
    } else this.#fail(uri, `${ruling?.why ?? "nothing was said of it"}${removed(file)}`);
  }

  #fail(uri: string, why: string, more: readonly Field[] = []): void {
    this.#tell({ code: FAILED, title: "URI Failure" }, uri, why, more);
  }

  #tell(
    head: Pick<Message, "code" | "title">,
    uri: string,
    words: string,
    more: readonly Field[] = [],
  ): void {
    const fields: readonly Field[] = [["URI", uri], ["Message", oneLine(`samebits: ${words}`)], ...more];
    this.#ends.apt({ ...head, fields });
  }
}

/** Takes the file away: nobody is to find it where apt keeps what it has fetched. What is to be said of that. */
function removed({ path }: Fetched): string {
  try {
    removeFile(Buffer.from(path, "latin1").toString("utf8"));
    return "";
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return ` (${error.message})`;
  }
}
