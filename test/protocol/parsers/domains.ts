/** Parsers of trust domains: each document on the chain that the last sample of the one before begins. */
import * as core from "../../../protocol/index.ts";
import { delegationTo, owner, rootOf, signedBy, targetsOf } from "../trust/domains.ts";
import { octets, onText } from "./parser.ts";
import type { Parser } from "./parser.ts";

const [alice, bob] = [owner(1), owner(2)];
const FIRST = signedBy(rootOf(1, [alice, bob], 2), "root", alice, bob);
const SECOND = signedBy(rootOf(2, [alice], 1), "root", alice, bob);
const OTHER = signedBy(rootOf(2, [alice, bob], 1), "root", alice, bob);
const PIN = core.fingerprintOf(FIRST);
const ROOT = core.firstRoot(FIRST, PIN);
const file = { path: "policy.toml", length: 1, sha256: core.sha256(FIRST) };
const TARGETS = signedBy(
  targetsOf(1, { files: [file], delegations: [delegationTo("debian", bob)] }),
  "targets",
  alice,
);
const DELEGATED = signedBy(
  targetsOf(1, { files: [{ ...file, path: "debian/policy.toml" }] }),
  "targets",
  bob,
);

const OF_METADATA = ["bytes/", "json/", "shape/", "attestation/bad-time", "trust/"];
/** Keys of documents that somebody changed. */
const OF_KEYS = [...OF_METADATA, "key/"];

export const OF_DOMAINS: readonly Parser[] = [
  {
    name: "readMetadata",
    codes: OF_METADATA,
    read: (bytes) => core.readMetadata(bytes, "root", core.MAX_ROOT_BYTES),
    samples: [octets("tuf-root/1.root.json"), octets("tuf-root/2.root.BAD-only-new-keys.json")],
    limit: [core.MAX_ROOT_BYTES, "bytes/too-big"],
    json: true,
  },
  {
    name: "parseFingerprint",
    codes: ["trust/bad-fingerprint"],
    read: onText(core.parseFingerprint),
    samples: [core.utf8(PIN), core.utf8(PIN.slice(0, core.MIN_FINGERPRINT_CHARS))],
  },
  {
    name: "nextRoot",
    codes: OF_KEYS,
    read: (bytes) => core.nextRoot(ROOT, bytes),
    samples: [SECOND],
    limit: [core.MAX_ROOT_BYTES, "bytes/too-big"],
    json: true,
  },
  {
    name: "readTargets",
    codes: [...OF_KEYS, "policy/bad-pattern"],
    read: (bytes) => core.readTargets(ROOT, bytes),
    samples: [TARGETS],
    limit: [core.MAX_TARGETS_BYTES, "bytes/too-big"],
    json: true,
  },
  {
    name: "readDelegated",
    codes: [...OF_KEYS, "policy/bad-pattern"],
    read: (bytes) => core.readDelegated(core.readTargets(ROOT, TARGETS), "debian", bytes),
    samples: [DELEGATED],
    limit: [core.MAX_TARGETS_BYTES, "bytes/too-big"],
    json: true,
  },
  {
    name: "checkSplit",
    codes: [...OF_KEYS, "evidence/"],
    read: core.checkSplit,
    again: core.writeSplit,
    lineEnd: true,
    samples: [core.writeSplit(core.proveSplit([ROOT], SECOND, OTHER))],
    limit: [core.MAX_SPLIT_BYTES, "evidence/too-big"],
    json: true,
  },
  {
    name: "readDomainFile",
    codes: ["toml/", "shape/", "key/bad-vkey", "bytes/too-big"],
    read: (bytes) => core.readDomainFile(bytes),
    samples: [
      core.utf8(
        `version = 1\nnetwork = "main"\nbootstrap = ["/dnsaddr/mesh.example.org"]\nmirrors = ["https://example.org/feeds"]\nwitnesses = ["${core.toVkey("w", alice.key.raw)}"]\n`,
      ),
    ],
    limit: [core.MAX_DOMAIN_FILE_BYTES, "bytes/too-big"],
  },
];
