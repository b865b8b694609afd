/** Words of the language of scenes. */
import type { Descriptor } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { digest } from "./cast.ts";
import type { FileForm } from "../../../protocol/verdict/index.ts";
import type { Seen } from "./feeds.ts";
import { gitMaterialsOf } from "./git-words.ts";

export type Options = ReadonlyMap<string, string>;

export const DAY = 86_400_000;
const AGES: ReadonlyMap<string, number> = new Map([
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", DAY],
]);

export function optionsOf(words: readonly string[]): Options {
  return new Map(
    words.map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

export function ageOf(text: string): number {
  return Number.parseInt(text, 10) * (AGES.get(text.slice(-1)) ?? Number.NaN);
}

/** What a builder states of itself, as a policy has it. */
export function traitsOf(options: Options): string {
  return ["operator", "country", "distribution", "architecture"]
    .filter((trait) => options.has(trait))
    .map((trait) => `${trait} = "${options.get(trait)}"\n`)
    .join("");
}

/** A builder's key as a policy has it: with `revoked=2026-11-15` from then on anybody's, by the word of `by=2:w1,w2`. */
export function keyOf(key: string, options: Options): string {
  const revoked = options.get("revoked");
  if (revoked === undefined) return key;
  const [k, names = ""] = (options.get("by") ?? "").split(":");
  const of =
    names === ""
      ? ""
      : `, of = [${names
          .split(",")
          .map((name) => JSON.stringify(name))
          .join(", ")}]`;
  const by = k === "" ? "" : `, witnesses = { k = ${k}${of} }`;
  return `{ key = ${key}, revoked = "${revoked}"${by} }`;
}

/** `exception NAME until=2026-12-01 over=contradicted file=F version=2.10-3 match=pkg:deb/debian/*`, as a policy has it. */
export function exceptionOf(name: string, options: Options): string {
  const file = options.get("file");
  const lines = [
    `name = "${name}"`,
    `match = "${options.get("match") ?? "pkg:deb/debian/*"}"`,
    ...(options.has("version") ? [`version = "${options.get("version")}"`] : []),
    ...(file === undefined ? [] : [`sha256 = "${toHex(digest(file))}"`]),
    ...(options.has("over") ? [`over = "${options.get("over")}"`] : []),
    `until = "${options.get("until") ?? "2026-12-01"}"`,
    'reason = "looked at by hand"',
  ];
  return `[[exceptions]]\n${lines.join("\n")}\n`;
}

/** What `w1 saw a size=2 age=1h unjoined` says of the witness. */
export function seenBy(witness: string, options: Options): Seen {
  return {
    witness,
    size: options.has("size") ? Number(options.get("size")) : null,
    age: ageOf(options.get("age") ?? "1h"),
    joined: !options.has("unjoined"),
  };
}

/** `form F is=N`, `form F is=N whole`, `form F why=reason`: the normal form of a file that is at hand. */
export function formOf(options: Options): FileForm {
  const why = options.get("why");
  if (why !== undefined) return { why };
  return { sha256: toHex(digest(options.get("is") ?? "")), isWhole: options.has("whole") };
}

/** `inputs=I1 commit=C1 from=out/tool.exe:U,tool.cfg:C`: a .dsc, a commit, and files by their names. */
export function materialsOf(options: Options): readonly Descriptor[] {
  const from = (options.get("from") ?? "").split(",").filter((one) => one !== "");
  const none = { uri: null, sha256: null, gitCommit: null, gitTag: null };
  const inputs = options.get("inputs");
  const commit = options.get("commit");
  return [
    ...from.map((one) => ({
      ...none,
      name: one.split(":")[0] ?? "",
      sha256: digest(one.split(":")[1] ?? ""),
    })),
    ...(inputs === undefined ? [] : [{ ...none, name: "hello.dsc", sha256: digest(inputs) }]),
    ...(commit === undefined
      ? []
      : [{ ...none, name: "hello", gitCommit: toHex(digest(commit)).slice(0, 40) }]),
    ...gitMaterialsOf(options),
  ];
}
