/** A file is dropped: hashed, and judged by the page itself; tampered bytes, lying nodes and bad bundles are caught by it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { writeBundleFile } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { builtDashboard, newPage, noBrowser } from "./browser.ts";
import { serveLies, tampered } from "./liar.ts";
import { BUILDERS, contradiction, openStage, POLICY, target } from "./stage.ts";
import type { Stage } from "./stage.ts";

const LIMIT = { skip: noBrowser, timeout: 60_000 };
const GOOD = "bits of hello";
const PACKAGES = contradiction(["xz-utils", "hello"]);

let opened: Promise<Stage> | null = null;

function stage(): Promise<Stage> {
  opened ??= openStage(PACKAGES);
  return opened;
}

async function drop(
  page: Page,
  ...files: readonly (readonly [string, string | Uint8Array])[]
): Promise<void> {
  const payload = files.map(([name, content]) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(content),
  }));
  await page.locator("input[type=file]").setInputFiles(payload);
}

const file = target("hello").file;

test(
  "a good file is reproduced, a tampered one is not; by the node's policy, then by one's own",
  LIMIT,
  async () => {
    const { page, faults } = await newPage();
    await page.goto(`${(await stage()).url}/#/verify`);
    await page.getByText("It is the node's, not yours").waitFor();
    await drop(page, [file, GOOD]);
    await page
      .getByRole("heading", { name: "Reproduced: independent builders got these very bits" })
      .waitFor();
    await page.getByText("3 of 3 needed agree").waitFor();
    assert.equal(
      await page.getByText("entry", { exact: false }).filter({ hasText: "of a feed, proven" }).count(),
      5,
    );
    await drop(page, [file, "tampered"]);
    await page.getByRole("heading", { name: "Not the same bits. Do not install it" }).waitFor();
    await drop(page, ["mine.toml", POLICY.replace("k = 3", "k = 5")]);
    await page.getByText("You brought it").waitFor();
    await drop(page, [file, GOOD]);
    await page.getByText("5 of 5 needed agree").waitFor();
    await drop(page, ["bad.toml", "version = 9\n"]);
    await page.getByRole("alert").getByText("bad.toml").waitFor();
    assert.deepEqual(faults, []);
  },
);

test("a file that was never seen is said to be unknown", LIMIT, async () => {
  const { page, faults } = await newPage();
  await page.goto(`${(await stage()).url}/#/verify`);
  await drop(page, ["whatever.bin", new Uint8Array(3_000_000)]);
  await page.getByRole("heading", { name: "Nobody here knows this file" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a node that lies in envelopes, in proofs or in evidence is caught by the page", LIMIT, async () => {
  const { url } = await stage();
  const lies = {
    "/v1/query": (body: string) =>
      body.replaceAll(/("envelope":")([^"]+)/g, (_, name: string, text: string) => name + tampered(text)),
    "/v1/findings": (body: string) =>
      body.replaceAll(/("evidence":")([^"]+)/g, (_, name: string, text: string) => name + tampered(text)),
  };
  const { page, faults } = await newPage();
  const liar = await serveLies(url, lies);
  await page.goto(`${liar}/#/verify`);
  await page.getByText("It is the node's, not yours").waitFor();
  await drop(page, [file, GOOD]);
  await page.getByRole("alert").getByText("The node is broken, or it lies").waitFor();
  assert.equal(await page.getByRole("heading", { name: "Reproduced" }).count(), 0);
  await page.goto(`${liar}/#/alerts`);
  await page.getByText("A proof DOES NOT HOLD").waitFor();
  await page.getByText("Hold nothing against anybody because of it").waitFor();
  const paths = await serveLies(url, {
    "/v1/query": (body) =>
      body.replaceAll(/("path":\[")([0-9a-f]{64})/g, (_, name: string) => name + "0".repeat(64)),
  });
  await page.goto(`${paths}/#/verify`);
  await page.getByText("It is the node's, not yours").waitFor();
  await drop(page, [file, GOOD]);
  await page.getByRole("alert").getByText("tree/").waitFor();
  assert.deepEqual(faults, []);
});

test(
  "the page that was saved works from a file, with a bundle and a policy, and says what it rests on",
  LIMIT,
  async () => {
    const { node } = await stage();
    const question = {
      targets: [target("hello").key],
      digests: [],
      builders: BUILDERS.map(({ raw }) => raw),
    };
    const { found, heads } = await node.query(question, { network: false, deadlineMs: 5_000 });
    const raw = {
      entries: found,
      envelopes: [],
      heads: heads.map(({ checkpoint, timed }) => ({ checkpoint, timed, complete: false })),
      evidence: [],
    };
    const bundle = writeBundleFile(raw, { network: "test", time: Date.parse("2026-11-29T00:00:00Z") });
    const saved = join(await newFolder(), "samebits-verify.html");
    await writeFile(saved, await readFile(join(await builtDashboard(), "verify.html")));
    const { page, faults } = await newPage();
    await page.goto(pathToFileURL(saved).href);
    await page.getByText("You opened it from a file").waitFor();
    await drop(page, ["hello.bundle", bundle], ["mine.toml", POLICY], [file, GOOD]);
    await page
      .getByRole("heading", { name: "Reproduced: independent builders got these very bits" })
      .waitFor();
    await drop(page, [file, "tampered"]);
    await page.getByRole("heading", { name: "Not the same bits. Do not install it" }).waitFor();
    const text = new TextDecoder().decode(bundle);
    const forged = text.replace(
      /("envelope":")([^"]+)/,
      (_, name: string, base64: string) => name + tampered(base64),
    );
    await drop(page, ["forged.bundle", forged]);
    await page.getByRole("alert").getByText("This can't be used").waitFor();
    assert.deepEqual(faults, []);
  },
);
