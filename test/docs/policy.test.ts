/** docs/policy.md explains the policy language as it is: every member, its default and its words, each in an example. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "smol-toml";
import { blocksOf, readPage } from "./markdown.ts";

const PAGE = "docs/policy.md";
const SCHEMA = new URL("../../protocol/spec/policy.schema.json", import.meta.url);

interface Member {
  readonly default?: unknown;
  readonly enum?: readonly string[];
}
type Members = Readonly<Record<string, Member>>;
interface Shape {
  readonly properties: Members;
}

const { properties, $defs } = JSON.parse(readFileSync(SCHEMA, "utf8")) as {
  readonly properties: { readonly default: Shape };
  readonly $defs: Readonly<
    Record<
      | "builder"
      | "group"
      | "witness"
      | "layout"
      | "rule"
      | "chained"
      | "requirement"
      | "sourceStatement"
      | "exception",
      Shape
    > &
      Record<"contradiction" | "difference", Member>
  >;
};

/** Where the page explains what, and where a policy has it. */
const KINDS: readonly (readonly [
  kind: string,
  heading: string,
  members: Members,
  within: (policy: Table) => readonly unknown[],
])[] = [
  ["builder", "Builders", $defs.builder.properties, ({ builders }) => Object.values(builders ?? {})],
  ["group", "Groups", $defs.group.properties, ({ groups }) => Object.values(groups ?? {})],
  ["witness", "Witnesses", $defs.witness.properties, ({ witnesses }) => Object.values(witnesses ?? {})],
  ["layout", "Layouts", $defs.layout.properties, ({ layouts }) => Object.values(layouts ?? {})],
  ["rule", "Rules", $defs.rule.properties, ({ rules }) => rules ?? []],
  [
    "requirement",
    "Rules",
    $defs.requirement.properties,
    ({ rules }) => (rules ?? []).flatMap((rule) => rule["require"] ?? {}),
  ],
  [
    "source",
    "Rules",
    $defs.sourceStatement.properties,
    ({ rules }) => (rules ?? []).map((rule) => rule["source"] ?? {}),
  ],
  [
    "step",
    "Steps",
    $defs.chained.properties,
    ({ rules }) => (rules ?? []).flatMap((rule) => rule["steps"] ?? []),
  ],
  ["exception", "Exceptions", $defs.exception.properties, ({ exceptions }) => exceptions ?? []],
  ["default", "Rules", properties.default.properties, (policy) => [policy.default ?? {}]],
];

interface Table {
  readonly builders?: object;
  readonly groups?: object;
  readonly witnesses?: object;
  readonly layouts?: object;
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly exceptions?: readonly object[];
  readonly default?: object;
}

const page = readPage(PAGE);
const policies = blocksOf(PAGE, page)
  .filter(({ language }) => language === "toml")
  .map(({ text }) => parse(text) as Table);

for (const [kind, heading, members, within] of KINDS) {
  const lines = sectionOf(heading);
  for (const [name, member] of Object.entries(members)) {
    test(`${kind}: ${name} is explained, with its default and its words, and used in an example`, () => {
      const explained = lines.filter((line) => explains(line, kind, name));
      assert.equal(explained.length, 1, explained.join("\n"));
      const [line = ""] = explained;
      for (const word of [member.default, ...(member.enum ?? [])])
        if (word !== undefined) assert.ok(line.includes(`\`${JSON.stringify(word)}\``), line);
      if (line.startsWith("| ") && member.default !== undefined)
        assert.equal(line.split(" | ")[1], `\`${JSON.stringify(member.default)}\``);
      assert.ok(policies.flatMap(within).some((table) => Object.hasOwn(table as object, name)));
    });
  }
}

test("the table of modes has them all", () => {
  for (const mode of $defs.rule.properties["mode"]?.enum ?? [])
    assert.ok(
      sectionOf("Modes").some((line) => line.startsWith(`| \`"${mode}"\` |`)),
      mode,
    );
});

test("the table of contradictions has every choice", () => {
  const choices = $defs.contradiction.enum ?? [];
  assert.ok(choices.length > 0);
  for (const choice of choices)
    assert.ok(
      sectionOf("Votes").some((line) => line.startsWith(`| \`"${choice}"\` |`)),
      choice,
    );
});

test("both words for differences are explained", () => {
  const [line = ""] = sectionOf("Rules").filter((one) => one.startsWith("| `on_difference` |"));
  for (const word of $defs.difference.enum ?? [""]) assert.ok(line.includes(`\`"${word}"\``), line);
});

/** The lines under a heading that begins so, up to the next one. */
function sectionOf(heading: string): readonly string[] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## ${heading}`));
  assert.notEqual(start, -1, `no heading "${heading}"`);
  const end = lines.findIndex((line, at) => at > start && line.startsWith("## "));
  return lines.slice(start, end === -1 ? lines.length : end);
}

/** A row of a table whose first cell names the member; of groups and of the default, the sentence that has it. */
function explains(line: string, kind: string, name: string): boolean {
  if (kind === "group") return line.startsWith("`[groups.NAME]`") && line.includes(`\`${name} = `);
  if (kind === "source") return line.startsWith("With a table `source`") && line.includes(`\`${name} = `);
  if (kind === "default") return line.startsWith("`[default]`") && line.includes(`\`${name}\``);
  const [cell = ""] = line.split(" | ");
  return cell.startsWith("| `") && cell.includes(`\`${name}\``);
}
