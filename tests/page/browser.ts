/** Chromium without a window, for tests of the status page. */

import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const WIDE = { width: 1100, height: 860 };
/** What operators have on their desks, and in their pockets. */
export const SCREEN = { width: 1280, height: 800 };
export const SMALL_SCREEN = { width: 390, height: 844 };
/** The narrowest phone that WCAG 2.2, 1.4.10 asks for. */
export const PHONE = { width: 320, height: 640 };

/** A browser with a profile of its own that is gone afterwards. */
export async function withBrowser(act: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  try {
    await act(browser);
  } finally {
    await browser.close();
  }
}

/**
 * Opens `url` and waits for `sign`; whatever the page's console or policy complains of fails the test at `close`.
 */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  sign = "article",
): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // An answer that is an error, or none, is what some tests are about.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  await page.goto(url);
  await page.waitForSelector(sign);
  return {
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/** Everything that axe finds wrong with the page as it is now, one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate("axe.run()") as axe.AxeResults;
  assert.ok(results.passes.length > 10, "axe has looked at the page");
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html}`)
  );
}
