/** Who signs heads over leaves that it never signed is found out by every follower's own audit, also where nobody asks for them (RULES R9). */
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import { checkEvidenceSync } from "../../../protocol/evidence/index.ts";
import { AUDIT_ENTRIES_PER_SECOND } from "../../../protocol/limits.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Publisher } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { linksOf } from "./growth.ts";
import { honestGoOn } from "./liars.ts";
import type { Facts } from "./scenario.ts";

/** The liar's key, and the leaf that it did not sign. */
const LIAR = 99;
const FORGED = 5_000;
/** Entries that it shows first, and entries of the honest feed. */
const FIRST = 3_000;
const HONEST = 40;
/** ms that so many entries take, with some to spare. */
const MS_AN_ENTRY: number = 1_000 / AUDIT_ENTRIES_PER_SECOND;

/** Attestations of a distribution, signed once a process: every run has the same. */
let signed: readonly Uint8Array[] = [];

function entriesOfLiar(): readonly Uint8Array[] {
  const [owner, forger] = [new Builder(LIAR), new Builder(LIAR + 1)];
  if (signed.length === 0)
    signed = Array.from({ length: FORGED + 1 }, (_, i) =>
      i === FORGED
        ? forger.link(packageNumber(1_000 + i), "bits", { keyid: keyIdPlain(owner.key) })
        : owner.link(packageNumber(1_000 + i), "bits"),
    );
  return signed;
}

/** A long feed whose last leaf is forged, beside an honest one; one follower is started anew half-way, and goes on where it was. */
export function audit(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, Math.min(size, 3), 1);
  const [honest] = mesh.publishers;
  if (honest === undefined) throw new Error("a publisher expected");
  mesh.publish(honest.peer, ...linksOf(honest, 0, HONEST));
  const feed = new MemoryFeed(LIAR, NETWORK).append(...entriesOfLiar().slice(0, FIRST));
  const liar = new Publisher(mesh.world, "forger", feed);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  liar.publish();
  // The honest publisher does not audit its own.
  const auditors = mesh.holders.map((peer) => ({ peer, honest: peer === honest.peer ? 0 : HONEST }));
  const audited = (count: number): void => {
    for (const { peer, honest: own } of auditors) {
      const view = mesh.status(peer).audit;
      mesh.expect(
        view.left === 0 && view.audited === count + own,
        `${peer.name} has looked at ${count + own} entries (${view.audited}, ${view.left} left)`,
      );
    }
  };
  mesh.world.run(FIRST * MS_AN_ENTRY + 120_000);
  audited(FIRST);
  mesh.expect(
    mesh.holders.every(({ findings }) => findings.length === 0),
    "there is nothing to find yet",
  );
  restart(mesh, mesh.holders.at(-1) ?? honest.peer);
  audited(FIRST);
  feed.append(...entriesOfLiar().slice(FIRST));
  liar.publish();
  mesh.world.run((FORGED - FIRST) * MS_AN_ENTRY + 120_000);
  audited(FORGED);
  for (const { peer } of auditors) {
    const [finding] = peer.findings;
    const evidence = checkEvidenceSync(finding?.evidence ?? new Uint8Array(0));
    mesh.expect(
      peer.findings.length === 1 && evidence.kind === "bad-leaf" && evidence.leaf.index === FORGED,
      `${peer.name} finds the forged leaf and nothing else`,
    );
  }
  honestGoOn(mesh);
  return { mesh, facts: {} };
}

/** Stopped and started in good order: the disk holds all that was written. */
function restart(mesh: Mesh, peer: EnginePeer): void {
  const store = peer.disk.store.copy();
  peer.crash();
  peer.disk.restore(store);
  mesh.start(peer);
}
