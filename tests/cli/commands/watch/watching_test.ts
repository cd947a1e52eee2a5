import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "../../../../src/api/client.ts";
import { parseTarget } from "../../../../src/api/exchange.ts";
import { seeStatus } from "../../../../src/cli/target/seen_status.ts";
import { Watching } from "../../../../src/cli/commands/watch/watching.ts";
import type { Output } from "../../../../src/cli/context.ts";
import { ENTER_SCREEN, LEAVE_SCREEN } from "../../../../src/cli/text/terminal/screen.ts";
import { styleFor } from "../../../../src/cli/text/terminal/style.ts";
import { timesIn } from "../../../../src/cli/text/times.ts";
import { EXIT } from "../../../../src/exit.ts";
import type { InstanceStatus } from "../../../../src/status/status.ts";
import { engineIn } from "../../../daemon/engine_sign.ts";
import { exampleInstance, exampleStatus } from "../../../front/fake_backend.ts";
import { capture, inFolder } from "../../captured_context.ts";
import { withDaemonApi } from "../../fake_daemon_api.ts";

const ROWS = 24;

/** A terminal that keeps what is drawn on it. */
class Terminal implements Output {
  shown = "";
  readonly colour = false;

  out(text: string): void {
    this.shown += text;
  }

  err(): void {}

  hasReader(): boolean {
    return true;
  }

  rows(): number {
    return ROWS;
  }

  columns(): number {
    return 120;
  }

  /** The last view, once it is as wanted. */
  async until(wanted: RegExp): Promise<string> {
    for (let tries = 0; tries < 1000; tries++) {
      const view = this.shown.split("\x1b[H\x1b[J").at(-1)!;
      if (wanted.test(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return assert.fail(`${wanted} is not shown: ${this.shown.slice(-2000)}`);
  }
}

const OPTIONS = {
  all: false,
  style: styleFor(false),
  selection: { names: [], states: null, verdicts: null },
  times: timesIn("UTC"),
};

Deno.test("the view follows what happens, says what it knows no more, and leaves the terminal as it was", async () => {
  await withDaemonApi(async (daemon) => {
    const { backend } = daemon;
    const client = new ApiClient(parseTarget(daemon.api)!);
    const terminal = new Terminal();
    const seen = { status: await client.status(), notLive: null };
    const ending = new AbortController();
    const watching = new Watching(
      { client, runDir: null, stateDir: null },
      terminal,
      OPTIONS,
      seen,
    );
    const end = watching.run(ending.signal);
    try {
      await terminal.until(/^VI_1 {2}MASTER/m);
      assert.ok(terminal.shown.startsWith(ENTER_SCREEN));

      backend.current = exampleStatus({ instances: [exampleInstance({ state: "backup" })] });
      backend.journal.record("notice", "state_changed", "VI_1: master -> backup: told", "VI_1");
      const view = await terminal.until(
        /^VI_1 {2}BACKUP[^]*VI_1: master -> backup: told \[state_changed\]/m,
      );
      assert.ok(view.split("\r\n").length <= ROWS, view);

      await daemon.stop();
      await terminal.until(/^! not live, \d+ s old: cannot reach vipd[^]*^VI_1 {2}BACKUP/m);
      await daemon.start();
      backend.journal.record("notice", "order_given", "VI_1: promoted manually", "VI_1");
      assert.doesNotMatch(await terminal.until(/promoted manually \[order_given\]/), /not live/);
    } finally {
      ending.abort();
      await end;
    }
    assert.ok(terminal.shown.endsWith(LEAVE_SCREEN));
  });
});

Deno.test("the view goes on with what the engine writes while the API does not answer", async () => {
  await inFolder(async (folder) => {
    const write = async (changes: Partial<InstanceStatus>, agoMs: number) => {
      const written_at = new Date(Date.now() - agoMs).toISOString();
      const status = exampleStatus({ instances: [exampleInstance(changes)] });
      await Deno.writeTextFile(
        join(folder, "status.json"),
        JSON.stringify({ written_at, status }),
      );
    };
    const engine = await engineIn(folder);
    const client = new ApiClient({ kind: "unix", path: join(folder, "api.sock") });
    const daemon = { client, runDir: folder, stateDir: folder };
    const terminal = new Terminal();
    const ending = new AbortController();
    await write({}, 9000);
    const watching = new Watching(daemon, terminal, OPTIONS, await seeStatus(daemon));
    const end = watching.run(ending.signal);
    try {
      const why = "the API does not answer \\(nobody listens there\\), vipd itself runs";
      await terminal.until(new RegExp(`^! not live, \\d+ s old: ${why}[^]*^VI_1 {2}MASTER`, "m"));
      await write({ state: "backup" }, 0);
      await terminal.until(new RegExp(`^! not live, [0-4] s old: ${why}[^]*^VI_1 {2}BACKUP`, "m"));
      // What is older than what is shown is not news.
      await write({ state: "fault" }, 12_000);
      await terminal.until(/^! not live, [2-9] s old: .*[^]*^VI_1 {2}BACKUP/m);
    } finally {
      ending.abort();
      await end;
      await engine.release();
    }
  });
});

Deno.test("without a terminal it names what does the same", async () => {
  const { code, err } = await capture(["watch"]);
  assert.equal(code, EXIT.usage);
  assert.match(err, /vipd watch needs a terminal; elsewhere: vipd status, vipd events --follow/);
});
