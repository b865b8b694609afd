/**
 * The outside contract in JSON: what commands print and what nodes answer is held against `protocol/spec/`, wherever a test runs a
 * command or asks a node. Which schema is whose stands in the table of `protocol/spec/README.md`; what has none fails.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { openApi } from "../node/api/openapi.ts";

export const SPEC: string = join(import.meta.dirname, "../protocol/spec");

/** A row of the table: a schema, and the third column, who prints, takes or gives it. */
export interface SchemaRow {
  readonly name: string;
  readonly by: readonly string[];
}

export const ROWS: readonly SchemaRow[] = readFileSync(join(SPEC, "README.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, name, by] = /^\| \[([a-z-]+)\]\([a-z-]+\.schema\.json\) \|[^|]*\|([^|]*)\|$/.exec(line) ?? [];
    if (name === undefined || by === undefined) return [];
    return [{ name, by: [...by.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text) }];
  });

const ajv = new Ajv2020({ strict: true, allErrors: true });
// The policy's schema is about a file of TOML, and its test compiles it.
for (const file of readdirSync(SPEC).filter((name) => name.endsWith(".schema.json"))) {
  if (file !== "policy.schema.json") ajv.addSchema(JSON.parse(readFileSync(join(SPEC, file), "utf8")));
}

/** The validator of a schema of `protocol/spec/`. */
export function schemaOf(name: string): ValidateFunction {
  return (
    ajv.getSchema(`https://samebits.dev/schema/${name}-1.json`) ?? assert.fail(`there is no schema ${name}`)
  );
}

/** Commands as the table has them, `feed head`, and the schemas of what each prints. */
export const PRINTED: ReadonlyMap<string, ReadonlySet<string>> = printed();

function printed(): ReadonlyMap<string, ReadonlySet<string>> {
  const commands = new Map<string, Set<string>>();
  for (const { name, by } of ROWS) {
    for (const text of by.filter((each) => each.startsWith("samebits "))) {
      const command = commandOf(text);
      commands.set(command, (commands.get(command) ?? new Set()).add(name));
    }
  }
  return commands;
}

function commandOf(text: string): string {
  const words = text.split(" ").slice(1);
  const end = words.findIndex((word) => word.startsWith("-"));
  return (end === -1 ? words : words.slice(0, end)).join(" ");
}

/** Names of schemas that some output was seen to fit, in this process. */
export const SEEN: Set<string> = new Set();

/** These print JSON whatever they are told. */
const ALWAYS_JSON: ReadonlySet<string> = new Set(["node", "watch"]);

/** How a command ended, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Holds all that a command line printed against its schemas, where it prints JSON; and a failure against `error`. */
export function assertPrinted(argv: readonly string[], { code, out, err }: Ended): void {
  const command = nameOf(argv);
  if (command === "policy schema" || (!argv.includes("--json") && !ALWAYS_JSON.has(command))) return;
  for (const line of out.split("\n").filter((text) => text !== "")) assertLine(command, line);
  if (command === "node") return; // its log is JSON too
  const errors = err.split("\n").filter((line) => line.startsWith("{"));
  for (const line of errors) {
    assertFits(["error"], JSON.parse(line), `stderr of samebits ${command}`);
    assert.equal((JSON.parse(line) as { exit: number }).exit, code, line);
  }
  if (argv.includes("--json") && code !== 0 && out === "")
    assert.equal(errors.length, 1, `samebits ${argv.join(" ")} ended with ${code}: ${err}`);
}

/** One line of a command's output; for commands that go on, too. */
export function assertLine(command: string, line: string): void {
  const names =
    PRINTED.get(command) ?? assert.fail(`samebits ${command} prints JSON that has no schema: ${line}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    assert.fail(`samebits ${command} prints a line that is no JSON: ${line}`);
  }
  assertFits(names, value, `samebits ${command}`);
}

function nameOf(argv: readonly string[]): string {
  const [first = "", second = ""] = argv;
  const two = `${first} ${second}`;
  const hasParts = [...PRINTED.keys()].some((command) => command.startsWith(`${first} `));
  return hasParts && !second.startsWith("-") ? two : first;
}

/** Fails unless the value fits one of the schemas. */
export function assertFits(names: Iterable<string>, value: unknown, whose: string): void {
  const faults: string[] = [];
  for (const name of names) {
    const validate = schemaOf(name);
    if (validate(value)) {
      SEEN.add(name);
      return;
    }
    faults.push(`${name}: ${ajv.errorsText(validate.errors)}`);
  }
  assert.fail(`${whose}: ${JSON.stringify(value).slice(0, 1_000)} does not fit: ${faults.join("; ")}`);
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

const DOCUMENT = JSON.parse(JSON.stringify(await openApi())) as Document;
/** Another one, which knows the document's own schemas and none of the files. */
const described = new Ajv2020({ strict: true, allErrors: true }).addVocabulary(["components"]);
const answers = new Map<string, ValidateFunction>();

interface Operation {
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}

/** `GET /v1/status`, … of the OpenAPI document. */
export const DESCRIBED: readonly string[] = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
);

/** An answer of a node. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Holds a node's answer against the OpenAPI document that it serves; every answer that is not described there is a problem object. */
export function assertAnswered(method: string, path: string, { status, type, text }: Answered): void {
  const [bare = ""] = path.split("?", 1);
  const route = DESCRIBED.find((each) => matches(each, `${method} ${bare}`));
  const media = type.split(";", 1)[0]?.trim() ?? "";
  const isDescribed = status === 200 || (status === 409 && media === "text/x.tlog.size");
  if (route === undefined || !isDescribed) {
    assert.equal(media, "application/problem+json", `${method} ${path} answers ${status}: ${text}`);
    return assertFits(["problem"], JSON.parse(text), `${method} ${path}`);
  }
  SEEN.add(route);
  const validate = answerOf(route, status, media);
  const value: unknown = media === "application/json" ? JSON.parse(text) : text;
  assert.ok(
    validate(value),
    `${route}: ${text.slice(0, 1_000)} is not as described: ${described.errorsText(validate.errors)}`,
  );
}

function answerOf(route: string, status: number, media: string): ValidateFunction {
  const [method = "", path = ""] = route.split(" ");
  const { schema } =
    DOCUMENT.paths[path]?.[method.toLowerCase()]?.responses[status]?.content[media] ??
    assert.fail(`${route} gives ${media}, which is not described`);
  const name = `${route} ${status}`;
  const known = answers.get(name) ?? described.compile({ ...schema, components: DOCUMENT.components });
  answers.set(name, known);
  return known;
}

/** `{name}` stands for one segment, and for all the rest where it ends the path. */
function matches(route: string, asked: string): boolean {
  const pattern = route.split("/");
  const words = asked.split("/");
  const last = pattern.length - 1;
  if (words.length < pattern.length) return false;
  if (words.length > pattern.length && pattern[last] !== "{path}") return false;
  return pattern.every((part, i) => part.startsWith("{") || part === words[i]);
}
