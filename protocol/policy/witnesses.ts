/** `[witnesses.NAME]` of a policy, and how many of them a rule asks for. */
import { isJsonArray, quote, reading } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { ed25519Key, keyName, parseVkey } from "../crypto/index.ts";
import { MAX_PINNED_WITNESSES } from "../limits.ts";
import { assertLabel } from "./labels.ts";
import type { Witness, WitnessQuorum } from "./types.ts";

/** One witness: its verifier key, as it hands it out, and who runs it. Throws `policy/bad-key`. */
export function readWitness(fields: RecordShape, name: string): Witness {
  const key = fields.member("key");
  const operator = fields.optional("operator");
  if (operator !== undefined) assertLabel(operator);
  const { name: signs, raw } = readKey(key);
  fields.done();
  return Object.freeze({
    name,
    cosigner: Object.freeze({ name: signs, raw }),
    operator: operator?.string() ?? name,
  });
}

/** A witness key is used for nothing else (RULES R2): `holders` has the key materials read so far, of builders too, and whose they are. */
export function refuseUsedKey(shape: Shape, { name, cosigner }: Witness, holders: Map<string, string>): void {
  const material = keyName(ed25519Key(cosigner.raw));
  const holder = holders.get(material);
  if (holder !== undefined)
    shape.fail(
      "policy/shared-key",
      `${name} and ${holder} have a key in common; a witness key is used for nothing else`,
    );
  holders.set(material, name);
}

/** `{ k = 2, of = [ … ] }`, `of` left out for all witnesses of the policy. An operator counts once. Throws `policy/never-met`, `policy/unknown-name`, `policy/duplicate-name`. */
export function readQuorum(fields: RecordShape, witnesses: ReadonlyMap<string, Witness>): WitnessQuorum {
  const k = fields.integer("k", 1, MAX_PINNED_WITNESSES);
  const of = fields.optional("of");
  fields.done();
  const chosen = of === undefined ? [...witnesses.values()] : readNames(of, witnesses);
  const operators = new Set(chosen.map(({ operator }) => operator));
  if (operators.size < k) {
    fields.shape.fail(
      "policy/never-met",
      `${k} witnesses are asked for, and those named have ${operators.size} different operators, each of which counts once`,
    );
  }
  return Object.freeze({ k, of: Object.freeze(chosen) });
}

/** More than half of the operators of all witnesses, so that no two such quorums can be told two things; null where there are none. */
export function majorityOf(witnesses: ReadonlyMap<string, Witness>): WitnessQuorum | null {
  const of = Object.freeze([...witnesses.values()]);
  const operators = new Set(of.map(({ operator }) => operator)).size;
  return operators === 0 ? null : Object.freeze({ k: Math.floor(operators / 2) + 1, of });
}

function readNames(of: Shape, witnesses: ReadonlyMap<string, Witness>): readonly Witness[] {
  if (!isJsonArray(of.value)) of.fail("policy/bad-group", "a list of witnesses is expected: [ … ]");
  const chosen = new Map<string, Witness>();
  for (const item of of.list(MAX_PINNED_WITNESSES)) {
    const name = item.string();
    const witness = witnesses.get(name);
    if (witness === undefined)
      return item.fail("policy/unknown-name", `${quote(name)} is no witness of this policy`);
    if (chosen.has(name)) item.fail("policy/duplicate-name", `${quote(name)} is listed twice`);
    chosen.set(name, witness);
  }
  return [...chosen.values()];
}

function readKey(shape: Shape): { readonly name: string; readonly raw: Uint8Array } {
  return reading(
    "policy/bad-key",
    () => shape.where,
    () => parseVkey(shape.string().trim()),
  );
}
