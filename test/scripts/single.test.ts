/** `verify` in one file: small, without what a peer needs, and `samebits verify` in all that the tests of that command look at, which are run with it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { buildSingle, SINGLE_NAME } from "../../scripts/build/single.ts";
import { ed25519Key, publicFromSeed, sha256, toSpkiPem, utf8 } from "../../protocol/index.ts";
import { SINGLE } from "../built.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { findOldNode } from "./old-node.ts";

const TOP = join(import.meta.dirname, "../..");
const MAX_BYTES = 500 * 1_024;
/** All that is bundled beside our own code. */
const PACKAGES = "commander packageurl-js smol-toml xz-decompress";
/** Bundles with their verdicts and JSON, exit codes, packages of Debian, a running node, mirrors over HTTPS, layouts, and steps with normal forms. */
const TESTED = ["bundles", "exit-codes", "debian-packages", "api", "https", "verify-layout", "verify-steps"];

const PEER = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWHt26hH7YX4CwGrAa5EWfnvrQrKAcvvz36ugGXf1zBf2k";

describe("verify in one file", () => {
  let file: string;
  let built: Awaited<ReturnType<typeof buildSingle>>;
  before(async () => {
    const folder = await newFolder();
    built = await buildSingle(join(folder, "built"));
    // Nothing lies beside it.
    file = join(await newFolder(), SINGLE_NAME);
    copyFileSync(join(folder, "built"), file);
  });

  const alone = (program: string, ...argv: readonly string[]): readonly [number | null, string, string] => {
    const { status, stdout, stderr } = spawnSync(program, program === "unshare" ? argv : [file, ...argv], {
      encoding: "utf8",
      cwd: join(file, ".."),
    });
    return [status, stdout, stderr];
  };

  test("is small, and has nothing of libp2p, of OpenPGP certificates, or of a node", () => {
    assert.ok(built.bytes <= MAX_BYTES, `${built.bytes} bytes`);
    assert.equal(readFileSync(file).length, built.bytes);
    const names = built.inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    assert.equal([...new Set(names)].sort().join(" "), PACKAGES);
    const ofNode = built.inputs.filter((path) => path.startsWith("node/"));
    assert.deepEqual(
      ofNode.filter((path) => !/^node\/(mirror\/|errors\.ts|ip\.ts)/.test(path)),
      [],
    );
  });

  test("is the same when it is built again", async () => {
    const again = join(await newFolder(), "again");
    await buildSingle(again);
    assert.ok(readFileSync(again).equals(readFileSync(file)));
  });

  test("says its version, and what it needs; without a file to check it gives no verdict", () => {
    const { version } = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as {
      readonly version: string;
    };
    assert.deepEqual(alone(process.execPath, "--version"), [0, `${version}\n`, ""]);
    assert.equal(alone(process.execPath)[0], 64);
    assert.match(alone(process.execPath, "--help", "verify")[1], /Usage: samebits/);
  });

  const old = findOldNode();
  test(
    "an older Node says so, and gives no verdict",
    { skip: old === null && "this machine has no older Node" },
    () => {
      const [status, out, error] = alone(old ?? "", "--version");
      assert.deepEqual([status, out], [70, ""]);
      assert.match(error, /needs Node 22\.18 or newer/);
    },
  );

  test("is no peer, and says so instead of asking nobody in silence", { skip: whyNoNet() }, () => {
    const tool = join(file, "../tool.tar.gz");
    writeFileSync(tool, "these bits");
    const policy = join(file, "../policy.toml");
    const key = toSpkiPem(ed25519Key(publicFromSeed(sha256(utf8("alice")))));
    const rule = `[[rules]]\nname = "all"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = "role:rebuilder" }\n`;
    writeFileSync(
      policy,
      `version = 1\n[builders.alice]\nkey = ${JSON.stringify(key)}\nroles = ["rebuilder"]\n${rule}`,
    );
    const what = [
      tool,
      "--purl",
      "pkg:generic/tool@1.0",
      "--policy",
      policy,
      "--data",
      join(file, "../data"),
    ];
    // In a network of its own no node of this machine answers instead.
    const [status, out, error] = alone(
      "unshare",
      "--net",
      process.execPath,
      file,
      ...what,
      "--bootstrap",
      PEER,
    );
    assert.equal(status, 69, error);
    assert.match(out, /nobody could be asked/);
    assert.match(error, /verify alone and no peer of the mesh: .* \[source\/none\]/);
  });

  test("passes the tests of samebits verify", { timeout: 600_000 }, () => {
    const files = TESTED.map((name) => join("test/client/cli", `${name}.test.ts`));
    const env = { ...process.env, [SINGLE]: file, NODE_TEST_CONTEXT: undefined };
    const { status, stdout } = spawnSync(process.execPath, ["--test", "--test-concurrency=2", ...files], {
      cwd: TOP,
      env,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /pass [1-9]\d/);
  });
});

function whyNoNet(): string | false {
  return process.getuid?.() === 0 ? lacks("unshare") : "needs root: it runs in a network of its own";
}
