/**
 * The lines of README, docs and help that give orders, as they are written there, by root on the master of a pair that
 * runs; and those that start an engine where systemd does not.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { linesOf } from "../docs/typed_lines.ts";
import { FOLDER, typeLine } from "./documented_lines.ts";

const CONFIG = "/etc/vipd/vipd.yaml";
/** Whom `vipd notify-test` tests. */
const NOTIFIED = "notify:\n  - { name: ops, type: exec, command: [/bin/true] }\n";
/** Two names of one program, in turn. */
const OTHER_COMMAND = "s|\\[/bin/true|[/usr/bin/true|; t; s|\\[/usr/bin/true|[/bin/true|";
/** The example of `vipd support-bundle`. */
const BUNDLE = "/tmp/lb01.json";
const UNIT_FOLDERS = "/run/vipd /run/vipd-front /var/lib/vipd";
const MOVE_FOLDERS = `for it in ${UNIT_FOLDERS}; do mv $it $it.unit; done`;
const RESTORE_FOLDERS = `for it in ${UNIT_FOLDERS}; do rm -rf $it; mv $it.unit $it; done`;
/** It shows a refusal. */
const REFUSED = /"why": "x"/;

/** Types all of it on the master, in the order of the documents; at the end nothing is overridden any more. */
export async function documentsAreObeyed(host: LabHost): Promise<void> {
  const lines = linesOf("commands");
  assert.ok(lines.length >= 40, lines.join("\n"));
  const before = (await host.run(["cat", CONFIG])).stdout;
  await typeLine(host, `tee -a ${CONFIG} ${FOLDER}/lb01.yaml <<'END'\n${NOTIFIED}END\nvipd reload`);
  // The hosts of a lab share this folder, and a bundle replaces no file.
  await host.run(["rm", "-f", BUNDLE]);
  const variables: string[] = [];
  const wrong: string[] = [];
  for (const line of lines) {
    if (/^[A-Z]+=/.test(line)) {
      variables.push(line);
      continue;
    }
    // Only what differs is on probation.
    if (line.includes("--confirm")) await host.run(["sed", "-i", OTHER_COMMAND, CONFIG]);
    const asked = REFUSED.test(line) ? line : line.replace(/^curl /, "curl -sS -f ");
    const { code, stdout, stderr } = await typeLine(host, [...variables, asked].join("\n"));
    if (code !== 0) wrong.push(`${line}: ${code}\n${stdout}${stderr}`);
  }
  assert.deepEqual(wrong, [], wrong.join("\n\n"));
  await host.run(["sh", "-c", `cat >${CONFIG}`], { stdin: before });
  const end = await typeLine(
    host,
    "vipd release --all && vipd priority --all --reset && vipd reload",
  );
  assert.equal(end.code, 0, end.stdout + end.stderr);
}

/**
 * Starts each engine that a person starts, ends it as Ctrl-C does, and then takes off what a dead one may have left.
 * vipd must not run on the host.
 */
export async function enginesAreStarted(host: LabHost): Promise<void> {
  const lines = linesOf("engines");
  const goodbyes = lines.filter((line) => line.startsWith("vipd goodbye"));
  const engines = lines.filter((line) => / run\b/.test(line));
  assert.equal(goodbyes.length + engines.length, lines.length, lines.join("\n"));
  assert.ok(goodbyes.length > 0 && engines.length > 2, lines.join("\n"));
  // Without systemd nobody has made the folders of a unit's user, from whom root takes none.
  const folders = await host.run(["sh", "-c", MOVE_FOLDERS]);
  assert.equal(folders.code, 0, folders.stderr);
  for (const line of engines) {
    const answers = "curl -sf -m 1 http://127.0.0.1:9112/healthz";
    const { code, stdout, stderr } = await typeLine(
      host,
      `${line} >log 2>&1 & pid=$!; ` +
        `until ${answers} || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done; vipd status; ` +
        "kill -INT $pid; wait $pid; code=$?; cat log; exit $code",
    );
    assert.equal(code, 0, `${line}: ${code}\n${stdout}${stderr}`);
    assert.match(stdout, /"ok"[\s\S]*VI_1 +(?:BACKUP|MASTER|INIT)/, `${line}\n${stdout}${stderr}`);
  }
  for (const line of goodbyes) {
    const { code, stdout, stderr } = await typeLine(host, line);
    assert.equal(code, 0, `${line}: ${code}\n${stdout}${stderr}`);
  }
  await host.run(["sh", "-c", RESTORE_FOLDERS]);
}
