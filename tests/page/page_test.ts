import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { waitFor } from "../../lab/wait.ts";
import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { NGINX_CHECK } from "../../src/sim/cluster.ts";
import { REASON_MAX_LENGTH } from "../../src/status/schemas/reason_length.ts";
import { exampleStatus } from "../front/fake_backend.ts";
import {
  collectAnnouncements,
  hears,
  isTitled,
  openPage,
  PHONE,
  says,
  violations,
  WIDE,
  withBrowser,
} from "./browser.ts";
import { type LivePair, TOKEN, withLivePair } from "./live_pair.ts";

async function onPage(act: (pair: LivePair, browser: Browser) => Promise<void>): Promise<void> {
  await withLivePair((pair) => withBrowser((browser) => act(pair, browser)));
}

const VIEWS = [
  ...(["light", "dark"] as const).flatMap((colorScheme) =>
    [WIDE, PHONE].map((viewport) => ({ colorScheme, viewport, reducedMotion: "reduce" } as const))
  ),
  { colorScheme: "dark", viewport: PHONE, forcedColors: "active" } as const,
];

const GOOD_RECEIVER: NotifyConfig = {
  name: "script",
  type: "exec",
  on: ["recovery"],
  command: ["/bin/true"],
  timeoutMs: 1000,
  appendArguments: true,
};
const DEAD_RECEIVER: NotifyConfig = {
  name: "chat",
  type: "webhook",
  on: ["recovery"],
  target: { secretUrl: "http://127.0.0.1:1/" },
  timeoutMs: 1000,
  retryForMs: 60_000,
};

/** nginx fails, and its command takes longer than any test. */
function failWithRecovery({ node }: LivePair["lb01"], tookMs = 3_600_000): void {
  const onFail = {
    command: ["systemctl", "restart", "nginx"],
    timeoutMs: tookMs,
    attempts: 2,
    everyMs: 300_000,
  } as const;
  node.reload({ ...node.config, checks: [{ ...NGINX_CHECK, onFail }] });
  const { checks } = node.host;
  checks.setRecovery("nginx", { ok: false, tookMs });
  checks.set("nginx", false);
  checks.publish("nginx");
}

const badge = (page: Page, state: string) => page.waitForSelector(`.badge.${state}`);

/** Opens the question about an order and answers it. */
async function order(page: Page, name: string, token: string | null): Promise<void> {
  await page.getByRole("button", { name: `${name} VI_1` }).click();
  if (token !== null) await page.getByLabel("Token").fill(token);
  await page.getByRole("dialog").getByRole("button", { name: /^(Promote|Demote|Release)$/ })
    .click();
}

