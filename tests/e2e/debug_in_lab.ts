/**
 * CONTRIBUTING.md's "Debug in the lab", typed on a pair: what looks on the master, the rest on a host where no vipd runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { LabHost } from "../../lab/host.ts";
import { fetchPackages } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import { shownLines } from "../docs/shown_lines.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Typed {
  readonly code: number;
  readonly said: string;
}

/** The lines of the section; each begins as the name says. */
async function sectionLines() {
  const text = await Deno.readTextFile(`${ROOT}CONTRIBUTING.md`);
  const section = text.split("\n## Debug in the lab\n")[1]!.split("\n## ")[0]!;
  const lines = shownLines("CONTRIBUTING.md", section).map(({ line }) => line);
  const names = [
    ["demo", "npx "],
    ["tcpdump", "tcpdump "],
    ["monitor", "ip monitor "],
    ["events", "curl "],
    ["end", "pkill "],
    ["inspected", "cd ROOT && npx "],
    ["debugger", "nsenter "],
    ["replay", "npx "],
    ["replaySlowly", "npx "],
  ] as const;
  assert.equal(lines.length, names.length, lines.join("\n"));
  return Object.fromEntries(names.map(([name, begin], index) => {
    const line = lines[index]!;
    assert.ok(line.startsWith(begin), `${name}: ${line}`);
    return [name, line];
  })) as Record<(typeof names)[number][0], string>;
}

/** In a shell that reads it, as a person's does: `pkill -f` does not find the shell. */
async function typeAt(host: LabHost, line: string, limitS: number): Promise<Typed> {
  const shell = ["timeout", `${limitS}`, "sh"];
  const { code, stdout, stderr } = await host.run(shell, { stdin: line, check: false });
  return { code, said: stdout + stderr };
}

/** Types a line on the machine, and to its program each of these words when it asks for the next. */
async function typeHere(line: string, prompt = "", words: readonly string[] = []): Promise<string> {
  const child = new Deno.Command("timeout", {
    args: ["30", "sh", "-c", line],
    ...{ cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const writer = child.stdin.getWriter();
  let said = "";
  let next = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (next < words.length && said.split(prompt).length > next + 1) {
      await writer.write(new TextEncoder().encode(`${words[next++]}\n`));
    }
  }
  await writer.close().catch(() => {});
  await child.status;
  return said;
}

/** `recording`: a file of the machine that there is not yet. */
export async function debugAsDescribed(
  master: LabHost,
  stopped: LabHost,
  recording: string,
): Promise<void> {
  const lines = await sectionLines();
  assert.match(lines.demo, /^npx -y deno@\S+ task demo --stay$/);
  await fetchPackages();
  const here = (line: string) =>
    line.replace("cd ROOT", `cd ${ROOT}`).replace("/tmp/recording.jsonl", recording)
      .replace("32019", `${stopped.pid}`).replace(
        /npx -y (?:--offline )?deno@\S+/,
        Deno.execPath(),
      );
  const looking = Promise.all([
    typeAt(master, lines.tcpdump, 3),
    typeAt(master, lines.monitor, 3),
    typeAt(master, lines.events, 3),
  ]);
  const vipd = stopped.start("vipd in the debugger", ["sh", "-c", here(lines.inspected)]);
  await waitFor("the inspector and the pair's master", () => {
    const said = vipd.lastLines.join("\n");
    assert.ok(vipd.running, said);
    return said.includes("Debugger listening") && said.includes("init -> backup") ? true : null;
  }, { timeoutMs: 20_000 });
  if (!stopped.unprivileged) {
    const said = await typeHere(here(lines.debugger), "debug> ", ["exec('6 * 7')", ".exit"]);
    assert.match(said, /debug> 42/);
  }
  const ended = await typeAt(stopped, lines.end, 3);
  assert.equal(ended.code, 0, ended.said);
  await vipd.ended;
  const replayed = await typeHere(here(lines.replay));
  assert.match(replayed, /^run 1 of 1, vipd .*\nthe same effects at the same times$/m);
  const [adverts, renewals, events] = await looking;
  assert.match(adverts.said, /VRRPv2, Advertisement, vrid 55, prio \d+/);
  assert.match(renewals.said, /inet 192\.168\.31\.5\/24 /);
  assert.match(events.said, /"code": "state_changed"[\s\S]*\]\n?$/);
}
