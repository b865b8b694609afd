/** Nothing that the honest ever signed, put together in whatever way, accuses them (I3). */
import { fromUtf8, jsonObject, toBase64, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import { proveContradiction, writeEvidence } from "../../../protocol/evidence/index.ts";
import { writeEvidenceNotice } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Accuser } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import { honestGoOn } from "./liars.ts";
import type { Facts } from "./scenario.ts";

const TARGET = packageNumber(4);

/** A builder that took a result back and published another one can't be made to look like a liar. */
export function framing(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [honest] = mesh.publishers;
  if (!honest?.builder) throw new Error("a publisher expected");
  const { builder, peer } = honest;
  const first = builder.verified(builder.link(TARGET, "bits of a broken machine"));
  const second = builder.verified(builder.link(TARGET, "bits"));
  const entries = [first.bytes, builder.retraction(TARGET, [first.id]), second.bytes];
  for (const entry of entries) mesh.publish(peer, entry);
  mesh.eventually("all hold all", 20_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  const evidence = proveContradiction(first, second, TARGET.key, []);
  if (evidence === null) throw new Error("without its retraction this would be a contradiction");

  const feed = new MemoryFeed(builder.seed[0] ?? 0, NETWORK).append(...entries);
  const accusations = [
    writeEvidenceNotice({ evidence: writeEvidence(evidence) }),
    ...forgedForks(feed).map((bytes) => writeEvidenceNotice({ evidence: bytes })),
    writeEvidenceNotice({ evidence: forgedBadLeaf(feed) }),
  ];
  for (const [number, accusation] of accusations.entries()) {
    const accuser = new Accuser(mesh.world, `accuser-${number}`);
    for (const { name } of mesh.holders) mesh.world.connect(accuser.name, name);
    accuser.say("evidence", accusation);
    mesh.world.run(1_000);
  }
  replay(mesh, feed);
  honestGoOn(mesh);
  return { mesh, facts: { accusations: accusations.length } };
}

/** Forks made of honest heads, with proofs that don't hold. */
function forgedForks(feed: MemoryFeed): Uint8Array[] {
  const note = (size: number): string => fromUtf8(feed.note(size));
  const proof = feed.consistency(1, 3).map(toBase64);
  const fork = (
    members: Readonly<Record<string, string | ReadonlyMap<string, string | string[]>>>,
  ): Uint8Array => writeJson(jsonObject({ samebits: 1, type: "evidence", kind: "fork", ...members }));
  return [
    fork({ a: note(3), b: note(3) }),
    fork({ a: note(1), b: note(3) }),
    fork({
      a: note(1),
      b: note(3),
      join: jsonObject({ root: toBase64(feed.root(2)), proof }) as ReadonlyMap<string, string | string[]>,
    }),
    fork({
      a: note(1),
      b: note(3),
      join: jsonObject({ root: toBase64(feed.root(1)), proof }) as ReadonlyMap<string, string | string[]>,
    }),
  ];
}

/** Somebody else's envelope under the honest key id, said to stand in the honest feed. */
function forgedBadLeaf(feed: MemoryFeed): Uint8Array {
  const owner = new Builder(feed.seed[0] ?? 0);
  const entry = new Builder(98).link(TARGET, "forged", { keyid: keyIdPlain(owner.key) });
  return writeJson(
    jsonObject({
      samebits: 1,
      type: "evidence",
      kind: "bad-leaf",
      checkpoint: fromUtf8(feed.note(3)),
      index: 1,
      entry: toBase64(entry),
      path: feed.inclusion(1, 3).map(toBase64),
    }),
  );
}

/** Old heads and updates again, also with tails that don't belong to them. */
function replay(mesh: Mesh, feed: MemoryFeed): void {
  const replayer = new Accuser(mesh.world, "replayer");
  for (const { name } of mesh.holders) mesh.world.connect(replayer.name, name);
  for (const size of [1, 2, 3])
    for (let from = 0; from <= size; from++) replayer.say("feeds", feed.branch(size).update(from));
  replayer.say("feeds", utf8("not even a frame"));
  mesh.world.run(2_000);
}
