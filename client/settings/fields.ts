import { isAbsolute, join } from "node:path";
import { MAX_CONFIG_LIST, MAX_CONFIG_TEXT_BYTES, quote } from "../../protocol/index.ts";
import type { RecordShape, Shape } from "../../protocol/index.ts";
import type { Rule } from "./places.ts";
import { readSize } from "./size.ts";

/** Reads the members of one table of a configuration file, each undefined where it is left out. Relative paths are from the file's folder. */
export class Fields {
  readonly #table: RecordShape | null;
  readonly #folder: string;

  /** `table`: null where the whole table is left out. */
  constructor(table: RecordShape | null, folder: string) {
    this.#table = table;
    this.#folder = folder;
  }

  /** A text, looked at by `rule` where there is one. */
  text(name: string, rule?: Rule): string | undefined {
    const shape = this.shape(name);
    const text = textOf(shape);
    if (shape !== undefined && text !== undefined && rule !== undefined) assertSetting(text, shape, rule);
    return text;
  }

  path(name: string): string | undefined {
    const path = this.text(name);
    return path === undefined || isAbsolute(path) ? path : join(this.#folder, path);
  }

  flag(name: string): boolean | undefined {
    return this.shape(name)?.boolean();
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return this.shape(name)?.oneOf(words);
  }

  /** `4G`, as the option takes it. */
  size(name: string): string | undefined {
    const shape = this.shape(name);
    const text = textOf(shape);
    if (shape === undefined || text === undefined) return undefined;
    if (readSize(text) === null)
      shape.fail("shape/out-of-range", `${quote(text)} is no size: write it like "500M" or "4G"`);
    return text;
  }

  /** Texts, each looked at by `rule`. */
  places(name: string, rule: Rule): readonly string[] | undefined {
    return this.list(name, (text, item) => assertSetting(text, item, rule));
  }

  /** Texts, each looked at by `check`. */
  list(
    name: string,
    check: (item: string, shape: Shape) => void = () => undefined,
  ): readonly string[] | undefined {
    return this.shape(name)
      ?.list(MAX_CONFIG_LIST)
      .map((item) => {
        const text = nonEmpty(item);
        check(text, item);
        return text;
      });
  }

  shape(name: string): Shape | undefined {
    return this.#table?.optional(name);
  }

  /** Throws for a member that nobody asked for. */
  done(): void {
    this.#table?.done();
  }
}

/** Throws, by the shape's place, for a text that is against the rule. */
export function assertSetting(text: string, shape: Shape, rule: Rule): void {
  const why = rule(text);
  if (why !== null) shape.fail("shape/out-of-range", `${quote(text)}: ${why}`);
}

function textOf(shape: Shape | undefined): string | undefined {
  return shape === undefined ? undefined : nonEmpty(shape);
}

function nonEmpty(shape: Shape): string {
  const text = shape.string(MAX_CONFIG_TEXT_BYTES);
  if (text === "") shape.fail("shape/out-of-range", "it is empty: give a value, or leave the line out");
  return text;
}
