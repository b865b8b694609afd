/**
 * Shell patterns as Python's `fnmatch` has them, which in-toto's rules are written for: `*` (also `/`), `?`, `[abc]`, `[a-z]`, `[!x]`, no
 * escapes, each sign a code point. In time of the pattern's length times the text's, whatever both are.
 */

/** One sign of a pattern: a literal's code point, any, any number of any, or one of a class. */
type Sign = number | Class;

const ANY = -1;
const STAR = -2;

interface Class {
  readonly negated: boolean;
  /** Pairs of first and last code point. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Says of a text whether the pattern describes the whole of it. */
export type Matcher = (text: string) => boolean;

/** Is told how many signs were looked at; throws where that is more than what may be spent. */
export type Spend = (signs: number) => void;

/** The pattern, read once for many texts. */
export function matcherOf(pattern: string, spend: Spend = ignore): Matcher {
  const simple = simpleMatcher(pattern);
  if (simple !== null)
    return (text) => {
      spend(1);
      return simple(text);
    };
  const signs = signsOf(Array.from(pattern));
  return (text) => matches(signs, text, spend);
}

function ignore(): void {}

/** Text without these has a code point in each of its units. */
const PAIRS = /[\ud800-\udfff]/;

/** Of the patterns that most rules have, with one star at an end or none. */
function simpleMatcher(pattern: string): Matcher | null {
  if (!/[*?[]/.test(pattern)) return (text) => text === pattern;
  const [, prefix] = /^([^*?[]*)\*+$/.exec(pattern) ?? [];
  if (prefix !== undefined) return (text) => text.startsWith(prefix);
  const [, suffix] = /^\*+([^*?[]*)$/.exec(pattern) ?? [];
  return suffix === undefined ? null : (text) => text.endsWith(suffix);
}

/** Greedy, and back to the last star alone: what stood before it has matched, and needs no other way. */
function matches(signs: readonly Sign[], text: string, spend: Spend): boolean {
  const codes = PAIRS.test(text) ? Array.from(text, codeOf) : null;
  const { length } = codes ?? text;
  let sign = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  let looks = 1;
  for (; at < length; looks++) {
    const wanted = signs[sign];
    const code = codes === null ? text.charCodeAt(at) : (codes[at] ?? 0);
    if (wanted === STAR) {
      star = sign++;
      resume = at;
    } else if (wanted === code || wanted === ANY || (typeof wanted === "object" && isOf(wanted, code))) {
      sign++;
      at++;
    } else if (star !== -1) {
      sign = star + 1;
      at = ++resume;
    } else break;
  }
  spend(looks);
  if (at < length) return false;
  while (signs[sign] === STAR) sign++;
  return sign === signs.length;
}

function isOf({ ranges, negated }: Class, code: number): boolean {
  return ranges.some(([first, last]) => first <= code && code <= last) !== negated;
}

function signsOf(pattern: readonly string[]): readonly Sign[] {
  const signs: Sign[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    if (character === "*") {
      if (signs.at(-1) !== STAR) signs.push(STAR);
    } else if (character === "?") signs.push(ANY);
    else if (character === "[") {
      const end = endOfClass(pattern, at + 1);
      // What is never closed is a bracket.
      if (end === -1) signs.push(codeOf(character));
      else {
        signs.push(classOf(pattern.slice(at + 1, end)));
        at = end;
      }
    } else signs.push(codeOf(character));
  }
  return signs;
}

/** A bracket that comes first, also behind `!`, closes nothing. -1 = nothing closes it. */
function endOfClass(pattern: readonly string[], from: number): number {
  let at = pattern[from] === "!" ? from + 1 : from;
  if (pattern[at] === "]") at++;
  return pattern.indexOf("]", at);
}

/**
 * `a-z`; a hyphen at either end, or behind a range, is one. As Python does it, a range whose ends are the wrong way round is taken out before
 * it is looked whether the class begins with `!`.
 */
function classOf(body: readonly string[]): Class {
  const [head = [], ...tails] = inOrder(chunksOf(body));
  const negated = head[0] === "!";
  const first = negated ? head.slice(1) : head;
  // Behind `!` a hyphen is none between two.
  if (negated && first.length === 0 && tails.length > 0) first.push("-", ...(tails.shift() ?? []));
  const ranges: (readonly [number, number])[] = [];
  let left: string | undefined;
  for (const chunk of [first, ...tails]) {
    if (left !== undefined) ranges.push([codeOf(left), codeOf(chunk[0] ?? "")]);
    for (const sign of chunk) ranges.push([codeOf(sign), codeOf(sign)]);
    left = chunk.at(-1);
  }
  return { negated, ranges };
}

/** The class, cut at each hyphen that stands between the ends of a range. */
function chunksOf(body: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let start = 0;
  let hyphen = body.indexOf("-", body[0] === "!" ? 2 : 1);
  while (hyphen !== -1) {
    chunks.push(body.slice(start, hyphen));
    start = hyphen + 1;
    hyphen = body.indexOf("-", hyphen + 3);
  }
  const rest = body.slice(start);
  if (rest.length > 0 || chunks.length === 0) chunks.push(rest);
  else chunks.at(-1)?.push("-");
  return chunks;
}

/** Without the ranges that hold nothing. */
function inOrder(chunks: string[][]): string[][] {
  for (let at = chunks.length - 1; at > 0; at--) {
    const [before = [], after = []] = [chunks[at - 1], chunks[at]];
    if (codeOf(before.at(-1) ?? "") <= codeOf(after[0] ?? "")) continue;
    chunks.splice(at - 1, 2, [...before.slice(0, -1), ...after.slice(1)]);
  }
  return chunks;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
