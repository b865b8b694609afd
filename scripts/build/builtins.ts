/**
 * Imports of Node's modules written as `getBuiltinModule` calls. An import reads all that a module exports, which loads what nobody
 * asked for: with node:http comes fetch, with node:util a debugger's colours; a third of the time of a verdict.
 */
import { parseSync } from "oxc-parser";

/** Commander starts programs only for commands in files of their own, of which there are none. */
const LATE: ReadonlyMap<string, string> = new Map([
  [
    "node:child_process",
    '{ spawn: (...args) => globalThis.process.getBuiltinModule("node:child_process").spawn(...args) }',
  ],
]);

/** The text of a source with its imports of `node:…` replaced; `late`: default imports of LATE are loaded when they are used. */
export function byHand(file: string, text: string, late: boolean): string {
  const { staticImports } = parseSync(file, text).module;
  let result = text;
  for (const { start, end, moduleRequest, entries } of staticImports.toReversed()) {
    const name = moduleRequest.value;
    const values = entries.filter(({ isType }) => !isType);
    if (!name.startsWith("node:")) continue;
    const module = `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
    const lines = values.map(({ importName, localName }) => {
      const { name: imported } = importName;
      if (imported !== null) return `const { ${imported}: ${localName.value} } = ${module};`;
      return `const ${localName.value} = ${(late ? LATE.get(name) : undefined) ?? module};`;
    });
    result = result.slice(0, start) + lines.join(" ") + result.slice(end);
  }
  return result;
}
