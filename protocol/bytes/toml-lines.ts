/** Where the keys of a valid TOML text stand: the parser tells positions only of what it refuses. */
import type { ValuePath } from "./shape.ts";

export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Finds the position of a path, or of the nearest path above it that has a key or header of its own; line 1 for the whole document. */
export type KeyFinder = (path: ValuePath) => LineColumn;

/** A key or header that stands in the text, and those below it. A tree, so that long names cost nothing when they recur. */
interface KeyNode {
  readonly position: LineColumn;
  readonly below: Map<string | number, KeyNode>;
  /** Tables so far, in an array of tables; else 0. */
  tables: number;
}

/** Scans a text that the parser has accepted. Keys inside inline tables are found as the key whose value they stand in. */
export function findKeys(text: string): KeyFinder {
  const root = new Scanner(text).tree();
  return (path) => {
    let node = root;
    for (const step of path) {
      const next = node.below.get(step);
      if (next === undefined) break;
      node = next;
    }
    return node.position;
  };
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  tree(): KeyNode {
    const root: KeyNode = { position: { line: 1, column: 1 }, below: new Map(), tables: 0 };
    let table = root;
    while (this.#nextStatement()) {
      const position = { line: this.#line, column: this.#at - this.#lineStart + 1 };
      if (this.#peek() === "[") {
        table = this.#header(root, position);
      } else {
        descend(table, this.#keys("="), position);
        this.#skipValue();
      }
    }
    return root;
  }

  /** `[a.b]` or `[[a.b]]`: the table that it opens. */
  #header(root: KeyNode, position: LineColumn): KeyNode {
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys("]");
    if (!isArray) return descend(root, keys, position);
    this.#at++;
    const array = child(descend(root, keys.slice(0, -1), position), keys.at(-1) ?? "", position);
    return child(array, array.tables++, position);
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

/** Down the keys, through the newest table of each array of tables; what is new stands at `position`. */
function descend(from: KeyNode, keys: readonly string[], position: LineColumn): KeyNode {
  let node = from;
  for (const key of keys) {
    node = child(node, key, position);
    if (node.tables > 0) node = child(node, node.tables - 1, position);
  }
  return node;
}

function child(node: KeyNode, step: string | number, position: LineColumn): KeyNode {
  const known = node.below.get(step);
  if (known !== undefined) return known;
  const made: KeyNode = { position, below: new Map(), tables: 0 };
  node.below.set(step, made);
  return made;
}
