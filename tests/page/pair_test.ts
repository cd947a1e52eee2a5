/** The page's answer to the one question: is the service safe? */

import assert from "node:assert/strict";
import { nodeStatus } from "../../src/status/schemas/node.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import {
  isTitled,
  openPage,
  PHONE,
  says,
  SCREEN,
  SMALL_SCREEN,
  violations,
  withBrowser,
} from "./browser.ts";
import { withFixtureServer } from "./fixture_server.ts";
import { PAIR_FIXTURES } from "./pair_fixtures.ts";
import { smallPng } from "./small_png.ts";

interface Shown {
  /** The sentence at the top. */
  readonly sentence: RegExp;
  /** What the picture says to a screen reader. */
  readonly picture: RegExp;
  /** The highlighted button of the gravest instance; `null` if it has none or is closed. */
  readonly offered: RegExp | null;
}

const CASES: Readonly<Record<string, Shown>> = {
  "protected": {
    sentence: /^VI_1 is served by lb01; lb02 is ready$/,
    picture: /^lb01 serves.*lb02 ready.*adverts between lb01 and lb02: passes/,
    offered: /^Demote VI_1 lb01 hands 192\.168\.31\.5 to lb02$/,
  },
  "unverified": {
    sentence: /the API of lb02 does not answer: no whole answer within 1 s$/,
    picture: /lb02 not known, API is silent.*API between lb01 and lb02: fails/,
    offered: null,
  },
  "unprotected-deaf": {
    sentence:
      /lb02 hears no adverts of lb01: its firewall drops them \(table inet filter, chain input/,
    picture: /lb02 not ready, hears no adverts.*adverts between lb01 and lb02: fails/,
    offered: null,
  },
  "unprotected-stopped": {
    sentence: /vipd does not run on lb02, or its front does not: its machine refuses connections/,
    picture: /lb02 not ready, vipd stopped/,
    offered: null,
  },
  "unprotected-unwell": {
    sentence: /lb02 is not well: check nginx is down; its priority is 40 instead of 100$/,
    picture: /lb02 not ready, a check fails/,
    offered: null,
  },
  "contested": {
    sentence: /^VI_1 is contested: lb01 and lb02 are master at the same time/,
    picture: /^lb01 holds it.*lb02 holds it/,
    offered: /^Demote VI_1 lb01 leaves 192\.168\.31\.5 to lb02$/,
  },
  "unserved": {
    sentence:
      /lb02 has the addresses but does not answer lb01 at http:\/\/192\.168\.31\.5:80\/: no answer within 1\.5 s$/,
    picture: /^lb02 silent.*lb01 ready.*client check between lb02 and lb01: fails/,
    offered: /^Promote VI_1 lb01 takes 192\.168\.31\.5 from lb02$/,
  },
  "many": {
    sentence:
      /^18 of 20 instances are protected; VI_13 is unprotected \(1 more is not protected\): /,
    picture: /^lb02 serves.*lb01 not ready/,
    offered: null,
  },
  "fault": {
    sentence: /^VI_1 is served by lb02; lb01 is in fault: interface eth1 is down$/,
    picture: /^lb02 serves.*lb01 not ready, in fault/,
    offered: null,
  },
};

const verdictOf = (name: string) =>
  name === "many" || name === "fault" ? "unprotected" : name.split("-")[0]!;

Deno.test("each verdict: sentence, picture, title and the command that can work; axe is content", async (t) => {
  assert.deepEqual(Object.keys(PAIR_FIXTURES), Object.keys(CASES));
  await withFixtureServer((url, backend) =>
    withBrowser(async (browser) => {
      const opened = await openPage(browser, url, { viewport: SMALL_SCREEN });
      const { page } = opened;
      for (const [name, { sentence, picture, offered }] of Object.entries(CASES)) {
        await t.step(name, async () => {
          backend.current = nodeStatus.parse(PAIR_FIXTURES[name]!.status) as NodeStatus;
          await page.reload();
          await page.waitForSelector(`.lead.${verdictOf(name)}`);
          // Two of the same verdict follow each other.
          await says(page, "#lead", sentence);
          assert.match((await page.getAttribute(".picture svg", "aria-label"))!, picture);
          await isTitled(page, new RegExp(`^${verdictOf(name)} · lb01 `));
          const primary = page.locator(".inside button.primary");
          assert.equal(await primary.count(), offered === null ? 0 : 1);
          if (offered !== null) {
            assert.match((await primary.innerText()).replace(/\s+/g, " "), offered);
          }
          // The rows of many look as these do, and axe takes its time for each.
          for (const colorScheme of name === "many" ? [] : ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            assert.deepEqual(await violations(page), []);
          }
          const width = await page.evaluate("document.documentElement.scrollWidth");
          assert.equal(width, SMALL_SCREEN.width, "the page scrolls sideways");
        });
      }

      await t.step(
        "a master whose standby does not run offers no demote, and says why",
        async () => {
          backend.current = PAIR_FIXTURES["unprotected-stopped"]!.status;
          await page.reload();
          await page.getByText(
            "Demote cannot work: vipd does not run on lb02, or its front does not",
          )
            .waitFor();
          assert.equal(await page.getByRole("button", { name: /^Demote/ }).count(), 0);
        },
      );

      await t.step(
        "a node in fault offers no promote, says why, and believes its peer",
        async () => {
          backend.current = PAIR_FIXTURES["fault"]!.status;
          await page.reload();
          await page.waitForSelector("article.unprotected .faults");
          const text = await page.innerText("article .inside");
          assert.match(text, /Promote cannot work: VI_1 is in state fault: interface eth1 is down/);
          assert.match(text, /Demote\s+VI_1\s+lb01 stays backup when it can run again/);
          assert.match(text, /lb02, as its API says; no advert is heard here/);
        },
      );

      await t.step("20 instances are on one screen, faults first, and open by key", async () => {
        backend.current = PAIR_FIXTURES["many"]!.status;
        await page.setViewportSize(SCREEN);
        await page.reload();
        await page.locator("article").nth(19).waitFor();
        const bottom = await page.evaluate(
          "[...document.querySelectorAll('article')].at(-1).getBoundingClientRect().bottom",
        );
        assert.ok(Number(bottom) <= SCREEN.height, `the last row ends at ${bottom}`);
        assert.deepEqual((await page.locator("article h3").allInnerTexts()).slice(0, 3), [
          "VI_13",
          "VI_7",
          "VI_1",
        ]);
        await page.getByLabel("Filter by state").selectOption("fault here");
        assert.deepEqual(await page.locator("article h3").allInnerTexts(), ["VI_13"]);
        await page.getByLabel("Filter by state").selectOption("every state");
        await page.getByLabel("Filter by name or address").fill("vi_20");
        await page.locator("article summary").press("Enter");
        await page.locator("article .inside").getByText("MASTER here").waitFor();
        assert.deepEqual(await page.locator("article h3").allInnerTexts(), ["VI_20"]);
        assert.deepEqual(await violations(page), []);
      });

      await t.step("what the peer does stands on the same axis", async () => {
        backend.current = PAIR_FIXTURES["protected"]!.status;
        await page.reload();
        await page.waitForSelector(".lead.protected");
        backend.current = PAIR_FIXTURES["contested"]!.status;
        await page.locator(".timeline li", { hasText: "lb02 VI_1: backup → master" }).waitFor();
        assert.equal(await page.locator(".axis .lane").count(), 2);
      });

      await t.step("what the peer has recorded stands there by this node's clock", async () => {
        const { now } = PAIR_FIXTURES["protected"]!.status;
        const time = new Date(Date.parse(now) - 60_000).toISOString();
        backend.peerJournals.set("lb02", [
          { id: 1, time, severity: "warning", code: "check_failed", message: "nginx is down" },
        ]);
        const status = PAIR_FIXTURES["protected"]!.status;
        backend.current = {
          ...status,
          peers: status.peers.map((peer) => ({ ...peer, clock_offset_ms: 60_000 })),
        };
        await page.reload();
        const entry = page.locator(".timeline li", { hasText: "lb02 nginx is down" });
        await entry.waitFor();
        const shown = await entry.locator("time").getAttribute("datetime");
        assert.equal(Date.parse(shown!), Date.parse(time) - 60_000);
        // Its journal has each of its changes, so this node's view of them stands there no more.
        backend.current = PAIR_FIXTURES["contested"]!.status;
        await page.waitForSelector(".lead.contested");
        const seen = page.locator(".timeline li", { hasText: "lb02 VI_1: backup → master" });
        assert.equal(await seen.count(), 0);
      });
      await opened.close();
    })
  );
});

Deno.test("a vipd that gives no verdict is shown without one", async () => {
  await withFixtureServer((url) =>
    withBrowser(async (browser) => {
      const { page, close } = await openPage(browser, url, { viewport: PHONE });
      assert.match(await page.innerText("#lead"), /the verdict of the pair is not known$/);
      await isTitled(page, /^lb01 MASTER/);
      // The screenshots of the documentation are of this kind.
      const image = await page.screenshot();
      const small = smallPng(image);
      assert.ok(small.length < image.length, `${small.length} octets of ${image.length}`);
      await page.setContent(`<img src="data:image/png;base64,${small.toString("base64")}">`);
      await page.waitForFunction("document.images[0].naturalWidth === 320");
      await close();
    })
  );
});
