import assert from "node:assert/strict";
import { ApiClient } from "../../src/api/client.ts";
import { parseTarget } from "../../src/api/exchange.ts";
import { EXIT } from "../../src/cli/exit_codes.ts";
import { ENTER_SCREEN, LEAVE_SCREEN } from "../../src/cli/screen.ts";
import { styleFor } from "../../src/cli/style.ts";
import { Watching } from "../../src/cli/watching.ts";
import { exampleInstance, exampleStatus } from "../api/fake_backend.ts";
import { capture } from "./captured_context.ts";
import { withDaemonApi } from "./fake_daemon_api.ts";

const ROWS = 24;

Deno.test("the view follows what happens, says what it knows no more, and leaves the terminal as it was", async () => {
  await withDaemonApi(async (daemon) => {
    const { backend } = daemon;
    const client = new ApiClient(parseTarget(daemon.api)!);
    let shown = "";
    const output = {
      out: (text: string) => void (shown += text),
      err: () => {},
      hasReader: () => true,
      colour: false,
      rows: () => ROWS,
    };
    /** The last view, once it is as wanted. */
    const until = async (wanted: RegExp) => {
      for (let tries = 0; tries < 1000; tries++) {
        const view = shown.split("\x1b[H\x1b[J").at(-1)!;
        if (wanted.test(view)) return view;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return assert.fail(`${wanted} is not shown: ${shown.slice(-2000)}`);
    };
    const ending = new AbortController();
    const options = { all: false, style: styleFor(false) };
    const watching = new Watching(client, output, options, await client.status());
    const end = watching.run(ending.signal);
    try {
      await until(/^VI_1 {2}MASTER/m);
      assert.ok(shown.startsWith(ENTER_SCREEN));

      backend.current = exampleStatus({ instances: [exampleInstance({ state: "backup" })] });
      backend.journal.record("notice", "state_changed", "VI_1: master -> backup: told", "VI_1");
      const view = await until(
        /^VI_1 {2}BACKUP[^]*VI_1: master -> backup: told \[state_changed\]/m,
      );
      assert.ok(view.split("\r\n").length <= ROWS, view);

      await daemon.stop();
      await until(/^! not live, \d+ s old: cannot reach vipd[^]*^VI_1 {2}BACKUP/m);
      await daemon.start();
      backend.journal.record("notice", "order_given", "VI_1: promoted by hand", "VI_1");
      assert.doesNotMatch(await until(/promoted by hand \[order_given\]/), /not live/);
    } finally {
      ending.abort();
      await end;
    }
    assert.ok(shown.endsWith(LEAVE_SCREEN));
  });
});

Deno.test("without a terminal it names what does the same", async () => {
  const { code, err } = await capture(["watch"]);
  assert.equal(code, EXIT.usage);
  assert.match(err, /vipd watch needs a terminal; elsewhere: vipd status, vipd events --follow/);
});
