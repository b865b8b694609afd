/** Whether a file is what apt takes it for. */
import { debTarget, parsePurl, tried } from "../../protocol/index.ts";
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
  const parts = { namespace: namespace ?? "", name: as.name, version: as.to.version, arch };
  const expected = tried(() => debTarget(parts))?.purl;
  if (expected === target.purl) return held;
  const words = expected ?? `${as.name} ${as.to.version} ${arch}`;
  const unfit = `${held.path}: apt installs it as ${words}, but inside it says ${target.purl}; do not install it before you know why`;
  return { ...held, unfit };
}
