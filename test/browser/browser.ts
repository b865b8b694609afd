import { existsSync } from "node:fs";
import { after } from "node:test";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { DASHBOARD_BUILT } from "../../scripts/build/dashboard-stamp.ts";
import { ensureDashboard } from "../../scripts/build/dashboard.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Why browser tests can't run here; false where they can. */
export const noBrowser: string | false = existsSync(CHROMIUM)
  ? false
  : `${CHROMIUM} is missing: sh scripts/debian.sh installs Debian's chromium`;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  readonly hasScript?: boolean;
}

/** A page of a test, and what went wrong in it: an error on its console, an exception, a request that failed or went elsewhere. */
export interface TestPage {
  readonly page: Page;
  readonly faults: string[];
}

let browser: Browser | null = null;
after(async () => {
  await browser?.close();
});

async function launched(): Promise<Browser> {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return browser;
}

/** A fresh page with nothing kept from others. */
export async function newPage(options: PageOptions = {}): Promise<TestPage> {
  const { width = 1280, height = 900, theme = "light", hasScript = true } = options;
  const own = await (
    await launched()
  ).newContext({
    viewport: { width, height },
    colorScheme: theme,
    javaScriptEnabled: hasScript,
    reducedMotion: "reduce",
    serviceWorkers: "block",
  });
  const page = await own.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") faults.push(`asks ${request.url()}`);
  });
  return { page, faults };
}

/** Builds the dashboard where it is not built of these sources; the folder. */
export async function builtDashboard(): Promise<string> {
  await ensureDashboard();
  return DASHBOARD_BUILT;
}
