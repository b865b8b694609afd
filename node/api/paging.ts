/** What requests for pages have in common: how much, from where on, and of what. */
import type { Context } from "hono";
import { fromHex, MAX_NAME_KEY_BYTES, tried } from "../../protocol/index.ts";

/** A parameter that cannot be answered; `message` says which, and what may stand there. */
export class BadQuery extends Error {
  override readonly name = "BadQuery";
}

/** Octets of a key of a row of names: letter, name, its end, beginning of the target's key. */
const MAX_CURSOR_BYTES: number = 1 + MAX_NAME_KEY_BYTES + 1 + 16;

/** Throws BadQuery. */
export function textOf(context: Context, name: string, max: number): string | null {
  const text = context.req.query(name);
  if (text === undefined) return null;
  if (text.length > max) throw new BadQuery(`${name}: at most ${max} characters`);
  return text;
}

/** Throws BadQuery. */
export function limitOf(context: Context, usual: number, most: number): number {
  const text = context.req.query("limit");
  if (text === undefined) return usual;
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) throw new BadQuery(`limit: a number from 1 to ${most}`);
  return limit;
}

/** The key of a row of names that was handed out as `next`. Throws BadQuery. */
export function cursorOf(text: string): Uint8Array {
  const key = tried(() => fromHex(text));
  if (key === null || key.length > MAX_CURSOR_BYTES || key[0] !== "q".charCodeAt(0))
    throw new BadQuery("after: give back what was handed out as `next`, for the same question");
  return key;
}
