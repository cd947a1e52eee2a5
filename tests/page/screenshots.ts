/** Takes the screenshots of docs/page.md: `deno task page:screenshots`. */

import { openPage, SCREEN, SMALL_SCREEN, withBrowser } from "./browser.ts";
import { withFixtureServer } from "./fixture_server.ts";
import { PAIR_FIXTURES } from "./pair_fixtures.ts";
import { smallPng } from "./small_png.ts";

const FOLDER = new URL("../../docs/page/", import.meta.url);

async function main(): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  await withBrowser(async (browser) => {
    for (const [name, fixture] of Object.entries(PAIR_FIXTURES)) {
      await withFixtureServer(async (url) => {
        for (const viewport of [SCREEN, SMALL_SCREEN]) {
          const { page, close } = await openPage(browser, url, { viewport });
          await page.getByText("Live", { exact: true }).waitFor();
          const file = new URL(`${name}-${viewport.width}.png`, FOLDER);
          await Deno.writeFile(file, smallPng(await page.screenshot()));
          await close();
        }
      }, fixture);
    }
  });
}

if (import.meta.main) await main();
