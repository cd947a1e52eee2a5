/**
 * The commands and calls of README and docs that read, as they are written there, on a running node of a pair: each as
 * the user with the fewest rights that the text is for, which is mostly somebody without any.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { shownCommands } from "../docs/commands.ts";

const ROOT = new URL("../../", import.meta.url);
const READING = new Set(["status", "events", "watch", "listen", "diff", "doctor", "rehearse"]);
/** They need no daemon and no configuration. */
const ANYWHERE = new Set(["help", "version", "man", "manpage", "completion", "explain"]);
/** These go on until they are ended. */
const ENDLESS = /^(?:watch|listen)\b|--follow\b/;
/**
 * A file or an instance that this node does not have; a question to a person; the same as another line, which takes
 * seconds.
 */
const LEFT_OUT = /--ca-file api\.pem|web\*|doctor --(?:fix|json)|^listen$/;
/** What differs, or is wrong, is a result. */
const RESULTS: Readonly<Record<string, readonly number[]>> = { doctor: [0, 1], diff: [0, 1] };
/** timeout(1) passes the signal on; a shell, and timeout itself, say so. */
const ENDED: readonly number[] = [0, 124, 143];

const HOME = "/run/nobody";
/** Those who may type a command. */
const USERS = {
  root: "",
  vipd: "setpriv --reuid=vipd --regid=vipd --clear-groups -- ",
  nobody: `env HOME=${HOME} setpriv --reuid=nobody --regid=nogroup --clear-groups -- `,
} as const;
type User = keyof typeof USERS;

/** Anybody may read this node; only root may listen to a link, give an order or run nginx -T. */
function userOf(line: string): User {
  if (ANYWHERE.has(line.split(" ")[0]!)) return "nobody";
  if (/^(?:listen|doctor|rehearse(?! --node))\b/.test(line)) return "root";
  // The configuration, which says how to reach the other node, is for vipd's group.
  return /--node|^diff/.test(line) ? "vipd" : "nobody";
}

/** Runs all of it on a node of a pair that runs and is protected. */
export async function documentsAreRead(host: LabHost): Promise<void> {
  await run(host, `install -d -o nobody ${HOME}`);
  const lines = readingLines();
  assert.ok(lines.length >= 12, lines.join("\n"));
  // Some listen to the link for seconds.
  const typed = lines.map((line) => ({ line, user: userOf(line) }));
  const [long, short] = [typed.filter(isLong), typed.filter((one) => !isLong(one))];
  await Promise.all([
    ...long.map((one) => typedWorks(host, one)),
    (async () => {
      for (const one of short) await typedWorks(host, one);
      await withoutRights(host);
      await callsAnswer(host);
    })(),
  ]);
}

interface Typed {
  readonly line: string;
  readonly user: User;
}

function isLong({ line }: Typed): boolean {
  return /^(?:doctor|listen|rehearse)\b/.test(line);
}

/** Each line once, as a shell takes it. */
function readingLines(): string[] {
  const words = documents().flatMap((name) => shownCommands(name, textOf(name)))
    .filter(({ words: [name] }) => READING.has(name!) || ANYWHERE.has(name!))
    .map(({ words }) => words.join(" "));
  return [...new Set(words)].filter((line) => !LEFT_OUT.test(line));
}

async function typedWorks(host: LabHost, { line, user }: Typed): Promise<void> {
  const quoted = line.split(" ").map((word) => `'${word}'`).join(" ");
  // It needs a terminal, script(1).
  const typed = line.startsWith("watch")
    ? `script -qec "vipd ${quoted}" /dev/null`
    : `vipd ${quoted}`;
  const isEndless = ENDLESS.test(line);
  const command = `${USERS[user]}${isEndless ? "timeout 30 " : ""}${typed}`;
  const { code, stdout, stderr } = await run(host, isEndless ? untilItSays(command) : command);
  const wanted = isEndless ? ENDED : RESULTS[line.split(" ")[0]!] ?? [0];
  assert.ok(wanted.includes(code), `${user}: vipd ${line}: ${code}\n${stdout}${stderr}`);
  assert.notEqual(stdout.trim(), "", `${user}: vipd ${line} prints nothing`);
}

/** Ends the command when it has printed something, a moment later so that one that fails ends by itself. */
function untilItSays(command: string): string {
  return `said=$(mktemp); ${command} >$said 2>&1 & pid=$!; ` +
    'while [ ! -s "$said" ] && kill -0 $pid 2>/dev/null; do sleep 0.1; done; sleep 0.3; ' +
    'kill $pid 2>/dev/null; wait $pid; code=$?; cat "$said"; exit $code';
}

/** Somebody who may not read the configuration learns the command that works; it does not say that something is wrong. */
async function withoutRights(host: LabHost): Promise<void> {
  const doctor = await run(host, `${USERS.nobody}vipd doctor`);
  assert.match(doctor.stdout, /may not read \S+vipd\.yaml, so nothing was examined/);
  assert.match(doctor.stdout, /\n {2}\$ sudo vipd doctor\n/);
  for (const line of ["check", "diff", "status --node lb02"]) {
    const { code, stderr } = await run(host, `${USERS.nobody}vipd ${line}`);
    assert.equal(code, 4, `vipd ${line}: ${stderr}`);
    assert.match(stderr, /sudo|a user who may read it/);
  }
}

/** The calls without a token that README and docs show, and the one of docs/pair.md with it. */
async function callsAnswer(host: LabHost): Promise<void> {
  const calls = documents().flatMap((name) => callsIn(textOf(name)));
  const open = [...new Set(calls)].filter((call) =>
    !/TOKEN|Authorization|-X |192\.168|--cacert/.test(call)
  );
  assert.ok(open.length >= 8, open.join("\n"));
  for (const call of open) {
    const asked = call.replace(/^curl /, `${USERS.nobody}curl -sS -f -m 2 `);
    const { code, stdout, stderr } = await run(host, asked);
    // A stream goes on; curl's own limit ends it: 28.
    const isRight = code === 0 || (/event-stream/.test(call) && code === 28);
    assert.ok(isRight && stdout !== "", `${call}: ${code} ${stderr}`);
  }
  const [remote, ...others] = callsIn(textOf("docs/pair.md"));
  assert.deepEqual(others, []);
  const { code, stderr } = await run(host, remote!.replace(/^curl /, "curl -sS -f -m 2 "));
  assert.equal(code, 0, `${remote}: ${stderr}`);
}

/** `curl` up to a pipe, its continued lines joined. */
function callsIn(text: string): string[] {
  return Array.from(
    text.replace(/ *\\\n */g, " ").matchAll(/^(?:\$ )?(curl .*?)(?: \| .*| +# .*)?$/gm),
    ([, call]) => call!,
  );
}

function documents(): string[] {
  const docs = Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => `docs/${name}`);
  return ["README.md", ...docs.filter((name) => name.endsWith(".md")).sort()];
}

function textOf(name: string): string {
  return Deno.readTextFileSync(new URL(name, ROOT));
}

async function run(host: LabHost, command: string) {
  const shell = ["sh", "-c", `PATH=/usr/local/bin:$PATH; cd /; ${command}`];
  return await host.run(shell, { check: false });
}
