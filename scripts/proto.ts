/**
 * Makes protocol/wire/messages.ts from messages.proto: `node scripts/proto.ts`; with `--check`, says whether the committed file is
 * what comes out. protons writes TypeScript namespaces, which type stripping cannot run: they become constants here.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const SOURCE = join(import.meta.dirname, "../protocol/wire/messages.proto");
const TARGET = join(import.meta.dirname, "../protocol/wire/messages.ts");
const PROTONS = join(import.meta.dirname, "../node_modules/protons/dist/bin/protons.js");

const HEADER = `// Made from messages.proto by \`node scripts/proto.ts\`. Don't edit.
/* oxlint-disable */
// @ts-nocheck -- the generator does not write for our compiler settings; frame.ts checks every field.
`;

const CODEC = `/** One message: what frame.ts needs of it. */
export interface MessageCodec<T> {
  readonly codec: () => Codec<T>
  readonly encode: (obj: Partial<T>) => Uint8Array
  readonly decode: (buf: Uint8Array, opts?: DecodeOptions<T>) => T
}
`;

/** The generator's output with each namespace turned into a constant; what streams fields is left out. */
function withoutNamespaces(generated: string): string {
  const lines: string[] = [];
  let skippedTo: string | null = null;
  for (const line of generated.split("\n")) {
    if (skippedTo !== null) {
      if (line === skippedTo) skippedTo = null;
      continue;
    }
    const namespace = /^export namespace (\w+) \{$/.exec(line);
    if (namespace?.[1] !== undefined) {
      lines.push(`export const ${namespace[1]}: MessageCodec<${namespace[1]}> = (() => {`);
    } else if (/^ {2}export (interface \w+FieldEvent \{|function stream )/.test(line)) {
      skippedTo = "  }";
    } else if (line === "}" && lines.at(-1) === "" && lines.at(-2) === "  }") {
      lines.push("  return { codec, encode, decode }", "})()");
    } else {
      lines.push(line.replace(/^ {2}export (const codec|function)/, "  $1"));
    }
  }
  return lines.join("\n");
}

function imports(generated: string): string {
  return generated
    .replace(", streamMessage }", " }")
    .replace(/^import \{ alloc as uint8ArrayAlloc \}.*\n/m, "")
    .replaceAll("uint8ArrayAlloc(0)", "new Uint8Array(0)")
    .replace(/^import type \{ Uint8ArrayList \}.*\n/m, `\n${CODEC}`)
    .replaceAll("Uint8Array | Uint8ArrayList", "Uint8Array")
    .replaceAll("Uint8Array<ArrayBuffer>", "Uint8Array");
}

async function generate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "samebits-proto-"));
  try {
    await copyFile(SOURCE, join(folder, "messages.proto"));
    await promisify(execFile)(process.execPath, [PROTONS, "messages.proto"], { cwd: folder });
    return HEADER + withoutNamespaces(imports(await readFile(join(folder, "messages.ts"), "utf8")));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const made = await generate();
if (!process.argv.includes("--check")) {
  await writeFile(TARGET, made);
} else if (made !== (await readFile(TARGET, "utf8"))) {
  console.error("protocol/wire/messages.ts is not what messages.proto gives; run: node scripts/proto.ts");
  process.exitCode = 1;
}
