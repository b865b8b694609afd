/** What pages say beside the examples that are run: command lines, and links. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { CATALOGUE, faultIn } from "./catalogue.ts";
import { blocksOf, proseOf, readPage, TOP } from "./markdown.ts";
import type { Block } from "./markdown.ts";

const COMMAND = "samebits ";

/** What is wrong with the commands and options that a page names in its prose, and in blocks that nothing runs. */
export function commandFaults(page: string, text: string): readonly string[] {
  return commandsOf(page, text).flatMap((line) => {
    const fault = faultIn(line);
    return fault === null ? [] : [`${page}: ${line}: ${fault}`];
  });
}

/** The command lines that a page names and no test runs. */
function commandsOf(page: string, text: string): readonly string[] {
  const spans = proseOf(page, text)
    .flatMap((line) => [...line.matchAll(/`([a-z][^`]*)`/g)])
    .map(([, span = ""]) => (isShort(span) ? `${COMMAND}${span}` : span))
    .filter((span) => /^samebits [a-z]/.test(span));
  return [
    ...spans,
    ...blocksOf(page, text)
      .filter(({ language, notRun }) => language === "text" || notRun !== null)
      .flatMap(commandsIn),
  ];
}

/** `attest --publish`: a command of ours by its own name, and an option. `node --test` is Node's. */
function isShort(span: string): boolean {
  const [name = "", option = ""] = span.split(" ");
  return name !== "node" && CATALOGUE.has(name) && option.startsWith("-");
}

function commandsIn({ language, text }: Block): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.includes(COMMAND) && (language !== "console" || line.startsWith("$ ")))
    .map((line) => line.slice(line.indexOf(COMMAND)));
}

/** Links of a page that lead nowhere: no such file, or no such heading in it. Links out of the repository are let be. */
export function linkFaults(page: string, text: string): readonly string[] {
  const links = proseOf(page, text).flatMap((line) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link),
  );
  return links
    .filter((link) => !link.includes("://") && !leadsSomewhere(page, text, link))
    .map((link) => `${page}: ${link}`);
}

function leadsSomewhere(page: string, text: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  if (path === "") return anchor !== undefined && anchorsOf(page, text).has(anchor);
  const target = join(dirname(page), path);
  if (!existsSync(join(TOP, target))) return false;
  return anchor === undefined || anchorsOf(target, readPage(target)).has(anchor);
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(page: string, text: string): ReadonlySet<string> {
  const headings = proseOf(page, text).filter((line) => /^#+ /.test(line));
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
