/** Source files parsed: what each imports (types counted), and a visitor over its syntax. */
import { posix } from "node:path";
import { parseSync, Visitor, type VisitorObject } from "oxc-parser";
import { lineOf, type Repository } from "./repository.ts";

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the top of the repository; null for packages and `node:` modules. */
  readonly target: string | null;
  /** When it is evaluated; an import of types alone never is. */
  readonly kind: "static" | "dynamic" | "type";
  readonly line: number;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly visit: (visitor: VisitorObject) => void;
}

/** Made by a tool from another file: kept as the tool writes them. */
export const GENERATED: ReadonlySet<string> = new Set(["protocol/wire/messages.ts"]);

const parsed = new Map<string, Source>();

/** All TypeScript and JavaScript of the repository, parsed once. */
export function sources(repository: Repository): Source[] {
  const found: Source[] = [];
  for (const [path, text] of repository) {
    if (!/\.(tsx?|js)$/.test(path) || path.startsWith("test/vectors/")) continue;
    const known = parsed.get(path);
    const source = known?.text === text ? known : parse(path, text);
    parsed.set(path, source);
    found.push(source);
  }
  return found;
}

function parse(path: string, text: string): Source {
  const result = parseSync(path, text);
  const imports: Import[] = [];
  const add = (specifier: string, at: number, kind: Import["kind"]): void => {
    const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : null;
    imports.push({ specifier, target, kind, line: lineOf(text, at) });
  };
  for (const { moduleRequest, entries } of result.module.staticImports) {
    const isType = entries.length > 0 && entries.every((entry) => entry.isType);
    add(moduleRequest.value, moduleRequest.start, isType ? "type" : "static");
  }
  for (const { entries } of result.module.staticExports) {
    const request = entries[0]?.moduleRequest;
    if (request) add(request.value, request.start, "static");
  }
  const visit = (visitor: VisitorObject): void => new Visitor(visitor).visit(result.program);
  visit({
    ImportExpression: ({ source, start }) => {
      if (source.type === "Literal" && typeof source.value === "string") add(source.value, start, "dynamic");
    },
    TSImportType: ({ source, start }) => add(source.value, start, "type"),
  });
  return { path, text, imports, visit };
}
