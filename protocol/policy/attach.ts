/** Layouts beside a policy: read, their owners' signatures checked, and their functionaries heard as builders. */
import { compareCodePoints, counted } from "../bytes/index.ts";
import { ed25519Key, guiseName, keyIdKha, keyName, sameKey, sha256Hex } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { checkSigners, keysOf, parseDocument } from "../intoto/index.ts";
import type { Document, Layout } from "../intoto/index.ts";
import { MAX_POLICY_FUNCTIONARIES } from "../limits.ts";
import type { Builder, FoundLayout, Policy, PolicyLayout, Rule } from "./types.ts";

/** Of a key id: enough to tell functionaries apart. */
const SHOWN_DIGITS = 8;
const NO_TRAITS: Builder["traits"] = Object.freeze({ country: null, distribution: null, architecture: null });

/** Finds a layout's octets by the name that the policy has for its file; null = it is not there. */
export type ReadLayoutFile = (file: string) => Uint8Array | null;

/**
 * The policy with its layouts. Whoever has a functionary's key in the policy stands for it under its own name, else it is a builder of its own,
 * `LAYOUT:KEYID8`. What can't be used of a layout is part of the policy, so that other rules go on: a rule by it lets nothing by.
 */
export async function attachLayouts(policy: Policy, read: ReadLayoutFile): Promise<Policy> {
  if (policy.layouts.size === 0) return policy;
  const cast = new Cast(policy);
  const layouts = new Map<string, PolicyLayout>();
  const steps = new Map<string, StepsOfLayout>();
  for (const layout of policy.layouts.values()) {
    const bytes = read(layout.file);
    const found: FoundLayout = bytes === null ? { kind: "absent" } : await findIn(bytes, layout, cast);
    const attached: PolicyLayout = Object.freeze({ ...layout, found: Object.freeze(found) });
    layouts.set(layout.name, attached);
    steps.set(layout.name, cast.stepsIn(attached));
  }
  const withLayout = (rule: Rule): Rule => {
    const layout = rule.layout === null ? undefined : layouts.get(rule.layout.name);
    if (layout === undefined) return rule;
    return Object.freeze({ ...rule, layout, ...steps.get(layout.name) });
  };
  return Object.freeze({
    ...policy,
    builders: cast.builders,
    layouts,
    rules: Object.freeze(policy.rules.map(withLayout)),
    whole: policy.whole === null ? null : withLayout(policy.whole),
  });
}

type StepsOfLayout = Pick<Rule, "steps" | "counted">;

async function findIn(bytes: Uint8Array, layout: PolicyLayout, cast: Cast): Promise<FoundLayout> {
  const sha256 = sha256Hex(bytes);
  try {
    const document = parseDocument(bytes);
    if (document.content.kind !== "layout")
      throw new ProtocolError("layout/bad-document", "it is a link, and no layout");
    const { keys, k } = layout.owners;
    const signed = await checkSigners(document, keys, { label: layout.file, step: null, folder: null });
    if (signed.signers.length < k)
      throw new ProtocolError(
        "layout/bad-signature",
        `${signed.signers.length} of ${counted(k, "owner")} needed have signed it`,
      );
    cast.admit(layout, document);
    return { kind: "good", sha256, signed };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: "bad", sha256, code: error.code, message: `${layout.file}: ${error.message}` };
  }
}

/** Who is heard: the policy's own builders, then functionaries. */
class Cast {
  readonly builders: Map<string, Builder>;
  /** By SPKI, in hex. */
  readonly #names = new Map<string, string>();
  /** By SPKI too. */
  readonly #witnesses: ReadonlyMap<string, string>;

