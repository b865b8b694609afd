/**
 * Imports through a door (`index.ts`) written as imports from the files behind it. A bundler keeps together what one
 * file imports, so through the doors every command would load all of the protocol, the engine of a peer too.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type ParseResult, parseSync } from "oxc-parser";

interface Place {
  readonly file: string;
  readonly name: string;
}

const parsed = new Map<string, ParseResult>();

function parse(file: string): ParseResult {
  const known = parsed.get(file) ?? parseSync(file, readFileSync(file, "utf8"));
  parsed.set(file, known);
  return known;
}

/** Where a name that `file` exports is made; null if `file` does not export it. */
function findExport(file: string, name: string): Place | null {
  for (const { entries } of parse(file).module.staticExports) {
    for (const { moduleRequest, importName, exportName } of entries) {
      const from = moduleRequest === null ? file : resolve(dirname(file), moduleRequest.value);
      if (exportName.name === name) {
        return moduleRequest === null ? { file, name } : findExport(from, importName.name ?? name);
      }
      const found = exportName.name === null && moduleRequest !== null ? findExport(from, name) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

/** The text of a source file with its imports through doors replaced. */
export function pastDoors(file: string, text: string): string {
  const { staticImports } = parseSync(file, text).module;
  let result = text;
  for (const { start, end, moduleRequest, entries } of staticImports.toReversed()) {
    const values = entries.filter(({ isType }) => !isType);
    const isDoor = /^\.{1,2}\/(?:.*\/)?index\.ts$/.test(moduleRequest.value);
    if (!isDoor || values.some(({ importName }) => importName.name === null)) continue;
    const door = resolve(dirname(file), moduleRequest.value);
    const lines = values.map(({ importName, localName }) => {
      const place = findExport(door, importName.name ?? "");
      if (place === null) throw new Error(`${file}: ${door} does not export ${importName.name}`);
      return `import { ${place.name} as ${localName.value} } from ${JSON.stringify(place.file)};`;
    });
    result = result.slice(0, start) + lines.join(" ") + result.slice(end);
  }
  return result;
}
