/** Fenced blocks of the documents, and what is written above them for the test (CONTRIBUTING, "Documents"). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const TOP: string = join(import.meta.dirname, "../..");

/** The pages whose examples are run, from the top of the repository. */
export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(join(TOP, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

export interface Block {
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language on the fence. */
  readonly info: string;
  readonly text: string;
  /** Why it is not run, of `<!-- not run: … -->` on the line above. */
  readonly notRun: string | null;
  /** Programs beside samebits, of `<!-- needs: … -->` on the line above. */
  readonly needs: readonly string[];
}

const FENCE = /^(`{3,})([a-z]*) *(.*)$/;

export function readPage(page: string): string {
  return readFileSync(join(TOP, page), "utf8");
}

/** All fenced blocks of a page, in order. Throws for a fence that is not closed. */
export function blocksOf(page: string, text: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = "", info = ""] = FENCE.exec(lines[at] ?? "") ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    if (end === -1) throw new Error(`${page}:${at + 1}: the fence is not closed`);
    const note = lines[at - 1] ?? "";
    blocks.push({
      page,
      line: at + 1,
      language,
      info: info.trim(),
      text: lines.slice(at + 1, end).join("\n"),
      notRun: /^<!-- not run: (.+) -->$/.exec(note)?.[1] ?? null,
      needs: (/^<!-- needs: (.+) -->$/.exec(note)?.[1] ?? "").split(" ").filter((word) => word !== ""),
    });
    at = end;
  }
  return blocks;
}

/** A page without its fenced blocks: what is prose, line by line. */
export function proseOf(page: string, text: string): readonly string[] {
  const lines = text.split("\n");
  for (const block of blocksOf(page, text)) {
    const count = block.text.split("\n").length + 2;
    lines.fill("", block.line - 1, block.line - 1 + count);
  }
  return lines;
}
