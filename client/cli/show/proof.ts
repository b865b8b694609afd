import {
  counted,
  ed25519Key,
  ProtocolError,
  readTlogProof,
  verifyEntryUnder,
} from "../../../protocol/index.ts";
import { showAttestation } from "./attestation.ts";
import { headOf, showCheckpoint } from "./checkpoint.ts";
import type { KnownKey, Shown } from "./shown.ts";

/**
 * A `.tlog-proof` file: that an entry stands in a feed, and what the entry says where the file holds it. Throws `proof/…`, `tree/…`,
 * `checkpoint/…`.
 */
export async function showProof(bytes: Uint8Array, keys: readonly KnownKey[]): Promise<Shown> {
  const { index, extra, path, checkpoint } = readTlogProof(bytes);
  const under = showCheckpoint(checkpoint);
  const facts = [
    `proof that an entry is number ${index}, by ${counted(path.length, "hash")}, under:`,
    ...under.facts,
  ];
  const head = headOf(checkpoint);
  if (head === null || extra === null) {
    const { proven, notProven } = under;
    return {
      kind: "proof",
      facts,
      proven,
      notProven: ["which entry it is about: it holds none itself.", ...notProven],
    };
  }
  verifyEntryUnder(head, extra, index, path);
  const own = { name: "the feed's own key", key: ed25519Key(head.key) };
  const entry = await showEntry(extra, [...keys, own]);
  return {
    kind: "proof",
    facts: [...facts, ...entry.facts],
    proven: [
      ...under.proven,
      `the entry in its extra line (${extra.length} octets) is number ${index} of the feed.`,
      ...entry.proven,
    ],
    notProven: [...entry.notProven, ...under.notProven],
  };
}

async function showEntry(entry: Uint8Array, keys: readonly KnownKey[]): Promise<Omit<Shown, "kind">> {
  try {
    return await showAttestation(entry, keys, { published: true });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return {
      facts: [`  the entry is no attestation: ${error.message} (${error.code})`],
      proven: [],
      notProven: [],
    };
  }
}
