/** Chromium without a window, for tests of the status page. */

import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { waitFor } from "../../lab/wait.ts";

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

const SAYS_WITHIN_MS = 15_000;

/** Waits until what fits says so: the page may learn it a moment later. */
export async function says(page: Page, selector: string, pattern: RegExp): Promise<void> {
  let text = "";
  const look = async () => pattern.test(text = await page.innerText(selector));
  await waitFor(`${selector} to say ${pattern}`, look, {
    timeoutMs: SAYS_WITHIN_MS,
    explain: () => text,
  });
}

/** Waits until the page has such a title: it comes after what is shown. */
export async function isTitled(page: Page, pattern: RegExp): Promise<void> {
  let title = "";
  await waitFor(`a title like ${pattern}`, async () => pattern.test(title = await page.title()), {
    timeoutMs: SAYS_WITHIN_MS,
    explain: () => title,
  });
}

/** Collects what a screen reader hears from now on: the region forgets it after a while. */
export async function collectAnnouncements(page: Page): Promise<void> {
  await page.evaluate(`
    window.announced = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const { textContent } of addedNodes) announced.push(textContent);
      }
    }).observe(document.querySelector("[aria-live=polite]"), { childList: true, subtree: true });
  `);
}

/** Waits until a screen reader has heard what contains this, once. */
export async function hears(page: Page, text: string): Promise<void> {
  let announced: string[] = [];
  const look = async () => {
    announced = await page.evaluate("announced") as string[];
    return announced.some((it) => it.includes(text));
  };
  await waitFor(`"${text}" to be announced`, look, {
    timeoutMs: SAYS_WITHIN_MS,
    explain: () => announced.join("\n"),
  });
  assert.equal(announced.filter((it) => it.includes(text)).length, 1, "announced once");
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
