/** `npm run screenshots`: the pictures in docs/images/, of a real node's dashboard in Debian's chromium. For people who change the page. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { newPage } from "../test/browser/browser.ts";
import { contradiction, openStage, target } from "../test/browser/stage.ts";

const FOLDER = join(import.meta.dirname, "../docs/images");
const PACKAGES = [
  "xz-utils",
  "hello",
  "fcgiwrap",
  "usrmerge",
  "zlib1g",
  "tzdata",
  "bash",
  "dash",
  "grep",
  "sed",
];
/** Counting begins a few seconds after the node's start. */
const COUNTED_MS = 12_000;
const SETTLED_MS = 1_500;

interface Picture {
  readonly name: string;
  readonly hash: string;
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly act?: (page: Page) => Promise<void>;
}

const about = target("xz-utils");
const one = `#/package?purl=${encodeURIComponent(about.purl)}&file=${about.file}`;

const PICTURES: readonly Picture[] = [
  { name: "overview", hash: "#/overview" },
  { name: "packages", hash: "#/package" },
  { name: "package", hash: one },
  {
    name: "statement",
    hash: one,
    act: (page) => page.getByRole("button", { name: /river-builds signed/ }).click(),
  },
  { name: "builders", hash: "#/builders" },
  { name: "alert", hash: "#/alerts", act: (page) => page.getByText("What is proven, what is not").click() },
  { name: "mesh", hash: "#/mesh" },
  { name: "verify", hash: "#/verify", theme: "dark", act: dropTampered },
  { name: "phone", hash: "#/alerts", theme: "dark", width: 390 },
];

function dropTampered(page: Page): Promise<void> {
  const file = {
    name: about.file,
    mimeType: "application/octet-stream",
    buffer: Buffer.from("tampered bits"),
  };
  return page.locator("input[type=file]").setInputFiles([file]);
}

mkdirSync(FOLDER, { recursive: true });
const stage = await openStage(contradiction(PACKAGES));
await stage.meet();
await new Promise((go) => setTimeout(go, COUNTED_MS));
for (const { name, hash, theme = "light", width = 1_100, act } of PICTURES) {
  const { page } = await newPage({ theme, width, height: 760 });
  await page.goto(`${stage.url}/${hash}`);
  await page.waitForTimeout(SETTLED_MS);
  await act?.(page);
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: name !== "statement" });
  console.log(`docs/images/${name}.png`);
}
process.exit(0);
