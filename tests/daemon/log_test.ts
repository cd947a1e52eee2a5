import assert from "node:assert/strict";
import { Log, LOG_FORMATS, type LogFormat, logLine } from "../../src/daemon/log.ts";
import type { JournalEntry, Severity } from "../../src/status/journal.ts";

function entry(id: number, message = "VI_1: backup -> master", severity: Severity = "notice") {
  const time = "2026-03-01T10:00:00.000Z";
  return { id, time, severity, code: "state_changed", message } satisfies JournalEntry;
}

/** Collects what is written; `gate` holds a write up until it resolves. */
function sink(format: LogFormat = "text", level: Severity = "info", gate?: Promise<void>) {
  let written = "";
  const log = new Log({
    format,
    level,
    write: async (octets) => {
      await gate;
      // Takes little at a time, as a full pipe does.
      const taken = octets.subarray(0, 1000);
      written += new TextDecoder().decode(taken);
      return taken.length;
    },
  });
  return { log, written: () => written };
}

Deno.test("one line for each entry in each format", () => {
  const lines = Object.fromEntries(
    LOG_FORMATS.map((format) => [format, logLine(entry(1), format)]),
  );
  assert.deepEqual(lines, {
    text: "2026-03-01T10:00:00.000Z notice  VI_1: backup -> master [state_changed]\n",
    systemd: "<5>VI_1: backup -> master [state_changed]\n",
    json: `${JSON.stringify(entry(1))}\n`,
  });
});

Deno.test("a message can neither start a line of its own nor paint the terminal", () => {
  const evil = entry(1, "check: first\n<0>second\x1b[2J");
  assert.match(logLine(evil, "systemd"), /^<5>check: first \| <0>second\ufffd\[2J \[/);
  for (const format of LOG_FORMATS) {
    const line = logLine(evil, format);
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.ok(!line.includes("\x1b"));
  }
});

Deno.test("only what is grave enough is written, in order", async () => {
  const { log, written } = sink("systemd", "notice");
  const severities: Severity[] = ["debug", "error", "info", "warning", "notice"];
  for (const [index, severity] of severities.entries()) log.add(entry(index, severity, severity));
  await log.flush(1000);
  assert.deepEqual(written().split("\n").map((line) => line.slice(0, 3)), [
    "<3>",
    "<4>",
    "<5>",
    "",
  ]);
});

Deno.test("a reader that does not read costs lines, not memory or time", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { log, written } = sink("text", "info", gate);
  log.add(entry(0, "first"));
  for (let id = 1; id <= 5000; id++) log.add(entry(id, `entry ${id}.`));
  // Nobody opens the gate: without its limit this would wait for good.
  await log.flush(20);
  assert.equal(written(), "");
  open();
  await log.flush(5000);
  const lines = written().trim().split("\n");
  assert.match(lines[0]!, /first/);
  assert.equal(lines[1], "(4000 lines were not read in time)");
  assert.match(lines[2]!, /entry 4001\./);
  assert.match(lines.at(-1)!, /entry 5000\./);
});

Deno.test("a log that cannot be written does not end the daemon", async () => {
  const log = new Log({
    format: "text",
    level: "info",
    write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  });
  log.add(entry(1));
  await log.flush(1000);
  log.add(entry(2));
  await log.flush(1000);
});
