/**
 * The lines of README, docs and help that look, as they are written there, on a running node of a pair: each as the user
 * with the fewest rights that the text is for, which is mostly somebody without any.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { linesOf } from "../docs/typed_lines.ts";
import { typeLine, type User } from "./documented_lines.ts";

/** They need no daemon and no configuration. */
const ANYWHERE = /^vipd (?:completion bash$|explain|help|man|manpage|simulate|version)\b/;
/** These go on until they are ended. */
const ENDLESS = /^vipd (?:watch|listen(?!.*--for))\b|--follow\b|event-stream/;
/** They take seconds, most of which they wait. */
const LONG = /^vipd (?:doctor|listen|rehearse(?! --node)|simulate)\b|^arping/;
/** What differs, or is wrong, is a result; so is a match that does not come. */
const RESULTS = /^vipd (?:doctor|diff)\b|^arping|\| grep/;
/** What they print depends on what has happened. */
const MAY_BE_SILENT = /\| (?:jq|grep)|proto 118$|\| tail$|> |\|\| echo|--state fault|^nginx -t/;
/** timeout(1) passes the signal on, and says so. */
const ENDED: readonly number[] = [0, 124, 143];

/** Anybody may read this node; only root may listen to a link, give an order or run nginx -T. */
function userOf(line: string): User {
  if (ANYWHERE.test(line)) return "nobody";
  // The other node's API as a client elsewhere asks it; the configuration, which names it here, is for vipd's group.
  if (/^vipd (?:status|events|watch|diff|rehearse)\b/.test(line)) {
    return /--node|^vipd (?:diff|rehearse)/.test(line) ? readerOf(line) : "nobody";
  }
  if (/^vipd check(?!.*--probe)/.test(line)) return "vipd";
  return /^curl (?!.*\$\()/.test(line) ? "nobody" : "root";
}

function readerOf(line: string): User {
  return /^vipd rehearse(?! --node)/.test(line) ? "root" : "vipd";
}

/** Types all of it on lb01, which serves a pair that is protected, and for lb01 as a peer on lb02. */
export async function documentsAreRead(lb01: LabHost, lb02: LabHost): Promise<void> {
  const lines = linesOf("reading");
  assert.ok(lines.length >= 90, lines.join("\n"));
  const hostOf = (line: string) => /--node lb01|^arping/.test(line) ? lb02 : lb01;
  const long = lines.filter((line) => LONG.test(line) || ENDLESS.test(line));
  const wrong = await Promise.all([
    inTurn(long, (line) => lookedAt(hostOf(line), line)),
    inTurn(lines.filter((line) => !long.includes(line)), (line) => lookedAt(hostOf(line), line)),
  ]);
  assert.deepEqual(wrong.flat(), [], wrong.flat().join("\n\n"));
  await withoutRights(lb01);
}

/** What is wrong, of all lines. */
async function inTurn(
  lines: readonly string[],
  type: (line: string) => Promise<string | null>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const line of lines) {
    const problem = await type(line);
    if (problem !== null) wrong.push(problem);
  }
  return wrong;
}

async function lookedAt(host: LabHost, line: string): Promise<string | null> {
  const user = userOf(line);
  const isEndless = ENDLESS.test(line);
  const asked = line.replace(/^curl /, "curl -sS -f ");
  const { code, stdout, stderr } = await typeLine(host, isEndless ? forAWhile(asked) : asked, user);
  const wanted = isEndless ? ENDED : RESULTS.test(line) ? [0, 1] : [0];
  if (!wanted.includes(code)) return `${user}: ${line}: ${code}\n${stdout}${stderr}`;
  return stdout.trim() === "" && !MAY_BE_SILENT.test(line) ? `${user}: ${line}: silence` : null;
}

/** Ends the line when it has printed something, a moment later so that one that fails ends by itself; or after seconds. */
function forAWhile(line: string): string {
  // It needs a terminal, script(1).
  const typed = line.startsWith("vipd watch") ? `script -qec "${line}" /dev/null` : line;
  return `said=$(mktemp); (${typed}) >$said 2>&1 & pid=$!; ` +
    'for i in $(seq 100); do if [ -s "$said" ] || ! kill -0 $pid 2>/dev/null; then break; fi; sleep 0.1; done; ' +
    'sleep 0.3; pkill -P $pid 2>/dev/null; kill $pid 2>/dev/null; wait $pid; code=$?; cat "$said"; exit $code';
}

/** Somebody who may not read the configuration learns the command that works; it does not say that something is wrong. */
async function withoutRights(host: LabHost): Promise<void> {
  const doctor = await typeLine(host, "vipd doctor", "nobody");
  assert.match(doctor.stdout, /may not read \S+vipd\.yaml, so nothing was examined/);
  assert.match(doctor.stdout, /\n {2}\$ sudo vipd doctor\n/);
  for (const line of ["vipd check", "vipd diff", "vipd status --node lb02"]) {
    const { code, stderr } = await typeLine(host, line, "nobody");
    assert.equal(code, 4, `${line}: ${stderr}`);
    assert.match(stderr, /sudo|a user who may read it/);
  }
}
