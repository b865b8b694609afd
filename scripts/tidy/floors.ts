/**
 * The house: rooms, their floors, and the packages that a place may use (HOUSE sections 1 and 12).
 * A unit is a folder of a room, or a file that stands in the room itself. It may import units of lower floors only.
 */

/** Units from the lowest floor up; units of one floor do not know each other. */
export const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  protocol: [
    ["limits.ts", "errors.ts", "names.ts", "places"],
    ["bytes"],
    ["crypto"],
    ["feed", "attestation", "git", "normal-form"],
    ["evidence", "wire", "lifecycle", "intoto"],
    ["policy"],
    ["trust"],
    ["verdict", "peer"],
    ["alert"],
    ["index.ts"],
  ],
  node: [
    // a browser program of its own, which nobody imports
    ["dashboard"],
    ["errors.ts", "policies.ts"],
    ["config.ts", "edges.ts", "check-worker.ts", "ip.ts"],
    ["log.ts", "tickets.ts", "traffic.ts", "private-file.ts", "repeat.ts", "disk-room.ts"],
    ["at-rest.ts", "pace-log.ts", "full-log.ts", "store", "signer.ts", "check.ts"],
    ["mesh", "mirror"],
    ["carrier.ts", "writer.ts"],
    ["own-feed.ts", "performer.ts", "recovery-witnesses.ts", "witness-key.ts"],
    ["driver.ts"],
    ["run-command.ts"],
    ["findings.ts", "domains.ts", "foreign.ts"],
    ["picture"],
    ["api", "background.ts"],
    ["start.ts"],
    ["keep.ts", "recover.ts"],
    ["index.ts"],
  ],
  client: [
    ["errors.ts"],
    ["folder.ts"],
    [
      "edges.ts",
      "uptime.ts",
      "version.ts",
      "wait.ts",
      "write-file.ts",
      "bounded-body.ts",
      "output-of.ts",
      "os-release.ts",
      "sandbox.ts",
      "undo-at-end.ts",
    ],
    ["artifact", "lock.ts", "output-file.ts"],
    ["manifest", "journal-file.ts", "settings", "git"],
    ["config.ts", "keys"],
    ["trust"],
    ["begin.ts", "policy-file.ts", "source"],
    ["attest", "layout", "layout-policy.ts"],
    ["verify", "import"],
    ["watch", "install"],
    ["audit", "rebuild"],
    ["cli", "index.ts"],
  ],
};

/** Rooms that a room may enter, through their doors. Nobody enters test and scripts. */
export const MAY_ENTER: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  node: ["protocol"],
  client: ["protocol", "node"],
  test: ["protocol", "node", "client", "scripts"],
  scripts: ["protocol", "node", "client", "test"],
};

/** The only ways from client into node, all by `await import` so that nobody else loads libp2p. */
export const NODE_FROM_CLIENT: readonly string[] = [
  "client/begin.ts",
  "client/source/peer.ts",
  "client/source/mirror/index.ts",
  "client/watch/sinks/post.ts",
  "client/cli/node.ts",
  "client/cli/doctor/store.ts",
  "client/cli/node/run.ts",
  "client/cli/node/plan.ts",
  "client/cli/node/node-config.ts",
  "client/cli/node/changes.ts",
  "client/cli/feed/recover.ts",
];

/** Inner files that scripts may import: they must run before it is known which Node there is. */
export const OPEN_TO_SCRIPTS: readonly string[] = ["client/cli/runtime.js", "client/cli/brought-node.js"];

/** Packages by the place that may import them: a path, or the beginning of one. Test and scripts are free. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "#crypto": ["protocol/crypto/"],
  "@noble/ed25519": ["protocol/crypto/portable.ts"],
  "@noble/hashes": ["protocol/crypto/portable.ts", "node/dashboard/hash-file.ts"],
  openpgp: ["client/keys/certificate.ts"],
  "packageurl-js": ["protocol/attestation/"],
  "smol-toml": ["protocol/bytes/toml.ts"],
  "protons-runtime": ["protocol/wire/"],
  libp2p: ["node/mesh/"],
  "@libp2p/": ["node/mesh/"],
  "@multiformats/": ["node/mesh/"],
  "datastore-core": ["node/mesh/"],
  "interface-datastore": ["node/mesh/"],
  multiformats: ["node/mesh/"],
  uint8arraylist: ["node/mesh/"],
  level: ["node/store/"],
  hono: ["node/api/"],
  "@hono/node-server": ["node/api/"],
  pino: ["node/log.ts"],
  "prom-client": ["node/api/"],
  commander: ["client/cli/"],
  "xz-decompress": ["client/artifact/"],
  preact: ["node/dashboard/"],
  uplot: ["node/dashboard/parts/chart.tsx"],
};
