import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openPage, PHONE, violations, WIDE, withBrowser } from "./browser.ts";
import { type LivePair, TOKEN, withLivePair } from "./live_pair.ts";

async function onPage(act: (pair: LivePair, browser: Browser) => Promise<void>): Promise<void> {
  await withLivePair((pair) => withBrowser((browser) => act(pair, browser)));
}

const badge = (page: Page, state: string) => page.waitForSelector(`.badge.${state}`);

/** Opens the question about an order and answers it. */
async function order(page: Page, name: string, token: string | null): Promise<void> {
  await page.getByRole("button", { name: `${name} VI_1` }).click();
  if (token !== null) await page.getByLabel("Token").fill(token);
  await page.getByRole("dialog").getByRole("button", { name: /^(Promote|Demote|Release)$/ })
    .click();
}

Deno.test("the page shows a failover as it happens, and what orders come to", async (t) => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    const { page, close } = await openPage(browser, lb02.url);
    await t.step("a backup, its master and why", async () => {
      await badge(page, "backup");
      const text = await page.innerText("article");
      assert.match(text, /192\.168\.31\.11 with priority 150/);
      assert.match(text, /192\.168\.31\.5\/24[\s\S]*not here/);
      assert.match(text, /100 = 100 configured/);
      assert.match(await page.innerText("#checks + ul"), /up[\s\S]*nginx/);
    });
    await page.evaluate("window.notReloaded = true");

    await t.step("the master dies: this node is master", async () => {
      lb01.node.kill();
      await badge(page, "master");
      await page.getByText("held here").waitFor();
      const entry = page.locator(".timeline li").first();
      assert.match(await entry.innerText(), /backup → master: no master was heard/);
      assert.match(await page.innerText("[aria-live=polite]"), /backup -> master/);
      assert.match(await page.title(), /^lb02 MASTER/);
    });

    await t.step("it comes back and preempts: this node is backup", async () => {
      lb01.node.start();
      await badge(page, "backup");
    });

    await t.step("a wrong token is told, and asked for again", async () => {
      await order(page, "Promote", "wrong");
      await page.getByText("The token is not the one in the token file").waitFor();
      assert.equal(lb02.node.status.state, "backup");
    });

    await t.step("promote by button", async () => {
      await page.getByLabel("Token").fill(TOKEN);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("VI_1: lb02 is master now").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await badge(page, "master");
      assert.match(await page.innerText("article"), /254 = 100 configured \+ 154 promoted by hand/);
      assert.deepEqual(lb02.node.status.override?.kind, "promoted");
    });

    await t.step("release by button, without the token once more", async () => {
      await order(page, "Release", null);
      await page.getByRole("dialog").getByText("VI_1: lb02 is").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await badge(page, "backup");
    });

    await t.step("a demote that nobody can take is refused and told", async () => {
      lb01.node.kill();
      await badge(page, "master");
      await order(page, "Demote", null);
      await page.getByText("no other node took the addresses").waitFor();
      await page.keyboard.press("Escape");
    });

    assert.equal(await page.evaluate("window.notReloaded"), true);
    await close();
  });
});

Deno.test("both nodes stand side by side, and what is odd about them is marked", async () => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    const { page, close } = await openPage(browser, lb01.url);
    const row = (what: string) =>
      page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: what }) });
    await page.getByRole("columnheader", { name: "lb02" }).waitFor();
    await row("state").getByRole("cell", { name: "BACKUP" }).waitFor();
    assert.equal(await page.locator("tr.odd").count(), 0);

    const [instance] = lb02.node.config.instances;
    const instances = [{ ...instance!, preempt: false }];
    lb02.node.reload({ ...lb02.node.config, instances });
    await row("preempt ≠ differs").getByRole("cell", { name: "no" }).waitFor();
    await page.getByText("peer_config_differs", { exact: true }).first().waitFor();
    assert.deepEqual(await violations(page), []);

    await lb02.unserve();
    await page.getByText(/not reachable, last answered at .*: nobody listens there/).waitFor();
    await lb02.serve();
    await close();
  });
});

Deno.test("the page says when it is disconnected, and comes back by itself", async () => {
  await onPage(async ({ lb02 }, browser) => {
    const { page, close } = await openPage(browser, lb02.url);
    await page.getByText("Live", { exact: true }).waitFor();
    await lb02.unserve();
    await page.getByText(/Disconnected, data is \d+ s old/).waitFor();
    assert.equal(await page.locator("main.stale").count(), 1);
    const entries = await page.locator(".timeline li").count();
    const resumed = page.waitForRequest((request) => request.url().endsWith("/v1/events"));
    await lb02.serve();
    assert.match((await resumed).headers()["last-event-id"] ?? "", /^[1-9]\d*$/);
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(await page.locator(".timeline li").count(), entries);
    assert.equal(await page.locator("main.stale").count(), 0);
    await close();
  });
});

Deno.test("the page can be used with the keyboard alone", async () => {
  await onPage(async ({ lb02 }, browser) => {
    const { page, close } = await openPage(browser, lb02.url);
    const focused = () =>
      page.evaluate("document.activeElement.innerText || document.activeElement.tagName");
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 20; i++) {
        await page.keyboard.press("Tab");
        if (name.test(String(await focused()))) return;
      }
      assert.fail(`the keyboard does not reach ${name}`);
    };
    await tabTo(/^Promote/);
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    assert.equal(outline, "solid");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.match(String(await focused()), /^Promote/);
    await page.keyboard.press("Enter");
    await tabTo(/INPUT/);
    await page.keyboard.type(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByText("VI_1: lb02 is master now").waitFor();
    await close();
  });
});

Deno.test("axe finds nothing wrong, in light and dark, wide and on a phone", async (t) => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const viewport of [WIDE, PHONE]) {
        await t.step(`${colorScheme}, ${viewport.width} px`, async () => {
          const options = { colorScheme, viewport, reducedMotion: "reduce" } as const;
          const { page, close } = await openPage(browser, lb01.url, options);
          await page.getByLabel("Show everything").check();
          await page.getByText("Counters").click();
          assert.deepEqual(await violations(page), []);
          const width = () => page.evaluate("document.documentElement.scrollWidth");
          assert.equal(await width(), viewport.width, "the page scrolls sideways");
          await page.getByRole("button", { name: "Demote VI_1" }).click();
          assert.deepEqual(await violations(page), []);
          assert.equal(await width(), viewport.width, "the dialog scrolls sideways");
          await close();
        });
      }
    }
    await t.step("in fault", async () => {
      lb02.node.host.setLink(false);
      const { page, close } = await openPage(browser, lb02.url);
      await badge(page, "fault");
      assert.deepEqual(await violations(page), []);
      await close();
    });
  });
});

Deno.test("the screenshots of the documentation can be taken", async () => {
  const save = Deno.env.get("UPDATE_GOLDEN") === "1";
  await onPage(async ({ lb01, lb02 }, browser) => {
    for (const [node, colorScheme] of [[lb01, "light"], [lb02, "dark"]] as const) {
      const { page, close } = await openPage(browser, node.url, { colorScheme });
      await page.getByText("Live", { exact: true }).waitFor();
      const image = await page.screenshot();
      assert.ok(image.length < 150_000, `${image.length} octets`);
      const name = node === lb01 ? "page-master" : "page-backup";
      const file = new URL(`../../docs/${name}.png`, import.meta.url);
      if (save) await Deno.writeFile(file, image);
      await close();
    }
  });
});
