/** Reports of matters for the tests of alerts. */
import { AlertBook, sha256, sha256Hex, signerOf, utf8 } from "../../../protocol/index.ts";
import type { AlertTarget, Matter, Voice } from "../../../protocol/index.ts";

/** A key by a name. */
export function keyOf(name: string): Uint8Array {
  return sha256(utf8(`key of ${name}`));
}

export function targetOf(name: string): AlertTarget {
  const purl = `pkg:deb/debian/${name}@1.0-1?arch=amd64`;
  return { purl, file: `${name}_1.0-1_amd64.deb`, key: sha256Hex(utf8(purl)) };
}

export function voice(name: string, result: string, withdrawn: boolean = false): Voice {
  return { signer: signerOf(keyOf(name)), sha256: sha256Hex(utf8(result)), withdrawn };
}

/** A contradiction between alice and bob over the package `hello`, unless it is said otherwise. */
export function aMatter(changes: Partial<Matter> = {}): Matter {
  const keys = changes.keys ?? [keyOf("alice"), keyOf("bob")];
  return {
    kind: "contradiction",
    id: sha256Hex(utf8(`finding ${keys.map(signerOf).join(" ")} ${changes.number ?? 1}`)),
    number: 1,
    keys,
    target: targetOf("hello"),
    step: "rebuild",
    time: 1_000,
    difference: false,
    voices: [voice("alice", "these"), voice("bob", "those")],
    ended: false,
    ...changes,
  };
}

/** A report about one feed. */
export function aFeedMatter(kind: Matter["kind"], of: string, changes: Partial<Matter> = {}): Matter {
  return aMatter({ kind, keys: [keyOf(of)], target: null, step: null, voices: [], ...changes });
}

/** A book to which so many packages were contradicted at once. */
export function stormy(count: number, now: number = 1_000): AlertBook {
  const book = new AlertBook();
  for (let i = 1; i <= count; i++)
    book.update(aMatter({ number: i, target: targetOf(`p${i}`) }), { policy: null, now });
  return book;
}
