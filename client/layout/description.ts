/** Layouts as people write them (docs/in-toto.md): TOML in, a draft out; every fault with its line and column. */
import { dirname } from "node:path";
import {
  counted,
  MAX_POLICY_BYTES,
  MAX_LAYOUT_KEYS,
  MAX_LAYOUT_STEPS,
  MAX_LAYOUT_RULES,
  ProtocolError,
  quote,
  readToml,
  record,
  sameKey,
} from "../../protocol/index.ts";
import type {
  ArtifactRule,
  Inspection,
  LayoutDraft,
  PublicKey,
  RecordShape,
  Shape,
  StepDraft,
} from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { DEFAULT_EXPIRY, majorityOf } from "./draft.ts";
import { EXPIRY_FORMS, readExpiry } from "./expiry.ts";
import { openLayoutKey } from "./keys.ts";
import { readRuleLine, wordsOf } from "./rules.ts";

/** What parts of a description refer to. */
interface Reading {
  /** Where files of keys are. */
  readonly folder: string;
  readonly named: ReadonlyMap<string, Shape>;
  /** Those of them that a step has named. */
  readonly used: Set<string>;
  readonly steps: ReadonlySet<string>;
}

/**
 * Reads a description. Keys in files are looked for beside it. Throws `layout/bad-file`, whose message begins with the place, `key/…` and
 * `input/…`.
 */
export async function readDescription(path: string, now: number): Promise<LayoutDraft> {
  const bytes = readWhole(path, MAX_POLICY_BYTES);
  try {
    const document = readToml(bytes, { maxBytes: MAX_POLICY_BYTES, name: path });
    return await readFile(record(document.value, document.place), dirname(path), now);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("layout/bad-file", `${error.message} (${error.code})`, { cause: error });
  }
}

async function readFile(file: RecordShape, folder: string, now: number): Promise<LayoutDraft> {
  const version = file.member("version");
  if (version.integer(0, Number.MAX_SAFE_INTEGER) !== 1)
    version.fail("layout/bad-document", "version 1 is read here");
  const listed = file.list("steps", MAX_LAYOUT_STEPS);
  const inspected = file.optional("inspections")?.list(MAX_LAYOUT_STEPS) ?? [];
  const named = file.optional("keys")?.table(MAX_LAYOUT_KEYS) ?? new Map<string, Shape>();
  const names = listed.map((step) => step.record().string("name"));
  refuseTwice([...listed, ...inspected]);
  const reading = { folder, named, used: new Set<string>(), steps: new Set(names) };
  const steps: StepDraft[] = [];
  for (const step of listed) steps.push(await readStep(step, reading));
  for (const [name, shape] of named)
    if (!reading.used.has(name)) shape.fail("layout/bad-document", "no step has this key");
  const draft = {
    readme: file.optional("readme")?.string() ?? "",
    expires: expiryOf(file.optional("expires"), now),
    steps,
    inspections: inspected.map((shape) => readInspection(shape, reading)),
  };
  file.done();
  return draft;
}

/** Steps and inspections are told apart by their names. */
function refuseTwice(shapes: readonly Shape[]): void {
  const names = new Set<string>();
  for (const shape of shapes) {
    const name = shape.record().member("name");
    if (names.has(name.string()))
      name.fail(
        "layout/bad-document",
        `another step or inspection is called ${quote(name.string())} already`,
      );
    names.add(name.string());
  }
}

function expiryOf(shape: Shape | undefined, now: number): number {
  const text = shape?.string() ?? DEFAULT_EXPIRY;
  return (
    readExpiry(text, now) ??
    shape?.fail("layout/bad-document", `${quote(text)}: ${EXPIRY_FORMS} expected`) ??
    now
  );
}

async function readStep(shape: Shape, reading: Reading): Promise<StepDraft> {
  const step = shape.record();
  const functionaries: PublicKey[] = [];
  for (const shape of step.list("keys", MAX_LAYOUT_KEYS)) {
    const key = await keyOf(shape, reading);
    if (functionaries.some((one) => sameKey(one, key)))
      shape.fail("layout/bad-document", "this step has this key already: one key is one vote");
    functionaries.push(key);
  }
  const draft = {
    name: step.string("name"),
    functionaries,
    threshold: thresholdOf(step.optional("threshold"), functionaries.length),
    expectedCommand: commandOf(step.optional("command")),
    expectedMaterials: rulesOf(step.optional("materials"), reading),
    expectedProducts: rulesOf(step.optional("products"), reading),
  };
  step.done();
  return draft;
}

function readInspection(shape: Shape, reading: Reading): Inspection {
  const inspection = shape.record();
  const read = {
    name: inspection.string("name"),
    run: commandOf(inspection.member("run")),
    expectedMaterials: rulesOf(inspection.optional("materials"), reading),
    expectedProducts: rulesOf(inspection.optional("products"), reading),
  };
  inspection.done();
  return read;
}

/** A key that the file names in its table, or that the text names. */
async function keyOf(shape: Shape, { folder, named, used }: Reading): Promise<PublicKey> {
  const known = named.get(shape.string());
  if (known !== undefined) used.add(shape.string());
  const said = known ?? shape;
  try {
    return await openLayoutKey(said.string(), folder);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new ClientError(error.code, `${said.where}: ${error.message}`, { cause: error });
  }
}

function thresholdOf(shape: Shape | undefined, keys: number): number {
  const threshold = shape?.integer(1, MAX_LAYOUT_KEYS) ?? majorityOf(keys);
  if (shape !== undefined && threshold > keys)
    shape.fail(
      "layout/bad-document",
      `${threshold} of ${counted(keys, "key")}: nobody could ever do this step`,
    );
  return threshold;
}

function rulesOf(shape: Shape | undefined, { steps }: Reading): readonly ArtifactRule[] {
  return (shape?.list(MAX_LAYOUT_RULES) ?? []).map((line) => {
    const rule = readRuleLine(line);
    if (rule.kind === "match" && !steps.has(rule.step))
      line.fail("layout/bad-document", `there is no step ${quote(rule.step)}`);
    return rule;
  });
}

function commandOf(shape: Shape | undefined): readonly string[] {
  return shape === undefined ? [] : wordsOf(shape);
}
