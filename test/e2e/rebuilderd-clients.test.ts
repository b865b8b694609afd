/** Clients of rebuilderd as Debian unstable has them, unmodified, against a node: what they say of a package stands on the mesh alone. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Node } from "../../node/index.ts";
import { linkOf } from "../links.ts";
import { newFolder } from "../node/folder.ts";
import { askJson, member, startGatewayNode } from "../node/api/rebuilderd/rig.ts";
import { lacks } from "../programs.ts";
import { FILE, openApt, openProxy, PACKAGE, packageDigest, run, serveRepository, VECTOR } from "./apt-rig.ts";
import type { Ran } from "./apt-rig.ts";
import { builder } from "./claims.ts";
import { ownLink } from "./own-link.ts";

const ROOT = join(import.meta.dirname, "../../scripts/newer/root");
const LIBRARIES = join(ROOT, "usr/lib/x86_64-linux-gnu");
const LOADER = join(LIBRARIES, "ld-linux-x86-64.so.2");
const skip =
  lacks("apt-get") ||
  (existsSync(join(ROOT, "../done"))
    ? false
    : "no clients of rebuilderd here: scripts/debian.sh downloads them");
const NAMES = ["alice", "bob", "carol"] as const;
const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];
let node: Node;
let proxy = "";

before(async () => {
  if (skip !== false) return;
  node = await startGatewayNode([member("alice", alice), member("bob", bob), member("carol", carol)]);
  await node.publish([
    await ownLink(alice, VECTOR),
    // as rebuilderd writes it
    linkOf(bob, FILE, { sha256: packageDigest, signed: { environment: null } }),
    linkOf(carol, FILE),
    linkOf(alice, "epoch_2.0-1_amd64.deb"),
  ]);
  proxy = await openProxy(node.rebuilderd ?? "", await serveRepository());
});

const program = (name: string): readonly string[] => [
  "--library-path",
  LIBRARIES,
  join(ROOT, "usr/bin", name),
];

/** The configuration of repro-threshold, with the keys that each host answers. */
async function configOf(names: readonly string[], threshold: number): Promise<string> {
  const parts = await Promise.all(
    names.map(async (name) => {
      const keys = (await askJson(node, `${name}.localhost`, "/api/v1/meta/public-keys")) as {
        current: string[];
      };
      return `[[trusted_rebuilder]]\nname = "${name}"\nurl = "http://${name}.localhost:8484"\ndistributions = ["debian"]\nsigning_keyring = ${JSON.stringify(keys.current[0])}\n`;
    }),
  );
  return `[rules]\nrequired_threshold = ${threshold}\nblindly_trust = []\n${parts.join("")}`;
}

/** Whether apt gets the package through repro-threshold, where it needs this many of these. */
async function attempt(
  threshold: number,
  ...names: readonly string[]
): Promise<{ got: boolean; output: string }> {
  const folder = await newFolder();
  const config = join(folder, "repro-threshold.toml");
  await writeFile(config, await configOf(names, threshold));
  const method = join(folder, "method");
  const [, libraries, binary] = program("repro-threshold");
  await writeFile(
    method,
    `#!/bin/sh\nexec ${LOADER} --argv0 reproduced+http --library-path ${libraries} ${binary} "$@"\n`,
  );
  await chmod(method, 0o755);
  const apt = await openApt("reproduced+http", method, {
    proxy,
    env: { REPRO_THRESHOLD_CONFIG: config, SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" },
  });
  return apt.install();
}

test("repro-threshold: apt installs what two hosts confirm, and not what one does", { skip }, async () => {
  const agreed = await attempt(2, "alice", "bob");
  assert.ok(agreed.got, agreed.output);
  const alone = await attempt(2, "alice", "carol");
  assert.ok(!alone.got, alone.output);
  assert.match(alone.output, /only 1\/2/);
  const nobody = await attempt(1, "carol");
  assert.ok(!nobody.got, nobody.output);
});

test(
  "debian-repro-status: what a builder signed is reproduced; an epoch that nobody signed is not known",
  { skip },
  async () => {
    const installed = join(await newFolder(), "installed");
    await writeFile(
      installed,
      [`${PACKAGE} all 1.0-1`, "epoch amd64 1:2.0-1", "other amd64 1.0-1"]
        .map((line) => `installed ${line}\n`)
        .join(""),
    );
    const status = (...names: readonly (typeof NAMES)[number][]): Promise<Ran> =>
      run(
        LOADER,
        [
          ...program("debian-repro-status"),
          ...names.flatMap((name) => ["--rebuilderd", `http://${name}.localhost:8484`]),
          "--dpkg-query-output",
          installed,
        ],
        { http_proxy: proxy, SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" },
      );
    const { code, output } = await status("alice", "bob");
    assert.equal(code, 0, output);
    assert.match(output, /\[\+\] hello-att all 1\.0-1 GOOD/);
    assert.match(output, /\[\?\] epoch amd64 1:2\.0-1 UNKWN/);
    assert.match(output, /\[\?\] other amd64 1\.0-1 UNKWN/);
  },
);