Deno.test("the page shows a failover as it happens, and the outcomes of commands", async (t) => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    const { page, close } = await openPage(browser, lb02.url);
    await t.step("a backup, its master and why", async () => {
      await badge(page, "backup");
      await says(page, "article", /192\.168\.31\.11 with priority 150/);
      await says(page, "article", /192\.168\.31\.5\/24[\s\S]*not here/);
      await says(page, "article", /100 = 100 configured/);
      await says(page, "#checks + ul", /up[\s\S]*nginx/);
    });
    await page.evaluate("window.notReloaded = true");
    await collectAnnouncements(page);

    await t.step("the master dies: this node is master", async () => {
      lb01.node.kill();
      await badge(page, "master");
      await page.getByText("held here").waitFor();
      // What comes with the next event may be a moment later.
      await says(page, ".timeline", /backup → master: no master was heard/);
      await hears(page, "backup -> master");
      await isTitled(page, /lb02 MASTER/);
    });

    await t.step("it comes back and preempts: this node is backup", async () => {
      lb01.node.start();
      await badge(page, "backup");
    });

    await t.step("a wrong token is reported, and asked for again", async () => {
      await order(page, "Promote", "wrong");
      await page.getByText("The token is not the one in the token file").waitFor();
      assert.equal(lb02.node.status.state, "backup");
    });

    await t.step("promote by button, with a reason", async () => {
      await page.getByLabel("Token").fill(TOKEN);
      const reason = page.getByLabel("Reason");
      assert.equal(await reason.getAttribute("maxlength"), `${REASON_MAX_LENGTH}`);
      await reason.fill(" lb01 gets a new kernel ");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("VI_1: lb02 is master now").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await badge(page, "master");
      await says(page, "article", /254 = 100 configured \+ 154 promoted manually/);
      assert.deepEqual(lb02.node.status.override?.kind, "promoted");
      await says(page, "article", /promoted manually[^\n]*: "lb01 gets a new kernel"/);
      await says(page, ".timeline", /promoted manually.*: "lb01 gets a new kernel"/);
    });

    await t.step("release by button, without the token once more", async () => {
      await page.getByRole("button", { name: "Release VI_1" }).click();
      await page.getByLabel("Reason").fill("it has it");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByText("VI_1: lb02 is").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await badge(page, "backup");
      await says(page, ".timeline", /promoted ends: released manually.*: "it has it"/);
    });

    await t.step("a reason that could hide a part of its line is refused", async () => {
      await page.getByRole("button", { name: "Promote VI_1" }).click();
      await page.getByLabel("Reason").fill("kernel\u202e");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByText("printable characters").waitFor();
      await page.keyboard.press("Escape");
      assert.equal(lb02.node.status.override, null);
    });

    await t.step("a demote that nobody can take is refused and reported", async () => {
      lb01.node.kill();
      // It is asked no more: nobody knows that it could not take over.
      lb02.alone();
      await badge(page, "master");
      await order(page, "Demote", null);
      await page.getByText("no other node took the addresses").waitFor();
      await page.keyboard.press("Escape");
    });

    assert.equal(await page.evaluate("window.notReloaded"), true);
    await close();
  });
});

Deno.test("the comparison has both nodes, and what is odd about them is marked", async () => {
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

    await page.getByRole("button", { name: "Demote VI_1" }).click();
    lb02.node.host.setLink(false);
    const lb02Says = page.getByRole("list", { name: "Other nodes" });
    await lb02Says.getByText(/^✕ lb02 cannot take over: it is in fault: interface eth1/).waitFor();
    await lb02.unserve();
    await lb02Says.getByText(/lb02 does not say whether it can take over: it is not reachable/)
      .waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await page.locator(".peers").getByText(
      /not reachable, last answered .* ago: nobody listens there/,
    ).waitFor();
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

Deno.test("the page shows the outcome of on_fail, and which target is not notified", async (t) => {
  await onPage(async ({ lb01 }, browser) => {
    lb01.notify([GOOD_RECEIVER, DEAD_RECEIVER]);
    const { page, close } = await openPage(browser, lb01.url);
    await t.step("the command of on_fail runs, while the node stays master", async () => {
      failWithRecovery(lb01, 8000);
      await page.getByText(/recovering for .*: on_fail runs, try 1 of 2/).waitFor();
      await badge(page, "master");
      await says(page, "#checks + ul", /up[\s\S]*nginx/);
    });
    await t.step("its tries are used up: the check is down, and another node master", async () => {
      await page.getByText(/given up .* ago, after 2 tries of on_fail/).waitFor();
      await badge(page, "backup");
      await says(page, "#checks + ul", /down[\s\S]*nginx/);
    });
    await t.step("one was notified of it, the other was not", async () => {
      const told = page.locator("#notifications + ul li", { hasText: "script" });
      await told.getByText(/last sent .* ago/).waitFor();
      assert.match(await told.innerText(), /ok[\s\S]*exec[\s\S]*[1-9] sent/);
      const untold = page.locator("#notifications + ul li", { hasText: "chat" });
      await untold.getByText("last failure").waitFor();
      assert.match(
        await untold.innerText(),
        /failing[\s\S]*nothing sent yet[\s\S]*[1-9] waiting/,
      );
      await page.locator(".alarm", { hasText: "notification_failed" }).waitFor();
    });
    await close();
  });
});

Deno.test("the page says which processes answer, and why one was started again", async () => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    lb01.processes = exampleStatus().processes;
    const { page, close } = await openPage(browser, lb01.url, { viewport: PHONE });
    const footer = page.getByRole("contentinfo");
    await footer.getByText("engine PID 812 (vipd), front PID 905 (vipd-front)").waitFor();
    await footer.getByText(
      /^front was started again once; it last ended .*: it was ended by SIGKILL$/,
    )
      .waitFor();
    assert.deepEqual(await violations(page), []);
    await close();
    const other = await openPage(browser, lb02.url);
    await badge(other.page, "backup");
    assert.equal(await other.page.getByRole("contentinfo").count(), 0);
    await other.close();
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
    await waitFor(
      "the focus to be back",
      async () => /^Promote/.test(String(await focused())),
      { timeoutMs: 5000, explain: async () => String(await focused()) },
    );
    await page.keyboard.press("Enter");
    // Before it is there, the key would go on to a field of the page.
    await page.getByRole("dialog").waitFor();
    await tabTo(/INPUT/);
    await page.keyboard.type("without a mouse");
    await tabTo(/INPUT/);
    await page.keyboard.type(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByText("VI_1: lb02 is master now").waitFor();
    assert.equal(lb02.node.status.override?.reason, "without a mouse");
    await close();
  });
});