  constructor({ builders, witnesses }: Policy) {
    this.builders = new Map(builders);
    for (const { name, keys } of builders.values()) {
      for (const key of keys) this.#names.set(keyName(key), name);
    }
    this.#witnesses = new Map(
      [...witnesses.values()].map(({ name, cosigner }) => [keyName(ed25519Key(cosigner.raw)), name]),
    );
  }

  /** All of a layout's functionaries, or none. Throws `policy/shared-key`, `policy/too-complex`. */
  admit(layout: PolicyLayout, document: Document): void {
    const keys = inOrderOfSteps(document);
    for (const key of keys) {
      const witness = this.#witnesses.get(keyName(key));
      if (witness !== undefined)
        throw new ProtocolError(
          "policy/shared-key",
          `the witness ${witness} and a functionary have a key in common; a witness key is used for nothing else`,
        );
    }
    const unknown = keys.filter((key) => !this.#names.has(keyName(key)));
    if (this.builders.size + unknown.length > MAX_POLICY_FUNCTIONARIES)
      throw new ProtocolError(
        "policy/too-complex",
        `with its functionaries the policy has more than ${MAX_POLICY_FUNCTIONARIES} builders`,
      );
    const subkeys = document.content.kind === "layout" ? [...document.content.subkeys.values()] : [];
    const isSubkey = (key: PublicKey): boolean => subkeys.some((one) => sameKey(one.key, key));
    for (const key of unknown.filter((one) => !isSubkey(one))) {
      if (this.#names.has(keyName(key))) continue;
      const guises = unknown.filter((one) => one !== key && keyName(one) === keyName(key));
      const all = [key, ...guises];
      const own = subkeys.filter(({ of }) => all.some((one) => sameKey(of, one))).map((one) => one.key);
      this.#add(layout, [key, ...guises, ...own.filter((one) => unknown.includes(one))]);
    }
    // Of a key that the policy gives to a builder: a layout's owners give it no further ones, which would vote in other rules too.
    for (const key of unknown) if (!this.#names.has(keyName(key))) this.#add(layout, [key]);
  }

  /** Who may do which step; nobody does where the layout can't be used. */
  stepsIn({ found }: PolicyLayout): StepsOfLayout {
    const counted = new Map<string, readonly string[]>();
    if (found.kind !== "good" || found.signed.document.content.kind !== "layout")
      return { steps: Object.freeze([]), counted };
    const { steps, keys }: Layout = found.signed.document.content;
    for (const { name, functionaries } of steps) {
      for (const id of functionaries) {
        const key = keys.get(id);
        const builder = key === undefined ? undefined : this.#names.get(keyName(key));
        if (builder === undefined) continue;
        const known = counted.get(builder) ?? [];
        if (!known.includes(name)) counted.set(builder, Object.freeze([...known, name]));
      }
    }
    return { steps: Object.freeze(steps.map(({ name }) => name)), counted };
  }

  #add({ name: layout }: PolicyLayout, keys: readonly [PublicKey, ...PublicKey[]]): void {
    const id = keyIdKha(keys[0]);
    const short = `${layout}:${id.slice(0, SHOWN_DIGITS)}`;
    const name = this.builders.has(short) ? `${layout}:${id}` : short;
    for (const key of keys) this.#names.set(keyName(key), name);
    this.builders.set(
      name,
      Object.freeze({
        name,
        keys: Object.freeze(keys),
        revoked: Object.freeze([]),
        operator: name,
        roles: Object.freeze([]),
        traits: NO_TRAITS,
        feeds: Object.freeze([]),
      }),
    );
  }
}

/** The keys of functionaries, as the steps name them; then those of nobody's step. */
function inOrderOfSteps(document: Document): readonly PublicKey[] {
  const { content } = document;
  if (content.kind === "link") return [];
  const named = content.steps.flatMap(({ functionaries }) =>
    functionaries.flatMap((id) => content.keys.get(id) ?? []),
  );
  return [...new Map([...named, ...keysOf(document)].map((key) => [guiseName(key), key])).values()];
}

/** Names of files that the layouts of a policy are in, each once. */
export function layoutFilesOf({ layouts }: Policy): readonly string[] {
  return [...new Set([...layouts.values()].map(({ file }) => file))].toSorted(compareCodePoints);
}
