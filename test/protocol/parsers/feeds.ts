/** Parsers of what feeds are made of. */
import * as core from "../../../protocol/index.ts";
import { json, octets, onText } from "./parser.ts";
import type { Parser } from "./parser.ts";

const { fromUtf8, utf8 } = core;
const seed = new Uint8Array(32).fill(1);
const checkpoints: { code: string | null; note: string }[] = json("feed/checkpoints.json")["checkpoints"];
const proofs: { code: string | null; proof: string }[] = json("feed/proofs.json")["proofs"];

const requests: { body: string }[] = json("tlog/witness/add-checkpoint.json")["requests"];
const REQUESTS: readonly Uint8Array[] = requests.map(({ body }) => utf8(body));

export const NOTES: readonly Uint8Array[] = checkpoints
  .filter(({ code }) => code === null)
  .map(({ note }) => utf8(note));
export const PROOFS: readonly Uint8Array[] = proofs
  .filter(({ code }) => code === null)
  .map(({ proof }) => utf8(proof));

/** A good head with the line of one witness. */
const COSIGNED: readonly Uint8Array[] = NOTES.slice(0, 1).map((note) => {
  const head = core.verifyCheckpoint(note, "test");
  const witness = {
    name: core.witnessName("test", core.publicFromSeed(seed)),
    raw: core.publicFromSeed(seed),
  };
  const signature = core.signDomain(seed, core.cosignatureMessage(1_767_225_600, core.headBody(head)));
  return core.withSignatureLine(
    core.onlyOwnLine(head),
    core.cosignatureLine(witness, 1_767_225_600, signature),
  );
});

export const OF_FEEDS: readonly Parser[] = [
  {
    name: "readRange",
    codes: ["tree/bad-frontier"],
    read: core.readRange,
    again: core.writeRange,
    samples: [
      core.writeRange(
        core.appendLeaves(
          core.emptyRange,
          Array.from({ length: 7 }, () => seed),
        ),
      ),
    ],
  },
  {
    name: "readTile",
    codes: ["tile/bad-width"],
    read: (bytes) => core.readTile(bytes),
    again: (hashes: Uint8Array[]) => core.concat(...hashes),
    samples: [octets("tlog/tiles-15/tile/0/000.p/5")],
    limit: [8_192, "tile/bad-width"],
  },
  {
    name: "readBundle",
    codes: ["bundle/"],
    read: (bytes) => core.readBundle(bytes),
    again: core.writeBundle,
    samples: [octets("tlog/tiles-15/tile/entries/000.p/5")],
  },
  {
    name: "parseNote",
    codes: ["note/"],
    read: core.parseNote,
    again: ({ text, signatures }: core.Note) => core.writeNote(text, signatures),
    samples: NOTES,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseSignatureLine",
    codes: ["note/malformed"],
    read: onText(core.parseSignatureLine),
    again: (line: core.NoteSignature) => utf8(core.writeSignatureLine(line)),
    samples: [
      utf8(core.writeSignatureLine({ name: "a.example", keyId4: seed.slice(0, 4), signature: seed })),
    ],
  },
  {
    name: "parseCheckpoint",
    codes: ["note/", "checkpoint/malformed"],
    read: core.parseCheckpoint,
    again: ({ body, signatures }: core.Checkpoint) => core.writeNote(fromUtf8(body), signatures),
    samples: [...NOTES, octets("tlog/tiles-300/witness-checkpoint-ct-and-cosig.txt")],
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseCheckpointBody",
    codes: ["checkpoint/malformed"],
    read: onText(core.parseCheckpointBody),
    samples: NOTES.map((note) => core.parseCheckpoint(note).body),
  },
  {
    name: "verifyCheckpoint",
    codes: ["note/", "checkpoint/", "cosignature/"],
    read: (bytes) => core.verifyCheckpoint(bytes, "test"),
    again: ({ note }: core.SignedHead) => note,
    samples: NOTES,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "verifyHead",
    codes: ["note/", "checkpoint/", "cosignature/"],
    read: core.verifyHead,
    again: ({ note }: core.SignedHead) => note,
    samples: NOTES,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseOrigin",
    codes: ["checkpoint/bad-origin"],
    read: onText(core.parseOrigin),
    again: ({ network, key }: core.OriginParts) => utf8(core.origin(network, key)),
    samples: [utf8(core.origin("main", core.publicFromSeed(seed)))],
  },
  {
    name: "parseTilePath",
    codes: ["tile/bad-path"],
    read: onText(core.parseTilePath),
    again: ({ level, index, width }: core.TileId) => utf8(core.tilePath(level, index, width)),
    samples: ["tile/0/000", "tile/3/x001/x234/067.p/12"].map(utf8),
    limit: [core.MAX_TILE_PATH_CHARS, "tile/bad-path"],
  },
  {
    name: "parseEntriesPath",
    codes: ["tile/bad-path"],
    read: onText(core.parseEntriesPath),
    again: ({ index, count }: core.BundleId) => utf8(core.entriesPath(index, count)),
    samples: ["tile/entries/000", "tile/entries/x001/067.p/1"].map(utf8),
    limit: [core.MAX_TILE_PATH_CHARS, "tile/bad-path"],
  },
  {
    name: "readAddCheckpoint",
    codes: ["witness/malformed", "checkpoint/malformed"],
    read: core.readAddCheckpoint,
    again: ({ old, proof, bytes }: core.AddCheckpoint) =>
      core.concat(utf8(`old ${old}\n${proof.map((hash) => `${core.toBase64(hash)}\n`).join("")}\n`), bytes),
    samples: REQUESTS,
    limit: [core.MAX_WITNESS_REQUEST_BYTES, "witness/malformed"],
  },
  {
    name: "parseCosigned",
    codes: ["note/", "checkpoint/malformed", "cosignature/not-one"],
    read: core.parseCosigned,
    again: ({ checkpoint }: core.CosignedNote) => checkpoint.note,
    samples: COSIGNED,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "readCosigned",
    codes: ["note/", "checkpoint/malformed", "cosignature/not-one", "cosignature/bad-file"],
    read: core.readCosigned,
    again: (notes: readonly core.CosignedNote[]) =>
      core.writeCosigned(notes.map(({ checkpoint }) => checkpoint.note)) ?? new Uint8Array(),
    samples: [core.writeCosigned(COSIGNED) ?? new Uint8Array()],
    limit: [core.MAX_COSIGNED_BYTES, "cosignature/bad-file"],
  },
  {
    name: "readCosignatureLine",
    codes: ["note/malformed", "cosignature/malformed"],
    read: onText((text) => {
      const line = core.parseSignatureLine(text);
      return { line, ...core.readCosignatureLine(line) };
    }),
    again: ({ line, time, signature }: { line: core.NoteSignature; time: number; signature: Uint8Array }) =>
      utf8(core.writeSignatureLine({ ...line, signature: core.concat(core.u64be(time), signature) })),
    samples: COSIGNED.map((note) => utf8(core.writeSignatureLine(core.parseCosigned(note).line))),
  },
  {
    name: "readTlogProof",
    codes: ["proof/"],
    read: core.readTlogProof,
    again: core.writeTlogProof,
    samples: PROOFS,
    limit: [core.MAX_TLOG_PROOF_BYTES, "proof/too-big"],
  },
];
