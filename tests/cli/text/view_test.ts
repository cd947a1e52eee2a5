/** How one, three, twenty and two hundred instances look on terminals of all sizes. `UPDATE_GOLDEN=1` writes them. */

import assert from "node:assert/strict";
import { styleFor } from "../../../src/cli/text/terminal/style.ts";
import { statusText } from "../../../src/cli/text/status_text.ts";
import { timesIn } from "../../../src/cli/text/times.ts";
import { watchLines } from "../../../src/cli/text/watch_text.ts";
import { widthOf } from "../../../src/cli/text/terminal/width.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";
import type { InstanceStatus, NodeStatus, Verdict } from "../../../src/status/status.ts";
import { exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";
import { instanceWith } from "../../status/pair/example.ts";

const COUNTS = [1, 3, 20, 200];
const WIDTHS = [40, 80, 120, 200];
const PLAIN = styleFor(false);
const times = timesIn("UTC");

const ENTRIES: readonly JournalEntry[] = [1, 2, 3, 4, 5].map((id) => ({
  id,
  time: `2026-03-01T10:00:0${id}.000Z`,
  severity: "notice",
  code: "state_changed",
  message: `VI_${id}: backup -> master: no master was heard for Master_Down_Interval`,
}));

/** Every seventh instance is in fault, some others are not protected, one has a wide name. */
function instancesOf(count: number): InstanceStatus[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const verdict: Verdict = number % 7 === 2
      ? "unserved"
      : number % 5 === 1
      ? "unprotected"
      : "protected";
    const name = number === 3 ? "東京_3" : `VI_${number}`;
    const broken = number % 7 === 3;
    return instanceWith(verdict, {
      name,
      vrid: number,
      ...(broken ? { state: "fault", faults: ["check nginx is down"], master: null } : {}),
    });
  });
}

function nodeWith(count: number): NodeStatus {
  return exampleStatus({ instances: instancesOf(count), peers: [examplePeer()] });
}

function watched(count: number, rows: number, columns: number, style = PLAIN): string[] {
  const view = { notices: [], status: nodeWith(count), runs: true, all: false };
  return watchLines({ ...view, entries: ENTRIES, style, times }, { rows, columns });
}

async function assertGolden(name: string, text: string): Promise<void> {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(file, text);
  assert.equal(text, await Deno.readTextFile(file));
}

for (const columns of WIDTHS) {
  Deno.test(`the view of vipd watch on ${columns} columns`, async () => {
    const views = COUNTS.map((count) =>
      `== ${count} of ${columns} columns and 24 rows\n${watched(count, 24, columns).join("\n")}\n`
    );
    await assertGolden(`watch-${columns}`, views.join("\n"));
  });

  Deno.test(`vipd status on ${columns} columns`, async () => {
    const texts = COUNTS.slice(0, 3).map((count) =>
      `== ${count} of ${columns} columns\n${statusText(nodeWith(count), PLAIN, { times, columns })}`
    );
    await assertGolden(`status-${columns}`, texts.join("\n"));
  });
}

Deno.test("the view fits every terminal, with and without colours", () => {
  for (const count of [0, 1, 2, 3, 200]) {
    for (const rows of [10, 11, 15, 16, 24, 60]) {
      for (const columns of [40, 41, 63, 80, 120, 200]) {
        for (const colour of [false, true]) {
          const lines = watched(count, rows, columns, styleFor(colour));
          const where = `${count} instances, ${rows} rows, ${columns} columns`;
          assert.ok(lines.length <= rows, `${where}: ${lines.length} lines`);
          const wide = lines.find((line) => widthOf(line) > columns);
          assert.equal(wide, undefined, where);
          assert.ok(lines.every((line) => !line.includes("\n")), where);
        }
      }
    }
  }
});

Deno.test("what has no place is counted, to the last instance", () => {
  for (const rows of [12, 24, 60]) {
    const lines = watched(200, rows, 120);
    const shown = lines.filter((line) => /^(VI_\d+|東京_3) +(MASTER|FAULT) /.test(line)).length;
    const more = lines.map((line) => /^(\d+) more instances$/.exec(line)?.[1]).find((it) => it);
    assert.ok(shown > 0);
    assert.equal(shown + Number(more), 200, lines.join("\n"));
  }
});

Deno.test("the lowest terminal shows the verdict, its gravest reason with the remedy, and the first fault", () => {
  const [sentence, reason, remedy, ...rest] = watched(20, 10, 80);
  assert.match(sentence!, /^14 of 20 instances are protected/);
  assert.match(reason!, /^! VI_2, VI_9, VI_16: lb01 holds the address and does not answer clients/);
  assert.equal(remedy, "  see systemctl status nginx on lb01");
  assert.ok(rest.some((line) => /^東京_3 +FAULT /.test(line)), rest.join("\n"));
  assert.ok(rest.some((line) => /^\d+ more instances$/.test(line)), rest.join("\n"));
});

Deno.test("sentence, gravest reason and remedy can be read to their end, even on 40 columns", () => {
  const { pair } = instanceWith("unserved", {});
  const [reason] = pair!.reasons;
  for (const columns of [40, 60, 80]) {
    const status = exampleStatus({ instances: [instanceWith("unserved", {})] });
    const view = { notices: [], status, runs: true, all: false, entries: [], style: PLAIN, times };
    const text = watchLines(view, { rows: 24, columns }).join(" ").replaceAll(/ +/g, " ");
    for (const part of [pair!.sentence, reason!.message, reason!.hint]) {
      assert.ok(text.includes(part), `${columns}: ${part}\n${text}`);
    }
  }
});

Deno.test("the sentence of the pair is the first line of each view", () => {
  assert.equal(watched(1, 10, 80)[0], "UNPROTECTED: VI_1 is served by lb01; nobody is ready");
  const safe = exampleStatus({ instances: [instanceWith("protected")] });
  assert.equal(
    statusText(safe, PLAIN).split("\n")[0],
    "VI_1 is served by lb01; lb02 is ready",
  );
  assert.match(watched(20, 10, 80)[0]!, /^\d+ of 20 instances are protected, \d are unserved, /);
});

Deno.test("no verdict stands above a status of an older vipd, or of an engine that does not run", () => {
  const old = exampleStatus({ instances: [instanceWith(null)] });
  assert.ok(statusText(old, PLAIN).startsWith("lb01  vipd 0.1.0"));
  const dead = statusText(nodeWith(3), PLAIN, { runs: false });
  assert.ok(dead.startsWith("lb01  vipd 0.1.0"), dead);
  assert.match(dead, /^VI_1 +was MASTER +/m);
  assert.doesNotMatch(dead, /VERDICT/);
});
