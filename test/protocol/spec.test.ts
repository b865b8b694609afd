/** The index of the specification, and the schemas as schemas. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { COMMANDS } from "../../client/cli/table.ts";
import { assertLine, assertPrinted, DESCRIBED, PRINTED, ROWS, schemaOf, SPEC } from "../json-schemas.ts";

const INDEX = readFileSync(join(SPEC, "README.md"), "utf8");
/** Forms that others have fixed, bodies of requests, and what is no object of its own. */
const WITHOUT_MARK = [
  "parts",
  "envelope",
  "legacy-link",
  "signed-sums",
  "policy",
  "config",
  "problem",
  "query",
  "envelopes",
  "acknowledgement",
];

interface Schema {
  readonly $id: string;
  readonly $schema: string;
  readonly [keyword: string]: unknown;
}

function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(join(SPEC, `${name}.schema.json`), "utf8")) as Schema;
}

test("the index has a line for every page and every schema, and no other", () => {
  const linked = [...INDEX.matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)].map(([, file = ""]) => file);
  const there = readdirSync(SPEC).filter((file) => file !== "README.md");
  assert.deepEqual(linked.toSorted(), there.toSorted());
  assert.equal(new Set(linked).size, linked.length);
});

test("every schema is draft 2020-12, is named after its file, and compiles strictly", () => {
  for (const { name } of ROWS) {
    const schema = readSchema(name);
    assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema", name);
    assert.equal(schema.$id, `https://samebits.dev/schema/${name}-1.json`);
    if (name !== "policy") schemaOf(name);
  }
});

test("every object of ours must say `samebits`, and may have no member that its schema does not know", () => {
  for (const { name } of ROWS.filter(({ name }) => !WITHOUT_MARK.includes(name))) {
    const schema = readSchema(name);
    for (const form of (schema["oneOf"] as Schema[] | undefined) ?? [schema]) {
      assert.ok((form["required"] as string[]).includes("samebits"), name);
      assert.ok(
        form["additionalProperties"] === false || form["unevaluatedProperties"] === false,
        `${name} lets anything in`,
      );
    }
  }
});

/** Its stdout is apt's protocol: only errors are JSON. */
const SPEAKS_OTHERWISE = "apt method";

test("every command that knows --json is in the table, and the reverse", async () => {
  const known: string[] = [];
  for (const { name, load } of COMMANDS) {
    const command = new Command(name);
    (await load()).define(command);
    const subcommands = command.commands.map((sub) => ({ name: `${name} ${sub.name()}`, command: sub }));
    for (const each of [{ name, command }, ...subcommands]) {
      if (each.command.options.some(({ long }) => long === "--json")) known.push(each.name);
    }
  }
  assert.ok(known.includes(SPEAKS_OTHERWISE));
  const printing = known.filter((name) => name !== SPEAKS_OTHERWISE);
  assert.deepEqual([...PRINTED.keys()].toSorted(), printing.toSorted());
});

test("every route that gives or takes one of our objects is in the table, and is described", () => {
  const routes = ROWS.flatMap(({ by }) => by).filter((text) => /^(GET|POST) /.test(text));
  for (const route of routes) assert.ok(DESCRIBED.includes(route), route);
  const text = /^\/(feeds|witness|metrics|healthz|assets|verify\.html)|^\/$|^\/v1\/openapi\.json$/;
  const ours = DESCRIBED.filter((route) => !text.test(route.split(" ")[1] ?? ""));
  assert.deepEqual([...new Set(routes)].toSorted(), ours.toSorted());
});

test("every test that runs a command with --json has its output held against the schemas", () => {
  const folder = join(import.meta.dirname, "..");
  const runs = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => {
    return file.endsWith(".test.ts") && readFileSync(join(folder, file), "utf8").includes('"--json"');
  });
  assert.ok(runs.length > 5);
  // run.ts does it for every command, and stage.ts, shop.ts and yard.ts run theirs by run.ts.
  const held = /from "[./]*\/(?:(?:client\/)?cli\/)?(?:json-schemas|run|stage|shop|yard)\.ts"/;
  assert.deepEqual(
    runs.filter((file) => !held.test(readFileSync(join(folder, file), "utf8"))),
    [],
  );
});

test("what has no schema, or does not fit it, is noticed", () => {
  const begun = { samebits: 1, origin: `samebits/main/${"ab".repeat(32)}` };
  assertLine("feed init", JSON.stringify(begun));
  assert.throws(
    () => assertLine("feed init", JSON.stringify({ ...begun, samebits: 2 })),
    /samebits feed init/,
  );
  assert.throws(() => assertLine("feed init", JSON.stringify({ ...begun, more: 1 })), /additional/);
  assert.throws(() => assertLine("feed begin", JSON.stringify(begun)), /has no schema/);
  assert.throws(() => assertLine("feed init", "begun"), /no JSON/);
  const ended = { code: 64, out: "", err: "samebits: no\n" };
  assert.throws(() => assertPrinted(["feed", "init", "--json"], ended), /ended with 64/);
  assertPrinted(["feed", "init"], ended);
});
