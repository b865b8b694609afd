/** Whether a file is what apt takes it for. */
import { debTarget, parsePurl } from "../../protocol/index.ts";
import type { AptAction } from "./apt-input.ts";
import type { Held } from "./held.ts";

/**
 * The file, and what speaks against it beside what its own data say: apt chose a version by its lists, and hands over a file that says inside
 * that it is another one.
 */
export function asApt(held: Held, { as }: Extract<AptAction, { readonly kind: "unpack" }>): Held {
  const { target } = held.artifact;
  if (target === null || as === null || held.unfit !== null) return held;
  const { namespace, qualifiers } = parsePurl(target.purl);
  const arch = as.to.arch ?? qualifiers.get("arch") ?? "";
  const expected = debTarget({ namespace: namespace ?? "", name: as.name, version: as.to.version, arch });
  if (expected.purl === target.purl) return held;
  const unfit = `${held.path}: apt installs it as ${expected.purl}, but inside it says ${target.purl}; do not install it before you know why`;
  return { ...held, unfit };
}
