/** Every view of a real node's page: readable for people and for programs that read to them, in both themes, on a phone, by keyboard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { writeRoute } from "../../node/dashboard/route.ts";
import { newPage, noBrowser } from "./browser.ts";
import { contradiction, openStage, target } from "./stage.ts";
import type { Stage } from "./stage.ts";

const LIMIT = { skip: noBrowser, timeout: 60_000 };
const HOSTILE = "<img src=x onerror=alert(1)>";
/** Where one can be, and what is there when all has come. */
const PLACES: readonly (readonly [string, string])[] = [
  [writeRoute("overview"), "came out the same"],
  [writeRoute("package"), "hello_1.0-1_amd64.deb"],
  [writeRoute("package", { purl: target("xz-utils").purl, file: target("xz-utils").file }), "What it signed"],
  [writeRoute("builders"), "Who agrees with whom"],
  [writeRoute("alerts"), "The proof holds"],
  [writeRoute("mesh"), "Connections"],
  [writeRoute("verify"), "What the answer rests on"],
];

let opened: Promise<Stage> | null = null;

async function stage(): Promise<Stage> {
  opened ??= openStage(contradiction(["xz-utils", "hello", "zlib1g", "tzdata"]));
  const { url } = await opened;
  // Counting begins a few seconds after the start.
  for (;;) {
    const { time } = (await (await fetch(`${url}/v1/picture`)).json()) as { time: string | null };
    if (time !== null) return opened;
    await new Promise((go) => setTimeout(go, 200));
  }
}

async function assertAccessible(page: Page, where: string): Promise<void> {
  // As an expression of the debugger: the page's own policy lets no script in.
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: axe.source });
  const { result } = await client.send("Runtime.evaluate", {
    expression:
      "axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html + failureSummary).slice(0, 3)])))",
    awaitPromise: true,
    returnByValue: true,
  });
  assert.equal(result.value, "[]", where);
}

for (const theme of ["light", "dark"] as const) {
  test(
    `each view in ${theme}: no errors, nothing that a reader for the blind would stumble over`,
    LIMIT,
    async () => {
      const { url } = await stage();
      const { page, faults } = await newPage({ theme });
      for (const [hash, text] of PLACES) {
        await page.goto(`${url}/${hash}`);
        await page.getByText(text).first().waitFor();
        await assertAccessible(page, `${hash} in ${theme}`);
      }
      assert.deepEqual(faults, []);
    },
  );
}

test("on a phone nothing is wider than the screen", LIMIT, async () => {
  const { url } = await stage();
  const { page, faults } = await newPage({ width: 360, height: 740 });
  for (const [hash, text] of PLACES) {
    await page.goto(`${url}/${hash}`);
    await page.getByText(text).first().waitFor();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assert.equal(width, 360, hash);
  }
  assert.deepEqual(faults, []);
});

test("by keyboard from the top to a statement that was checked, and back", LIMIT, async () => {
  const { url } = await stage();
  const { page, faults } = await newPage();
  await page.goto(`${url}/${writeRoute("package", { show: "disagree" })}`);
  await page.getByText("xz-utils_1.0-1_amd64.deb").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "Skip to the content");
  await page.keyboard.press("Enter");
  for (let tabs = 0; tabs < 12; tabs++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate("document.activeElement.className")) === "cell") break;
  }
  await page.keyboard.press("Home");
  const label = async (): Promise<string> =>
    String(await page.evaluate("document.activeElement.getAttribute('aria-label')"));
  for (let steps = 0; steps < 5 && !/got another file/.test(await label()); steps++) {
    await page.keyboard.press("ArrowRight");
  }
  assert.match(await label(), /^river-builds: got another file/);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Signature holds").waitFor();
  await dialog.getByText("Inclusion proof holds").waitFor();
  await assertAccessible(page, "the dialog");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Theme/ }).click();
  assert.equal(await page.evaluate("document.documentElement.dataset.theme"), "light");
  assert.deepEqual(faults, []);
});

test("a stranger's key stands apart and changes nothing of what is shown", LIMIT, async () => {
  const { url, stranger } = await openStage(contradiction(["xz-utils", "hello"]), true);
  const { page, faults } = await newPage();
  const { purl, file } = target("hello");
  const place = `${url}/${writeRoute("package", { purl, file })}`;
  const words = "Everybody who built it got the same bits";
  await page.goto(place);
  await page.getByText(words).waitFor();
  const sides = await page.locator(".sides").innerText();
  assert.match(sides, /5 builders of 5 /);
  await stranger("hello", "what strangers hand out");
  await page.getByText("1 key that this node does not count").click();
  await page.getByRole("cell", { name: /not counted/ }).waitFor();
  await page.getByText(words).waitFor();
  assert.equal(await page.locator(".sides").innerText(), sides);
  await assertAccessible(page, "a file with a stranger");
  await page.goto(`${url}/${writeRoute("package")}`);
  await page.getByRole("button", { name: /^key .*is not counted here/ }).waitFor();
  await page.getByText(/99c85ea0… by 4 of 5/).waitFor();
  await assertAccessible(page, "the matrix with a stranger");
  assert.deepEqual(faults, []);
});

test("a package is found by its name, its file and its digest; hostile names stay text", LIMIT, async () => {
  const { url } = await stage();
  const { page, faults } = await newPage();
  await page.goto(`${url}/#/package`);
  const search = page.getByRole("searchbox");
  for (const text of [
    "xz-u",
    "xz-utils_1.0",
    "99c85ea0446e674329d2cc5e4abc16cce8dbbb3f24f8d3c71d1ee0eddc7559e0",
  ]) {
    await search.fill(text);
    await page.getByRole("link", { name: /xz-utils_1.0-1_amd64.deb/ }).waitFor();
  }
  await search.fill(HOSTILE);
  await page.getByText("This node knows no such package").waitFor();
  await page.goto(`${url}/${writeRoute("package", { purl: HOSTILE, file: HOSTILE })}`);
  await page.getByRole("heading", { name: HOSTILE }).waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(faults, []);
});

test("without JavaScript the main facts are there", LIMIT, async () => {
  const { url } = await stage();
  const { page, faults } = await newPage({ hasScript: false });
  await page.goto(url);
  const text = await page.locator("main").innerText();
  assert.match(text, /xz-utils_1.0-1_amd64.deb/);
  assert.match(text, /river-builds/);
  assert.deepEqual(faults, []);
});
