import { alpmTarget, debTarget, npmTarget, parsePurl } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** Placeholders that arguments may have, and what they stand for. */
export type Placeholders = ReadonlyMap<string, string>;

/**
 * What `{purl}`, `{name}`, `{version}`, `{arch}` and, where the type says how the file is called, `{file}` stand for. Throws
 * `target/…`, and `input/bad-list` for a part that a program could take for an option or a path.
 */
export function placeholdersOf(purl: string): Placeholders {
  const parts = parsePurl(purl);
  const file = fileOf(purl);
  const values = new Map([
    ["purl", purl],
    ["name", parts.name],
    ["version", parts.version],
    ["arch", parts.qualifiers.get("arch") ?? ""],
    ...(file === null ? [] : [["file", file] as const]),
  ]);
  for (const [name, value] of values) {
    if (name !== "purl" && (/^[-.]/.test(value) || value.includes("/"))) {
      throw new ClientError(
        "input/bad-list",
        `${purl}: its ${name} begins with - or ., or has a /: a program could take it for an option or a path`,
      );
    }
  }
  return values;
}

const NAMES: readonly string[] = ["purl", "name", "version", "arch", "file"];
const PLACEHOLDERS = new RegExp(`\\{(${NAMES.join("|")})\\}`, "g");

/** The text as it is; throws `usage/bad-option` for a word in braces that is no placeholder: it is one written wrong. `${word}` is a shell's. */
export function asKnown(text: string): string {
  for (const [words, name = ""] of text.matchAll(/(?<!\$)\{([a-z]+)\}/g)) {
    if (NAMES.includes(name)) continue;
    throw new ClientError(
      "usage/bad-option",
      `${words}: no such placeholder: there are ${bracedNames()}; what is to stay as it is belongs into a program or script of its own`,
    );
  }
  return text;
}

/** Throws `usage/bad-option` for a placeholder where none is filled in. */
export function assertNone(option: string, text: string): void {
  if (!NAMES.some((name) => text.includes(`{${name}}`))) return;
  throw new ClientError(
    "usage/bad-option",
    `${option} ${text}: placeholders stand for the package in the command and in options that name files, not here`,
  );
}

function bracedNames(): string {
  return NAMES.map((name) => `{${name}}`).join(" ");
}

/** A text with its placeholders filled in; other braces stay as they are. Throws `usage/bad-option` for `{file}` where the type names none. */
export function fillIn(text: string, values: Placeholders): string {
  return text.replace(PLACEHOLDERS, (_, name: string) => {
    const value = values.get(name);
    if (value !== undefined) return value;
    throw new ClientError(
      "usage/bad-option",
      `${text}: packages like ${values.get("purl") ?? ""} do not say how their file is called: write its name with {name} and {version}`,
    );
  });
}

/** How the file of a package is called, where its type says that. Throws `target/…`. */
export function fileOf(purl: string): string | null {
  const { type, namespace, name, version, qualifiers } = parsePurl(purl);
  const arch = qualifiers.get("arch") ?? "";
  if (type === "deb") return debTarget({ namespace, name, version, arch }).file;
  if (type === "alpm") return alpmTarget({ namespace, name, version, arch }).file;
  return type === "npm" ? npmTarget({ scope: namespace, name, version }).file : null;
}
