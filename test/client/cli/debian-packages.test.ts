/** Packages as apt brings them (scripts/debian.sh downloads them): dpkg and apt say what is in them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { newFolder } from "../../node/folder.ts";
import { builder } from "../../e2e/claims.ts";
import { ed25519Key, toSpkiPem } from "../../../protocol/index.ts";
import { runCommand } from "./run.ts";

const FOLDER = join(import.meta.dirname, "../../../scripts/debs");
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".deb")) : [];
const skip = files.length === 0 ? "no packages of apt here: scripts/debian.sh downloads them" : false;
const BUILDERS = [builder("alice"), builder("bob")];

/** A policy of both builders, and each one's envelope about the package, made by `attest`. */
async function attested(folder: string, path: string): Promise<readonly string[]> {
  const members = BUILDERS.map(
    ({ raw }, i) => `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(raw)))}\n`,
  );
  const rule = '[[rules]]\nname = "debian"\nmatch = "pkg:deb/*/*"\nrequire = { k = 2, of = ["b0", "b1"] }\n';
  const policy = join(folder, "policy.toml");
  await writeFile(policy, `version = 1\n${members.join("")}${rule}`);
  const bundles: string[] = [];
  for (const [i, { pem }] of BUILDERS.entries()) {
    const key = join(folder, `${i}.key`);
    await writeFile(key, pem, { mode: 0o600 });
    const { code, out, err } = await runCommand(["attest", path, "--key", key, "--output", "-"]);
    assert.equal(code, 0, err);
    const bundle = join(folder, `${i}.dsse`);
    await writeFile(bundle, out);
    bundles.push(bundle);
  }
  return ["--policy", policy, "--offline", "--bundle", ...bundles];
}

for (const name of files) {
  test(`${name}: is what dpkg says, has apt's digest, and is told from a changed one`, { skip }, async () => {
    const folder = await newFolder();
    const path = join(FOLDER, name);
    const field = (of: string): string =>
      execFileSync("dpkg-deb", ["--field", path, of], { encoding: "utf8" }).trim();
    const [pkg, version, arch] = [field("Package"), field("Version"), field("Architecture")];
    const proofs = await attested(folder, path);

    const { code, objects } = await runCommand(["verify", path, ...proofs, "--json"]);
    assert.equal(code, 0);
    const [verdict] = objects;
    assert.equal(verdict?.["verdict"], "reproduced");
    const { purl, file } = (verdict?.["target"] ?? {}) as { purl?: string; file?: string };
    assert.deepEqual(
      { purl, file },
      {
        purl: `pkg:deb/debian/${pkg}@${encodeURIComponent(version).replaceAll("%3A", ":")}?arch=${arch}`,
        file: `${pkg}_${version.replace(/^\d+:/, "")}_${arch}.deb`,
      },
    );
    const line = (await readFile(join(FOLDER, "uris"), "utf8"))
      .split("\n")
      .find((one) => one.includes(` ${name} `));
    assert.equal(line?.split("SHA256:")[1], verdict?.["sha256"]);

    const changed = join(folder, basename(path));
    await copyFile(path, changed);
    const bytes = await readFile(changed);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    await writeFile(changed, bytes);
    const other = await runCommand(["verify", changed, ...proofs, "--json"]);
    assert.equal(other.code, 1);
    assert.equal(other.objects[0]?.["verdict"], "contradicted");
  });
}
test("packages that apt brought", { skip }, () => assert.ok(files.length >= 4));
