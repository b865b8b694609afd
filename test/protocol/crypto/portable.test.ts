import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

test("for a browser, the doors of bytes and crypto pull in nothing of Node's", async () => {
  const result = await build({
    stdin: {
      contents: 'export * from "./protocol/bytes/index.ts"; export * from "./protocol/crypto/index.ts";',
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    conditions: ["browser"],
    logLevel: "silent",
  });
  const inputs = Object.keys(result.metafile.inputs);
  assert.ok(inputs.includes("protocol/crypto/portable.ts"), inputs.join(" "));
  assert.ok(!inputs.includes("protocol/crypto/native.ts"));
  const imported = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  assert.deepEqual(imported, [], "nothing is left to import");
});

test("under the browser condition #crypto is the portable one, with the same answers", () => {
  const program = `
    import { publicFromSeed, sha256Hex, signDomain, verifyEd25519 } from "./protocol/crypto/index.ts";
    import { toHex, utf8 } from "./protocol/bytes/index.ts";
    import { sha256 } from "#crypto";
    const seed = new Uint8Array(32).fill(6), message = utf8("DSSEv1 x"), key = publicFromSeed(seed);
    const signature = signDomain(seed, message);
    process.stdout.write(JSON.stringify([toHex(key), toHex(signature), sha256Hex(message), verifyEd25519(key, message, signature), sha256.toString().includes("noble")]));
  `;
  const run = (...conditions: string[]): unknown[] =>
    JSON.parse(
      execFileSync(process.execPath, [...conditions, "--input-type=module", "--eval", program], {
        cwd: ROOT,
        encoding: "utf8",
      }),
    ) as unknown[];
  const portable = run("--conditions=browser");
  const native = run();
  assert.deepEqual([portable.at(-1), native.at(-1)], [true, false]);
  assert.deepEqual(portable.slice(0, -1), native.slice(0, -1));
  assert.equal(native[3], true);
});
