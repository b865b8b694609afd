/**
 * Imports that are made when they are needed, made at the start: in a single file they load nothing later, and for each of them the bundler wraps
 * all that is behind it in functions, which are a twentieth of the file.
 */

/** As our sources write them. */
const LATE = /const (?:\{ ([\w,: ]+) \}|(\w+)) = await import\(("\.{1,2}\/[^"]+")\);/g;
/** A peer is another door, which a single file leaves out. */
const PEER = /\/node\/index\.ts"$/;

/** The text of a source with its `const … = await import("./…")` written as imports at its beginning. */
export function early(text: string): string {
  const imports: string[] = [];
  const result = text.replaceAll(LATE, (whole, names: string = "", all: string = "", from: string) => {
    if (PEER.test(from)) return whole;
    const bring = (what: string, local: string): string => {
      const brought = `early${imports.length}`;
      imports.push(`import ${what} as ${brought}${what === "*" ? "" : " }"} from ${from};`);
      return `const ${local} = ${brought};`;
    };
    if (all !== "") return bring("*", all);
    const lines = names.split(",").map((one) => {
      const [name = "", local = name] = one.split(":").map((part) => part.trim());
      return bring(`{ ${name}`, local);
    });
    return lines.join(" ");
  });
  return imports.join(" ") + result;
}
