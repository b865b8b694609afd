/** A real contradiction, from the page alone: what happened, who stands alone, what is proven; and it comes while one looks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, noBrowser } from "./browser.ts";
import { built, contradiction, openStage } from "./stage.ts";

const LIMIT = { skip: noBrowser, timeout: 60_000 };

test(
  "a contradiction comes while the page is open, in plain words, with its proof checked; who has the token sees to it",
  LIMIT,
  async () => {
    const stage = await openStage(contradiction(["hello"]).slice(0, 4));
    const { page, faults } = await newPage();
    await page.goto(`${stage.url}/#/alerts`);
    await page.getByRole("heading", { name: "No open alerts" }).waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    await stage.node.publish([built(4, "hello", "tampered bits")]);
    await page.getByRole("heading", { name: "1 open alert" }).waitFor();
    const alert = page.getByRole("article");
    await alert
      .getByRole("heading", { name: /river-builds got other bits for hello_1.0-1_amd64.deb than 4 builders/ })
      .waitFor();
    await alert.getByText("The proof holds").waitFor();
    await alert.getByText("critical").waitFor();
    await alert.getByText("What is proven, what is not").click();
    await alert.getByText("samebits evidence check evidence.json", { exact: true }).waitFor();
    const saved = page.waitForEvent("download");
    await alert.getByRole("link", { name: "Save the proof" }).click();
    assert.equal((await saved).suggestedFilename(), "evidence.json");
    await alert.getByText("I have seen to it").click();
    await alert.getByLabel("Note for others").fill("asked river-builds <b>by telephone</b>");
    await alert.getByLabel(/token/).fill("wrong");
    await alert.getByRole("button", { name: "Acknowledge" }).click();
    await alert.getByRole("alert").getByText(/token/).waitFor();
    faults.splice(0); // the browser tells of the 401 that was to come
    await alert.getByLabel(/token/).fill(stage.token);
    await alert.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByRole("heading", { name: "No open alerts" }).waitFor();
    await page.getByText("1 alert that somebody has seen to").click();
    await page.getByText("asked river-builds <b>by telephone</b>").waitFor();
    assert.deepEqual(faults, []);
  },
);

test("a page that lost its node says that it is not live", LIMIT, async () => {
  const stage = await openStage([]);
  const { page } = await newPage();
  await page.goto(stage.url);
  await page.getByText("live", { exact: true }).waitFor();
  await stage.node.close();
  await page.getByText("not live").waitFor();
});
