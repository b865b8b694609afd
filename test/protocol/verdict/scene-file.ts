/** What the file of a scene is. */
import { debTarget, parseTarget } from "../../../protocol/attestation/index.ts";
import type { Artifact } from "../../../protocol/verdict/index.ts";
import { HELLO } from "./cast.ts";
import type { Options } from "./words.ts";

const HELLO_PARTS = { namespace: "debian", name: "hello", version: "2.10-3", arch: "amd64" };
/** What a file may turn out to be instead. */
const OTHERS: ReadonlyMap<string, Partial<typeof HELLO_PARTS>> = new Map([
  ["older", { version: "2.10-2" }],
  ["arm64", { arch: "arm64" }],
  ["hello-dbgsym", { name: "hello-dbgsym" }],
]);

/** `file purl=… file=…`, `file target=none`, `file inside=older`. */
export function fileOf(options: Options): Partial<Artifact> {
  const purl = options.get("purl");
  const target = purl === undefined ? undefined : parseTarget(purl, options.get("file") ?? HELLO.file);
  const inside = options.get("inside");
  return {
    ...(target === undefined ? {} : { target, inside: target, name: target.file }),
    ...(options.get("target") === "none" ? { target: null, inside: null } : {}),
    ...(inside === "none" ? { inside: null } : {}),
    ...(OTHERS.has(inside ?? "")
      ? { inside: debTarget({ ...HELLO_PARTS, ...OTHERS.get(inside ?? "") }) }
      : {}),
  };
}
