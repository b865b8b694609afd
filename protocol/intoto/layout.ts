/** The `signed` part of a layout (in-toto specification 4.3), read exactly. */
import { keyName } from "../crypto/index.ts";
import { parseTime, isPrintable } from "../attestation/index.ts";
import { quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  MAX_KEY_ID_BYTES,
  MAX_LAYOUT_BYTES,
  MAX_LAYOUT_KEYS,
  MAX_LAYOUT_STEPS,
  MAX_LAYOUT_WORDS,
  MAX_STEP_BYTES,
} from "../limits.ts";
import { readKeyObject } from "./keys.ts";
import { readRules } from "./rule.ts";
import type { Inspection, Layout, Step } from "./types.ts";

/** Reads a layout. Throws `layout/bad-document`, `shape/…`, `attestation/bad-time`. */
export function readLayout(fields: RecordShape): Layout {
  fields.member("_type");
  const readme = fields.optional("readme")?.string(MAX_LAYOUT_BYTES) ?? "";
  const time = fields.member("expires");
  const expires = time.within(() => parseTime(time.string()));
  const keys = readKeys(fields.member("keys"));
  const steps = fields.list("steps", MAX_LAYOUT_STEPS).map(readStep);
  const inspections = fields.optional("inspect")?.list(MAX_LAYOUT_STEPS).map(readInspection) ?? [];
  // Of in-toto-golang: who may sign keys of functionaries. Certificates are not read, so nobody votes by them.
  for (const name of ["rootcas", "intermediatecas"]) fields.optional(name);
  fields.done();
  if (steps.length === 0) fields.member("steps").fail("layout/bad-document", "a layout has a step at least");
  refuseTwice(fields, [...steps, ...inspections]);
  return Object.freeze({
    kind: "layout",
    readme,
    expires,
    ...keys,
    steps: Object.freeze(steps),
    inspections: Object.freeze(inspections),
  });
}

function readKeys(shape: Shape): Pick<Layout, "keys" | "subkeys" | "expiries" | "unread"> {
  const keys = new Map<string, PublicKey>();
  const subkeys = new Map<string, { readonly id: string; readonly key: PublicKey; readonly of: PublicKey }>();
  const expiries = new Map<string, number>();
  const unread = new Map<string, string>();
  for (const [id, item] of shape.table(MAX_LAYOUT_KEYS)) {
    try {
      const { key, expires, subkeys: others } = readKeyObject(item, id);
      keys.set(id, key);
      if (expires !== null) expiries.set(keyName(key), expires);
      for (const subkey of others) {
        subkeys.set(keyName(subkey.key), Object.freeze({ id: subkey.id, key: subkey.key, of: key }));
        if (subkey.expires !== null) expiries.set(keyName(subkey.key), subkey.expires);
      }
    } catch (error) {
      // A layout may list keys that nobody needs here.
      if (!(error instanceof ProtocolError) || !/^(?:key|der)\//.test(error.code)) throw error;
      unread.set(id, error.message);
    }
  }
  // A key that is listed by itself has its own vote.
  for (const key of keys.values()) subkeys.delete(keyName(key));
  return { keys, subkeys, expiries, unread };
}

function readStep(shape: Shape): Step {
  const fields = shape.record();
  assertType(fields, "step");
  // A link's file is named by the step.
  const name = readName(fields.member("name"));
  const functionaries = fields
    .optional("pubkeys")
    ?.list(MAX_LAYOUT_KEYS)
    .map((id) => id.string(MAX_KEY_ID_BYTES));
  const step: Step = {
    name,
    threshold: fields.optional("threshold")?.integer(1, Number.MAX_SAFE_INTEGER) ?? 1,
    functionaries: Object.freeze([...new Set(functionaries ?? [])]),
    expectedCommand: readWords(fields.optional("expected_command")),
    expectedMaterials: readOptionalRules(fields.optional("expected_materials")),
    expectedProducts: readOptionalRules(fields.optional("expected_products")),
  };
  fields.optional("cert_constraints");
  fields.done();
  return Object.freeze(step);
}

function readInspection(shape: Shape): Inspection {
  const fields = shape.record();
  assertType(fields, "inspection");
  const inspection: Inspection = {
    name: readName(fields.member("name")),
    run: readWords(fields.optional("run")),
    expectedMaterials: readOptionalRules(fields.optional("expected_materials")),
    expectedProducts: readOptionalRules(fields.optional("expected_products")),
  };
  fields.done();
  return Object.freeze(inspection);
}

function assertType(fields: RecordShape, due: string): void {
  fields.optional("_type")?.oneOf([due]);
}

function readName(shape: Shape): string {
  const name = shape.string(MAX_STEP_BYTES);
  return isPrintable(name) && !name.includes("/") && !name.startsWith(".")
    ? name
    : shape.fail(
        "layout/bad-document",
        "a name of one line, without / and no dot in front, expected: files are named so",
      );
}

/** in-toto-golang writes null for none. */
function readOptionalRules(shape: Shape | undefined): Step["expectedMaterials"] {
  return shape === undefined || shape.value === null ? Object.freeze([]) : readRules(shape);
}

function readWords(shape: Shape | undefined): readonly string[] {
  if (shape === undefined || shape.value === null) return Object.freeze([]);
  return Object.freeze(shape.list(MAX_LAYOUT_WORDS).map((word) => word.string(MAX_LAYOUT_BYTES)));
}

function refuseTwice(fields: RecordShape, items: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of items) {
    if (names.has(name))
      fields.shape.fail("layout/bad-document", `two steps or inspections have the name ${quote(name)}`);
    names.add(name);
  }
}
