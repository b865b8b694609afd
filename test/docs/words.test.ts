/** What documents and help say beside their examples: commands and options that exist, links that lead somewhere. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CATALOGUE, faultIn } from "./catalogue.ts";
import { PAGES, readPage, TOP } from "./markdown.ts";
import { commandFaults, linkFaults } from "./words.ts";

const SPECS = readdirSync(join(TOP, "protocol/spec"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `protocol/spec/${name}`);
const ALL = [...PAGES, "CONTRIBUTING.md", "CHANGELOG.md", ...SPECS];

test("a command line is held against the commands that there are", () => {
  for (const line of [
    "samebits verify FILE --offline --bundle B",
    "samebits feed head samebits/main/00",
    "samebits watch --since 0 | jq -c .evidence",
    "samebits help",
    "samebits --version",
  ])
    assert.equal(faultIn(line), null, line);
  assert.match(faultIn("samebits fly") ?? "", /no samebits fly/);
  assert.match(faultIn("samebits feed fly") ?? "", /no samebits feed fly/);
  assert.match(faultIn("samebits verify FILE --fast=1") ?? "", /verify has no --fast/);
});

test("a page is held against them: its prose, and the blocks that nothing runs", () => {
  const page = (...lines: string[]): readonly string[] => commandFaults("x.md", lines.join("\n"));
  assert.deepEqual(page("Run `samebits fly`."), ["x.md: samebits fly: there is no samebits fly"]);
  assert.deepEqual(page("With `verify --fast`, or `node --test`."), [
    "x.md: samebits verify --fast: samebits verify has no --fast",
  ]);
  assert.deepEqual(page("```text", "ExecStart=/bin/samebits node --fast", "```"), [
    "x.md: samebits node --fast: samebits node has no --fast",
  ]);
  assert.deepEqual(page("<!-- not run: why -->", "```console", "$ samebits fly", "```").length, 1);
  assert.deepEqual(page("<!-- not run: why -->", "```sh", "cat x | samebits fly -", "```").length, 1);
  assert.deepEqual(page("```console", "$ samebits fly", "```"), [], "what is run proves itself");
  assert.deepEqual(page("Run `samebits node --publish-key K --first`, or `samebits help`."), []);
});

test("a link is held against the files and headings that there are", () => {
  const page = (text: string): readonly string[] => linkFaults("docs/x.md", `# On *this* page\n${text}`);
  for (const link of ["../README.md", "client.md#exit-codes", "#on-this-page", "https://example.org/x"])
    assert.deepEqual(page(`[there](${link})`), [], link);
  for (const link of ["no.md", "../docs/no.md", "client.md#no", "#no", "no.md#on-this-page"])
    assert.deepEqual(page(`[there](${link})`), [`docs/x.md: ${link}`], link);
});

for (const { name, help, isGroup } of CATALOGUE.values()) {
  test(`samebits ${name} --help has examples, and they are right`, () => {
    const examples = help
      .split("\n")
      .filter((line) => line.startsWith("  samebits ") || line.includes("| samebits "));
    assert.ok(isGroup || examples.some((line) => line.includes(`samebits ${name}`)), help);
    const faults = examples
      .map((line) => faultIn(line.slice(line.indexOf("samebits "))))
      .filter((fault) => fault !== null);
    assert.deepEqual(faults, []);
  });
}

for (const page of ALL) {
  test(`${page} names commands and options that there are, and links to what there is`, () => {
    assert.deepEqual(commandFaults(page, readPage(page)), []);
    assert.deepEqual(linkFaults(page, readPage(page)), []);
  });
}

test("every command is in the documents, where its user looks", () => {
  const text = PAGES.map((page) => readPage(page)).join("\n");
  const missing = [...CATALOGUE.values()].filter(
    ({ name, isGroup }) => !isGroup && !new RegExp(String.raw`samebits ${name}(?![\w-])`).test(text),
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
