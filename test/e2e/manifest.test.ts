/** `verify --manifest` of two thousand files against a real node, part by part. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Key, toSpkiPem } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import { startPeer } from "./processes.ts";

const FILES = 2_000;
/** In one request of a megabyte. */
const AT_ONCE = 500;
const [alice, bob] = [builder("alice"), builder("bob")];
const nameOf = (number: number): string => `file-${String(number).padStart(5, "0")}`;

async function policy(): Promise<string> {
  const path = join(await newFolder(), "policy.toml");
  const builders = [alice, bob].map(
    ({ raw }, i) =>
      `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(raw)))}\nroles = ["rebuilder"]\n`,
  );
  const rule = `[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 2, of = "role:rebuilder" }\n`;
  await writeFile(path, `version = 1\n${builders.join("")}${rule}`);
  return path;
}

/** An SBOM of all that was published, and one that was not. */
async function bom(): Promise<string> {
  const components = Array.from({ length: FILES + 1 }, (_, number) => {
    const name = nameOf(number);
    const content = createHash("sha256").update(name).digest("hex");
    return { type: "library", name, purl: packageTarget(name).purl, hashes: [{ alg: "SHA-256", content }] };
  });
  const path = join(await newFolder(), "bom.json");
  await writeFile(path, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components }));
  return path;
}

test(
  "an SBOM of 2,001 packages is judged by a node's own store, part by part",
  { timeout: 120_000 },
  async (t) => {
    const peer = await startPeer({ publishKey: alice.pem, first: true, followAll: true });
    for (let from = 0; from < FILES; from += AT_ONCE) {
      const names = Array.from({ length: AT_ONCE }, (_, at) => nameOf(from + at));
      for (const by of [alice, bob]) {
        const { status } = await peer.publish(...names.map((name) => claim(by, name, name)));
        assert.equal(status, 200);
      }
    }
    const started = performance.now();
    const options = [
      "--network",
      "e2e",
      "--policy",
      await policy(),
      "--data",
      peer.dataDir,
      "--deadline",
      "20",
      "--json",
    ];
    const ran = await runCommand(["verify", "--manifest", await bom(), ...options]);
    t.diagnostic(
      `${FILES} files in ${Math.round(performance.now() - started)} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB resident`,
    );
    const counts = ran.objects.at(-1);
    assert.deepEqual(
      [ran.code, counts?.["checked"], counts?.["reproduced"], counts?.["pending"], counts?.["independent"]],
      [2, FILES + 1, FILES, 1, [FILES, FILES, 0]],
      ran.err,
    );
  },
);
