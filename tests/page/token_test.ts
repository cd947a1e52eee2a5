/** The page where reading needs a token, and where no stream is left. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { isTitled, openPage, PHONE, violations, withBrowser } from "./browser.ts";
import { READ_TOKEN, TOKEN, withLivePair } from "./live_pair.ts";

const live = (page: Page) => page.getByText("Live", { exact: true }).waitFor();

const tokenField = (page: Page) => page.getByRole("textbox", { name: "Token" });

async function typeToken(page: Page, token: string): Promise<void> {
  await tokenField(page).fill(token);
  await page.getByRole("button", { name: "Show the state" }).click();
}

/** All event streams of a node, taken by others until the function that is given back is called. */
async function takeStreams(url: string): Promise<() => void> {
  const others = new AbortController();
  const init = { headers: { accept: "text/event-stream" }, signal: others.signal };
  await Promise.all(Array.from({ length: 32 }, () => fetch(`${url}/v1/events`, init)));
  return () => others.abort();
}

async function fits(page: Page): Promise<void> {
  assert.deepEqual(await violations(page), []);
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assert.equal(width, PHONE.width, "it scrolls sideways");
}

// One browser for all: starting it takes longer than the steps.
Deno.test("the page where reading needs a token, and where no stream is left", async (t) => {
  await withLivePair(({ lb01, lb02 }) =>
    withBrowser(async (browser) => {
      const giveBack = await takeStreams(lb01.url);
      const polling = await openPage(browser, lb01.url, { viewport: PHONE });
      await t.step("a page that gets no stream says so and shows what it asks for", async () => {
        const { page } = polling;
        await page.getByText("Not live, asked every 5 s: 16 event streams are open").waitFor();
        assert.equal(await page.locator("main.stale").count(), 0);
        await page.getByLabel("Show everything").check();
        await page.locator(".timeline li").first().waitFor();
        await fits(page);
      });
      // It tries again after five seconds, while the other steps run.
      giveBack();

      lb02.readToken = READ_TOKEN;
      const { page, close } = await openPage(browser, lb02.url, { viewport: PHONE }, "dialog");
      await t.step("nothing is shown without a token, which can be put off", async () => {
        await page.getByText("Nothing is shown without a token").waitFor();
        assert.equal(await page.locator("article").count(), 0);
        await isTitled(page, /^locked · vipd$/);
        await fits(page);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByRole("button", { name: "Enter the token" }).click();
      });

      await t.step("a wrong token is reported", async () => {
        await typeToken(page, "wrong");
        await page.getByText("The token is not the one in the token file").waitFor();
        assert.equal(await page.locator("article").count(), 0);
      });

      await t.step("with the read token it is live, through the stream", async () => {
        await typeToken(page, ` ${READ_TOKEN} `);
        await live(page);
        lb01.node.kill();
        await page.waitForSelector(".badge.master");
        await page.locator(".timeline").getByText("no master was heard").first().waitFor();
      });

      await t.step("a token that is replaced is asked for again, over stale data", async () => {
        lb02.readToken = "another";
        lb01.node.start();
        await page.getByText("The token that was typed here is not accepted any more").waitFor();
        assert.equal(await page.locator("main.stale article").count(), 1);
        await typeToken(page, "another");
        await live(page);
        await page.waitForSelector(".badge.backup");
      });

      await t.step("the read token commands nothing; the full one does", async () => {
        const promote = page.getByRole("button", { name: "Promote VI_1" });
        const confirm = page.getByRole("dialog").getByRole("button", { name: "Promote" });
        await promote.click();
        await confirm.click();
        await page.getByText("This token may only read").waitFor();
        assert.equal(lb02.node.status.override, null);
        await page.reload();
        // For looking it is still good.
        await live(page);
        await promote.click();
        await tokenField(page).fill(TOKEN);
        await confirm.click();
        await page.getByText("VI_1: lb02 is master now").waitFor();
        await page.getByRole("button", { name: "Close" }).click();
        await live(page);
      });

      await t.step("a reload of the tab asks for nothing", async () => {
        await page.reload();
        await live(page);
        await page.getByRole("button", { name: "Release VI_1" }).click();
        assert.equal(await tokenField(page).count(), 0);
      });

      await t.step(
        "a client that has shown too many wrong ones learns how long to wait",
        async () => {
          const other = await openPage(browser, lb02.url, {}, "dialog");
          const nowMs = performance.now();
          lb02.nowMs = () => nowMs;
          for (let count = 0; count < 10; count++) {
            const headers = { authorization: `Bearer guess-${count}` };
            await (await fetch(`${lb02.url}/v1/status`, { headers })).body?.cancel();
          }
          await typeToken(other.page, READ_TOKEN);
          await other.page.getByText(
            /This token is wrong, or one of too many .* try again in \d+ s/,
          )
            .waitFor();
          await other.close();
        },
      );

      await t.step("and a stream that is free again makes the page live", async () => {
        await live(polling.page);
      });
      await polling.close();
      await close();
    })
  );
});
