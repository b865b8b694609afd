/** Text that is markup: made by `html` alone, which escapes whatever else is put into it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Markup | readonly Markup[];

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Markup from a template: strings and numbers in it are text, whatever they hold. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + written(pieces[i - 1] ?? "") + part));
}

/**
 * What strangers have named, for people: in a direction of its own, and with what nobody sees (controls, marks that turn the direction of text,
 * blanks without width) as its number.
 */
export function foreign(name: string): Markup {
  const seen = name.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (mark) => `U+${numberOf(mark)}`);
  return html`<bdi>${seen}</bdi>`;
}

function numberOf(mark: string): string {
  return (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

function written(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "object") return piece.map(({ text }) => text).join("");
  return String(piece).replaceAll(/[&<>"']/g, (sign) => ESCAPES.get(sign) ?? "");
}
