/** The dashboard's build: the same bytes from the same sources, small, and nothing in it that is not meant for a browser. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { buildDashboard } from "../../scripts/build/dashboard.ts";
import { newFolder } from "../node/folder.ts";

/** The promise: small enough for any line. */
const BUDGET = 150 * 1_024;

const files = await buildDashboard(join(await newFolder(), "built"));
const text = (name: string): string => new TextDecoder().decode(files.get(name));

test("twice the same bytes, wherever it is built", async () => {
  const again = await buildDashboard(join(await newFolder(), "again"));
  assert.deepEqual([...again.keys()], [...files.keys()]);
  for (const [name, octets] of files) assert.deepEqual(again.get(name), octets, name);
});

test("the page and its assets have at most 150 KB gzipped, and the page that is saved too", () => {
  const size = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + gzipSync(files.get(name) ?? "", { level: 9 }).length, 0);
  const served = [...files.keys()].filter((name) => name !== "verify.html");
  assert.ok(served.length >= 3, served.join(" "));
  assert.ok(size(served) <= BUDGET, `${size(served)} octets`);
  assert.ok(size(["verify.html"]) <= BUDGET, `${size(["verify.html"])} octets`);
});

test("nothing of Node, of OpenPGP's library or of foreign hosts gets in", () => {
  for (const [name, octets] of files) {
    const source = new TextDecoder().decode(octets);
    assert.doesNotMatch(source, /["']node:/, name);
    assert.doesNotMatch(source, /openpgpjs|getBuiltinModule|\beval\(|new Function\(/, name);
    const hosts = new Set([...source.matchAll(/https?:\/\/[a-z0-9.-]+/g)].map(([host]) => host));
    const known = ["http://www.w3.org", "https://in-toto.io", "https://slsa.dev", "https://samebits.dev"];
    assert.deepEqual(
      [...hosts].filter((host) => !known.includes(host)),
      [],
      name,
    );
    if (name.endsWith(".html")) assert.doesNotMatch(source, /\sstyle=|\son[a-z]+=/, name);
  }
});

test("the page that is saved is one file, and lets only its own script and style run", () => {
  const page = text("verify.html");
  assert.doesNotMatch(page.slice(0, page.indexOf("<script>")), /src=|href=/);
  for (const [tag, kind] of [
    ["script", "script-src"],
    ["style", "style-src"],
  ] as const) {
    const inner = new RegExp(`<${tag}>([^]*?)</${tag}>`, "g");
    const [found, ...more] = [...page.matchAll(inner)];
    assert.ok(found?.[1] !== undefined && more.length === 0, tag);
    const hash = createHash("sha256").update(found[1]).digest("base64");
    assert.ok(page.includes(`${kind} 'sha256-${hash}'`), tag);
  }
});
