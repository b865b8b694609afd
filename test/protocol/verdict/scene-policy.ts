/** The policy of a scene, as a file has it. */
import { NOTE_COSIGNATURE, toSpkiPem, toVkey } from "../../../protocol/crypto/index.ts";
import { signer } from "./cast.ts";
import { originOf, witnessOf } from "./feeds.ts";
import { keyOf, traitsOf } from "./words.ts";
import type { Options } from "./words.ts";

interface Told {
  readonly builders: ReadonlyMap<string, Options>;
  readonly witnesses: ReadonlyMap<string, Options>;
  readonly match: string;
  /** `name=value` of its members, with no blanks around the first `=`. */
  readonly rule: string;
  /** Exceptions and the default. */
  readonly rest: string;
}

export function writePolicy({ builders, witnesses, match, rule, rest }: Told): string {
  const named = [...builders].map(([name, options]) => {
    const keys = Array.from({ length: Number(options.get("keys") ?? 1) }, (_, index) =>
      keyOf(JSON.stringify(toSpkiPem(signer(name, index + 1).key)), index === 0 ? options : new Map()),
    );
    const feed = options.get("feed");
    const feeds = feed === undefined ? "" : `feeds = [${JSON.stringify(originOf(feed))}]\n`;
    return `[builders.${name}]\nkeys = [${keys.join(", ")}]\nroles = ["${options.get("role") ?? "rebuilder"}"]\n${feeds}${traitsOf(options)}`;
  });
  const seeing = [...witnesses].map(([name, options]) => {
    const { cosigner } = witnessOf(name);
    const operator = options.has("operator") ? `operator = "${options.get("operator")}"\n` : "";
    return `[witnesses.${name}]\nkey = "${toVkey(cosigner.name, cosigner.raw, NOTE_COSIGNATURE)}"\n${operator}`;
  });
  const members = rule.split(/\s+(?=[a-z_]+=)/).map((part) => part.replace("=", " = "));
  return `version = 1\n${named.join("")}${seeing.join("")}[[rules]]\nname = "debian"\nmatch = "${match}"\n${members.join("\n")}\n${rest}`;
}
