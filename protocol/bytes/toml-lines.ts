/** Where the keys of a valid TOML text stand: the parser tells positions only of what it refuses. */
import type { ValuePath } from "./shape.ts";

export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Finds the position of a path, or of the nearest path above it that has a key or header of its own; line 1 for the whole document. */
export type KeyFinder = (path: ValuePath) => LineColumn;

/** Scans a text that the parser has accepted. Keys inside inline tables are found as the key whose value they stand in. */
export function findKeys(text: string): KeyFinder {
  const positions = new Scanner(text).positions();
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const at = positions.get(JSON.stringify(path.slice(0, length)));
      if (at !== undefined) return at;
    }
    return { line: 1, column: 1 };
  };
}

class Scanner {
  readonly #text: string;
  readonly #found = new Map<string, LineColumn>();
  /** Tables so far in each array of tables. */
  readonly #tables = new Map<string, number>();
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  positions(): ReadonlyMap<string, LineColumn> {
    let table: ValuePath = [];
    while (this.#nextStatement()) {
      const position = { line: this.#line, column: this.#at - this.#lineStart + 1 };
      if (this.#peek() === "[") {
        table = this.#header();
        this.#note(table, position);
      } else {
        const path = [...table, ...this.#keys("=")];
        this.#note(path, position);
        this.#skipValue();
      }
    }
    return this.#found;
  }

  /** The first mention counts, for a path and for each path that it brings into being. */
  #note(path: ValuePath, position: LineColumn): void {
    for (let length = path.length; length > 0; length--) {
      const key = JSON.stringify(path.slice(0, length));
      if (this.#found.has(key)) return;
      this.#found.set(key, position);
    }
  }

  #header(): ValuePath {
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys("]");
    if (isArray) this.#at++;
    const path: (string | number)[] = [];
    keys.forEach((key, i) => {
      path.push(key);
      const id = JSON.stringify(path);
      const last = i === keys.length - 1;
      if (isArray && last) this.#tables.set(id, (this.#tables.get(id) ?? 0) + 1);
      const count = this.#tables.get(id);
      if (count !== undefined) path.push(count - 1);
    });
    return path;
  }

  /** A dotted key up to and past `end`. */
  #keys(end: string): readonly string[] {
    const keys: string[] = [];
    let bare = "";
    for (;;) {
      const character = this.#peek();
      if (character === '"' || character === "'") {
        bare = this.#quotedKey(character);
        continue;
      }
      this.#at++;
      if (character === "." || character === end || character === "") {
        keys.push(bare);
        bare = "";
        if (character !== ".") return keys;
      } else if (character !== " " && character !== "\t") bare += character;
    }
  }

  #quotedKey(mark: string): string {
    const start = this.#at;
    this.#skipString(mark);
    const inner = this.#text.slice(start + 1, this.#at - 1);
    return mark === "'" ? inner : unescapeKey(inner);
  }

  #skipValue(): void {
    let depth = 0;
    for (;;) {
      const character = this.#peek();
      if (character === "" || (character === "\n" && depth === 0)) return;
      if (character === '"' || character === "'") {
        this.#skipString(character);
        continue;
      }
      if (character === "#") {
        this.#skipComment();
        continue;
      }
      if (character === "[" || character === "{") depth++;
      if (character === "]" || character === "}") depth--;
      this.#step();
    }
  }

  #skipString(mark: string): void {
    const triple = mark.repeat(3);
    const end = this.#text.startsWith(triple, this.#at) ? triple : mark;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      if (mark === '"' && this.#peek() === "\\") this.#at++;
      this.#step();
    }
    this.#at += end.length;
    // A multi-line string may end in up to two more quotation marks that belong to it.
    if (end === triple) while (this.#peek() === mark) this.#at++;
  }

  #skipComment(): void {
    while (this.#peek() !== "\n" && this.#peek() !== "") this.#at++;
  }

  #nextStatement(): boolean {
    for (;;) {
      const character = this.#peek();
      if (character === "") return false;
      if (character === "#") this.#skipComment();
      else if (" \t\r\n\uFEFF".includes(character)) this.#step();
      else return true;
    }
  }

  #step(): void {
    if (this.#peek() === "\n") {
      this.#line++;
      this.#lineStart = this.#at + 1;
    }
    this.#at++;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }
}

/** TOML's short escapes are JSON's; `\U` and `\e` in a key are so rare that such a key is found as the one above it. */
function unescapeKey(inner: string): string {
  try {
    return String(JSON.parse(`"${inner}"`));
  } catch {
    return inner;
  }
}
