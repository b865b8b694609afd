/** Recorded layouts and links, taken apart and put together wrongly: a code or a verdict, and nothing else. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { judgeLayout, keysOf, parseDocument, placeOfFile } from "../../../protocol/intoto/index.ts";
import type { Document } from "../../../protocol/intoto/index.ts";
import { NOW } from "./world.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const ROOT = fileURLToPath(new URL("../../vectors/in-toto/", import.meta.url));
const FILES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(?:link|layout)$/.test(path))
  .toSorted();
const TEXTS = FILES.map((path) => readFileSync(join(ROOT, path), "utf8"));

const HOSTILE: readonly Json[] = [
  null,
  true,
  -1,
  0.5,
  1e9,
  "",
  "*",
  "[",
  "{",
  "{X}",
  "../x",
  "\u0000",
  "\u202e",
  "__proto__",
  "link",
  "layout",
  "2023-02-30T00:00:00Z",
  "x".repeat(5_000),
  [],
  {},
  [[]],
  ["ALLOW"],
  ["MATCH", "*", "WITH", "PRODUCTS", "FROM", "x"],
];

interface Change {
  readonly at: number;
  readonly to: number;
  readonly how: "replace" | "drop" | "rename" | "double";
}

/** Every node but the first, in the order of the text. */
function* places(value: Json): Generator<readonly [Json[] | { [name: string]: Json }, string]> {
  if (value === null || typeof value !== "object") return;
  for (const name of Object.keys(value)) {
    yield [value, name];
    yield* places((value as { [name: string]: Json })[name] ?? null);
  }
}

function change(root: Json, { at, to, how }: Change): void {
  const all = [...places(root)];
  const [parent, name] = all[at % Math.max(all.length, 1)] ?? [[], "0"];
  const holder = parent as { [name: string]: Json };
  const hostile = structuredClone(HOSTILE[to % HOSTILE.length] ?? null);
  if (how === "replace") holder[name] = hostile;
  else if (how === "double" && Array.isArray(parent)) parent.push(structuredClone(holder[name] ?? null));
  else if (how === "rename" && !Array.isArray(parent)) {
    const renamed = typeof hostile === "string" ? hostile : JSON.stringify(hostile);
    Object.defineProperty(holder, renamed, {
      value: holder[name],
      enumerable: true,
      writable: true,
      configurable: true,
    });
    Reflect.deleteProperty(holder, name);
  } else if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else Reflect.deleteProperty(holder, name);
}

function mutated(text: string, changes: readonly Change[]): Uint8Array {
  const value = JSON.parse(text) as { [name: string]: Json };
  const { payload } = value;
  if (typeof payload === "string" && changes.length % 3 !== 0) {
    const inner = JSON.parse(Buffer.from(payload, "base64").toString()) as Json;
    for (const one of changes) change(inner, one);
    value["payload"] = Buffer.from(JSON.stringify(inner)).toString("base64");
  } else for (const one of changes) change(value, one);
  return utf8(JSON.stringify(value));
}

/** Null where it is refused with a code; anything else that is thrown fails the test. */
function parsed(bytes: Uint8Array): Document | null {
  try {
    return parseDocument(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

const changes = fc.array(
  fc.record({
    at: fc.nat(2_000),
    to: fc.nat(HOSTILE.length - 1),
    how: fc.constantFrom<Change["how"]>("replace", "drop", "rename", "double"),
  }),
  { minLength: 1, maxLength: 4 },
);

test("no change of a recorded document makes the parser throw anything but its errors, or the judge throw at all", () => {
  assert.ok(TEXTS.length > 30);
  const whole = TEXTS.map((text) => parsed(utf8(text)));
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(fc.nat(TEXTS.length - 1), changes, (at, some) => {
      const document = parsed(mutated(TEXTS[at] ?? "", some));
      outcomes.set(
        document === null ? "refused" : "read",
        (outcomes.get(document === null ? "refused" : "read") ?? 0) + 1,
      );
      if (document === null) return;
      // Signers are taken at their word: what is judged is what a holder of the keys could do.
      const root =
        document.content.kind === "layout"
          ? document
          : (whole.find((one) => one?.content.kind === "layout") ?? document);
      const keys = keysOf(root);
      const documents = [document, ...whole].flatMap((one, index) =>
        one === null
          ? []
          : [
              {
                document: one,
                signers: keys,
                place: placeOfFile((FILES[index - 1] ?? FILES[at] ?? "").split("/").at(-1) ?? ""),
              },
            ],
      );
      const layout = { document: root, signers: keys, place: placeOfFile("root.layout") };
      const verdict = judgeLayout(
        {
          layout,
          owners: { keys, k: 1 },
          parameters: new Map([["X", "y"]]),
          documents,
          now: some.length > 2 ? NOW : 0,
          files: new Map(),
        },
        () => ({ ran: true, materials: new Map(), products: new Map() }),
      );
      outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
    }),
    { numRuns: 1_500 },
  );
  for (const due of ["refused", "read", "passed", "contradicted"])
    assert.ok((outcomes.get(due) ?? 0) > 2, `${due}: ${JSON.stringify([...outcomes])}`);
});
