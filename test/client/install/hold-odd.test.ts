/** Lists may say what no package can be; the real apt reads them, and its preferences. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { AptRoot, releaseOf, whyNoApt } from "../../e2e/apt-root.ts";
import { pinsAt, writePins } from "../../../client/install/index.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { policyText } from "../trust/rig.ts";
import { owner } from "../../protocol/trust/domains.ts";

const DIGEST = "0f".repeat(32);
const stanza = (version: string): string =>
  `Package: sl\nVersion: ${version}\nArchitecture: all\nFilename: ./sl.deb\nSize: 1\nSHA256: ${DIGEST}\n`;

test("a version that would be a pattern to apt holds no other one back", { skip: whyNoApt() }, async () => {
  const root = await AptRoot.open();
  const release = setVariable("APT_CONFIG", root.at("apt.conf"));
  writeFileSync(root.at("policy.toml"), policyText(owner(1)));
  mkdirSync(root.at("data"));
  const list = [stanza("6.*"), stanza("6.1")].join("\n");
  writeFileSync(root.at("archive/Packages"), list);
  writeFileSync(root.at("archive/Release"), releaseOf("Origin: Other\n", list));
  const status =
    "Package: sl\nStatus: install ok installed\nMaintainer: A <a@example.org>\nArchitecture: all\nVersion: 5.02\nDescription: a test\n";
  writeFileSync(root.at("var/lib/dpkg/status"), status);
  const updated = await root.apt("update");
  assert.equal(updated.code, 0, updated.out);
  const places = [
    "--policy",
    root.at("policy.toml"),
    "--data",
    root.at("data"),
    "--state",
    root.at("state"),
    "--config",
    "/dev/null",
  ];
  const hold = (): Promise<Ran> => runCommand(["apt", "hold", "--mode", "enforce", "--json", ...places]);
  const pins = root.at("etc/apt/preferences.d/samebits");
  try {
    // The good one is wanted then, of which nobody here knows anything.
    assert.equal((await hold()).code, 69);
    const held = [
      { name: "sl", version: "6.*", arch: "all" },
      { name: "s*", version: "6.1", arch: "all" },
    ];
    await writePins(pins, held, "amd64");
    assert.deepEqual(pinsAt(pins), [{ name: "sl", version: "6.*" }]);
    const { out } = await root.run("apt-cache", ["policy", "sl"]);
    assert.match(out, / 6\.\* -1$/m);
    assert.match(out, / 6\.1 500$/m);
  } finally {
    release();
  }
});
