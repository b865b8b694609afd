/** Messages between apt and a method ("APT Method Interface" of libapt-pkg-doc): a line with a code, fields, and an empty line. */
import { MAX_APT_MESSAGE_BYTES, quote } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";

/** One message. Texts hold an octet a character, so that what is passed on is what came. */
export interface Message {
  readonly code: number;
  /** What stands behind the code, for people. */
  readonly title: string;
  /** In their order; a value of several lines has each but the first begin with a space. */
  readonly fields: readonly Field[];
}

export type Field = readonly [name: string, value: string];

const TITLE = /^([1-6][0-9]{2}) ([A-Za-z][A-Za-z0-9 -]{0,63})$/;
const FIELD = /^([A-Za-z0-9][A-Za-z0-9-]{0,63}):(?: (.*))?$/;
/** What libapt's own writer lets through: everything but control characters; tabs are none of them. */
const CONTROL = /[^\t -~\u0080-\u00ff]/;
const CONFIGURATION = 601;

/**
 * The messages in what comes in parts of any size. Throws `apt/bad-method` for what is none, or longer than is ever read of one: `who` says
 * in words whose it is.
 */
export async function* messagesIn(parts: AsyncIterable<Uint8Array>, who: string): AsyncGenerator<Message> {
  let rest = "";
  for await (const part of parts) {
    let from = Math.max(rest.length - 1, 0);
    rest += Buffer.from(part).toString("latin1");
    for (let end = rest.indexOf("\n\n", from); end !== -1; end = rest.indexOf("\n\n", from)) {
      // Between messages there may be more than one empty line.
      const text = rest.slice(0, end).replace(/^\n+/, "");
      rest = rest.slice(end + 2);
      from = 0;
      if (text.length > MAX_APT_MESSAGE_BYTES) throw tooLong(who);
      if (text !== "") yield readMessage(text, who);
    }
    if (rest.length > MAX_APT_MESSAGE_BYTES) throw tooLong(who);
  }
  if (/[^\n]/.test(rest)) throw badMessage(who, "it ends within a message");
}

/** One message without the empty line behind it. Throws `apt/bad-method`. */
function readMessage(text: string, who: string): Message {
  const [first = "", ...lines] = text.split("\n");
  const [, code, title] = TITLE.exec(first) ?? [];
  if (code === undefined || title === undefined)
    throw badMessage(who, `${quote(first)} is no first line of a message`);
  const fields: [string, string][] = [];
  for (const line of lines) {
    if (CONTROL.test(line)) throw badMessage(who, `${quote(line)} has control characters`);
    const last = fields.at(-1);
    if (line.startsWith(" ") && last !== undefined) {
      last[1] += `\n${line}`;
      continue;
    }
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined) throw badMessage(who, `${quote(line)} is no field`);
    fields.push([name, value]);
  }
  const message = { code: Number(code), title, fields };
  // apt looks for the first of a name, in any case of letters: nobody is to see another one than we.
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  if (names.size !== fields.length && message.code !== CONFIGURATION)
    throw badMessage(who, `${quote(first)} has a field twice`);
  return message;
}

/** As it goes over the pipe. */
export function writeMessage({ code, title, fields }: Message): Uint8Array {
  const lines = fields.map(([name, value]) => `${name}: ${value}\n`);
  return Buffer.from(`${code} ${title}\n${lines.join("")}\n`, "latin1");
}

/** The value of a field; null where the message has none of that name, or an empty one. */
export function fieldOf({ fields }: Message, name: string): string | null {
  const value = fields.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1] ?? "";
  return value === "" ? null : value;
}

/** Words of ours as the value of a field: one line, whatever was in them. */
export function oneLine(words: string): string {
  return Buffer.from(words.replace(/\p{Cc}+/gu, " "), "utf8").toString("latin1");
}

export function badMessage(who: string, what: string): ClientError {
  return new ClientError(
    "apt/bad-method",
    `what ${who} says can't be read: ${what}; nothing is let through (this command is for apt to call: samebits apt install-hook --method)`,
  );
}

function tooLong(who: string): ClientError {
  return badMessage(who, `a message has more than ${MAX_APT_MESSAGE_BYTES} octets`);
}
