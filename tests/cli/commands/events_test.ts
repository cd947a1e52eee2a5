import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { join } from "node:path";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";
import { FakeDaemonApi, withDaemonApi } from "../fake_daemon_api.ts";

function record({ backend }: FakeDaemonApi, count: number): void {
  for (let i = 0; i < count; i++) {
    backend.journal.record("notice", "state_changed", "VI_1: backup -> master", "VI_1");
  }
}

const LINE = "2026-03-01 10:00:00.000 notice  VI_1: backup -> master [state_changed]\n";

Deno.test("events shows what is kept, all or after an id", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 3);
    const all = await capture(["events", "--api", daemon.api]);
    assert.deepEqual(all, { code: EXIT.ok, out: LINE.repeat(3), err: "" });
    const json = await capture(["events", "--api", daemon.api, "--since", "2", "--json"]);
    assert.deepEqual(JSON.parse(json.out), daemon.backend.journal.since(2)[0]);
    assert.equal(json.out.split("\n").length, 2);
  });
});

Deno.test("an id that the journal has not reached shows all of it, and says so", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 3);
    const asked = ["events", "--api", daemon.api, "--since"];
    assert.deepEqual(await capture([...asked, "3"]), { code: EXIT.ok, out: "", err: "" });
    const said = "vipd: the journal has begun again, or entry 4 is of another one; " +
      "this is all that it has\n";
    const all = { code: EXIT.ok, out: LINE.repeat(3), err: said };
    assert.deepEqual(await capture([...asked, "4"]), all);
    assert.deepEqual(await capture([...asked, "4", "--follow"], { readLines: 3 }), all);
  });
});

Deno.test("what needs attention has a colour where colours are shown", async () => {
  await withDaemonApi(async ({ api, backend }) => {
    backend.journal.record("error", "send_failed", "VI_1: EPERM");
    const { out } = await capture(["events", "--api", api], { colour: true });
    assert.ok(out.startsWith("\x1b[1;31m") && out.endsWith("[send_failed]\x1b[0m\n"), out);
  });
});

Deno.test("follow shows what is kept and what happens, and ends with its reader", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 2);
    const following = capture(["events", "--follow", "--api", daemon.api], { readLines: 3 });
    while (daemon.backend.journal.lastId < 4) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      record(daemon, 1);
    }
    const { code, out } = await following;
    assert.equal(code, EXIT.ok);
    assert.equal(out, LINE.repeat(out.split("\n").length - 1));
    assert.ok(out.length >= 3 * LINE.length);
  });
});

Deno.test("follow waits for a vipd that restarts and misses nothing", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 2);
    const following = capture(["events", "--follow", "--json", "--api", daemon.api], {
      readLines: 3,
    });
    await daemon.followed();
    await daemon.restart(async () => {
      // Long enough for three tries, of which the last two fail alike.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      record(daemon, 2);
    });
    const { out, err } = await following;
    assert.deepEqual(
      out.trim().split("\n").map((line) => JSON.parse(line).id).slice(0, 3),
      [1, 2, 3],
    );
    const said = err.match(/.*asks again\n/g) ?? [];
    assert.ok(said.length >= 1);
    assert.deepEqual(said, Array.from(new Set(said)));
  });
});

Deno.test("follow without a daemon ends with 5, and a wrong id with 2", async () => {
  const { code } = await capture(["events", "--follow", "--api", "unix:/nonexistent/api.sock"]);
  assert.equal(code, EXIT.unreachable);
  const wrong = await capture(["events", "--since", "yesterday"]);
  assert.equal(wrong.code, EXIT.usage);
  assert.match(
    wrong.err,
    /--since takes a time such as 90s, .*, 20:10 or .*, or the id of an entry, not "yesterday"/,
  );
});

Deno.test("people read times in their zone, and in UTC if they ask for it", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 1);
    const asked = ["events", "--api", daemon.api];
    const berlin = { timeZone: "Europe/Berlin" };
    assert.match((await capture(asked, berlin)).out, /^2026-03-01 11:00:00\.000 notice/);
    assert.match((await capture([...asked, "--utc"], berlin)).out, /^2026-03-01T10:00:00\.000Z /);
    assert.match((await capture([...asked, "--json"], berlin)).out, /"2026-03-01T10:00:00\.000Z"/);
  });
});

Deno.test("events of the last hour are those of the last hour", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 2);
    const since = async (when: string) =>
      (await capture(["events", "--api", daemon.api, "--since", when])).out;
    const ageMs = Date.now() - Date.UTC(2026, 2, 1, 10);
    const hours = Math.floor(ageMs / 3_600_000);
    assert.equal(await since(`${hours}h`), "");
    assert.equal(await since(`${hours + 2}h`), LINE.repeat(2));
  });
});

Deno.test("events since a time are those from it on, by this machine's clock", async () => {
  await withDaemonApi(async (daemon) => {
    record(daemon, 2);
    const since = async (when: string, ...more: string[]) =>
      (await capture(["events", "--api", daemon.api, "--since", when, ...more], {
        timeZone: "Europe/Berlin",
      })).out.split("\n").length - 1;
    assert.equal(await since("2026-03-01 11:00"), 2);
    assert.equal(await since("2026-03-01T11:00:00"), 2);
    assert.equal(await since("2026-03-01 12:00"), 0);
    assert.equal(await since("2026-03-01 10:00", "--utc"), 2);
  });
});

/** A vipd that does not run, with a journal of two entries. */
async function withJournalFile(
  act: (config: string, file: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, exampleConfig(folder, "127.0.0.1:1"));
    const file = join(folder, "state", "journal.jsonl");
    await Deno.mkdir(join(folder, "state"));
    const entry = { severity: "notice", code: "state_changed", message: "VI_1: backup -> master" };
    const lines = [1, 2].map((id) =>
      `${JSON.stringify({ id, time: "2026-03-01T10:00:00.000Z", ...entry })}\n`
    );
    await Deno.writeTextFile(file, lines.join(""));
    await act(config, file);
  });
}

Deno.test("while vipd does not answer, events shows the journal's file, and says so", async () => {
  await withJournalFile(async (config, file) => {
    const { code, out, err } = await capture(["events", "--config", config]);
    assert.deepEqual([code, out], [EXIT.unreachable, LINE.repeat(2)]);
    assert.match(err, /^vipd: cannot reach vipd at [^\n]+\nvipd: this is what [^\n]+ holds\n$/);
    assert.ok(err.includes(file));
    assert.equal((await capture(["events", "--config", config, "--since", "1"])).out, LINE);
    const later = await capture(["events", "--config", config, "--since", "3"]);
    assert.equal(later.out, LINE.repeat(2));
    assert.match(later.err, /\nvipd: the journal has begun again, or entry 3 is of another one; /);
    await Deno.remove(file);
    const none = await capture(["events", "--config", config]);
    assert.deepEqual([none.code, none.out], [EXIT.unreachable, ""]);
  });
});

Deno.test("follow shows the journal's file while vipd does not answer, and waits for vipd", async () => {
  await withJournalFile(async (config) => {
    const { code, out, err } = await capture(["events", "--follow", "--config", config], {
      readLines: 2,
    });
    assert.deepEqual([code, out], [EXIT.ok, LINE.repeat(2)]);
    assert.match(err, /vipd: this is what [^\n]+ holds\nvipd: waits for vipd\n$/);
  });
});

Deno.test("the file of this machine stands in for no other vipd", async () => {
  await withJournalFile(async (config) => {
    const { out } = await capture(["events", "--config", config, "--api", "http://127.0.0.1:1"]);
    assert.equal(out, "");
  });
});