Deno.test("axe finds nothing wrong, in light and dark, wide and on a phone", async (t) => {
  await onPage(async ({ lb01, lb02 }, browser) => {
    lb01.notify([DEAD_RECEIVER, GOOD_RECEIVER]);
    failWithRecovery(lb01);
    for (const view of VIEWS) {
      const { colorScheme, viewport } = view;
      const colours = "forcedColors" in view ? "forced colours" : colorScheme;
      await t.step(`${colours}, ${viewport.width} px`, async () => {
        const { page, close } = await openPage(browser, lb01.url, view);
        await page.getByLabel("Show everything").check();
        await page.getByText("Counters").click();
        await page.getByText("recovering for").waitFor();
        await page.locator(".verdict.failing").waitFor();
        assert.deepEqual(await violations(page), []);
        const width = () => page.evaluate("document.documentElement.scrollWidth");
        assert.equal(await width(), viewport.width, "the page scrolls sideways");
        for (const name of ["Promote VI_1", "Demote VI_1"]) {
          await page.getByRole("button", { name }).click();
          await page.getByText(/lb02 .*is BACKUP with priority 100/).waitFor();
          assert.deepEqual(await violations(page), []);
          assert.equal(await width(), viewport.width, "the dialog scrolls sideways");
          await page.keyboard.press("Escape");
        }
        await close();
      });
    }
    await t.step("while it is not live, which stays in sight and to read", async () => {
      const pages = await Promise.all(
        VIEWS.map((view) => openPage(browser, lb01.url, view)),
      );
      await lb01.unserve();
      for (const [index, { page, close }] of pages.entries()) {
        const { viewport } = VIEWS[index]!;
        await page.getByText(/Not live: all of this was so \d+ s ago/).waitFor();
        assert.deepEqual(await violations(page), []);
        const width = await page.evaluate("document.documentElement.scrollWidth");
        assert.equal(width, viewport.width, "the page scrolls sideways");
        await page.evaluate("scrollTo(0, document.body.scrollHeight)");
        const top = await page.evaluate(
          "document.querySelector('.staleness').getBoundingClientRect().top",
        );
        assert.ok(Number(top) >= 0, "it scrolls out of sight");
        await close();
      }
      await lb01.serve();
    });
    await t.step("in fault", async () => {
      lb02.node.host.setLink(false);
      const { page, close } = await openPage(browser, lb02.url);
      await badge(page, "fault");
      assert.deepEqual(await violations(page), []);
      await close();
    });
  });
});
