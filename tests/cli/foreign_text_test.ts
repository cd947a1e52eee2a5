/** Whatever a daemon, a peer or a link says: a terminal obeys none of it, and no line of it looks like one of vipd's. */

import assert from "node:assert/strict";
import { examinationText } from "../../src/cli/commands/doctor/doctor.ts";
import { entryLine } from "../../src/cli/text/event_text.ts";
import { guarded } from "../../src/cli/guarded_output.ts";
import { changeLine, viewText } from "../../src/cli/text/listen_text.ts";
import { peerComparisonText } from "../../src/cli/text/peer_comparison_text.ts";
import { drawing } from "../../src/cli/text/terminal/screen.ts";
import { timesIn } from "../../src/cli/text/times.ts";
import { statusText } from "../../src/cli/text/status_text.ts";
import { styleFor } from "../../src/cli/text/terminal/style.ts";
import { formatDiagnostic } from "../../src/config/diagnostics.ts";
import { logLine } from "../../src/daemon/log.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import {
  COMMAND_EXAMPLE,
  ENTRIES_EXAMPLE,
  RELOAD_EXAMPLE,
  STATUS_EXAMPLE,
} from "../../src/front/openapi/examples.ts";
import { formatFinding } from "../../src/keepalived/finding.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { SOURCE_BUILD } from "../../src/version.ts";
import { printableLines } from "../../src/wire/printable.ts";
import { capture, inFolder } from "./captured_context.ts";

const PLAIN = styleFor(false);
const EVIL = "\x1b]0;x\x07\u009b2J\u202e\r\nFORGED: all is well\u2028";

/** A status with everything that can stand in one. */
const FULL: NodeStatus = {
  ...STATUS_EXAMPLE,
  processes: {
    ...STATUS_EXAMPLE.processes,
    front: { ...STATUS_EXAMPLE.processes.front, state: "down", problem: "killed" },
  },
  alarms: [{
    code: "split_brain_advert",
    severity: "error",
    subject: "VI_1",
    message: "two masters",
    hint: "look at the link",
    since: "2026-03-01T10:00:00.000Z",
  }],
  instances: [
    {
      ...STATUS_EXAMPLE.instances[0]!,
      sync_group: "G",
      virtual_mac: { interface: "vrrp.55", mac: "00:00:5e:00:01:37" },
      routing: [{ entry: "route 10.0.0.0/8 via 192.168.31.1", held: false }],
      override: { kind: "demoted", priority: 0, since: "2026-03-01T10:00:00.000Z", until: null },
    },
    {
      ...STATUS_EXAMPLE.instances[0]!,
      name: "VI_2",
      sync_group: "G",
      state: "fault",
      faults: ["x"],
    },
  ],
  checks: [{
    ...STATUS_EXAMPLE.checks[0]!,
    recovery: { phase: "given_up", attempt: 1, attempts: 1, since: "2026-03-01T10:00:00.000Z" },
  }],
};

/** Each variant of a value of JSON with evil in one of its texts, with the text's path. */
function* poisoned(value: unknown, path = ""): Generator<readonly [path: string, value: unknown]> {
  if (typeof value === "string") yield [path, value + EVIL];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    for (const [where, evil] of poisoned(inner, `${path}/${key}`)) {
      yield [
        where,
        Array.isArray(value) ? value.with(Number(key), evil) : { ...value, [key]: evil },
      ];
    }
  }
}

const doctorFinding = (texts: Pick<Finding, "subject" | "message" | "command">): Finding => ({
  code: "api_down",
  severity: "error",
  ...texts,
});

/** What is printed on lines, and a value that it is printed from. */
const PRINTED:
  readonly (readonly [name: string, print: (value: never) => string, value: unknown])[] = [
    ["the status", (value) => statusText(value, PLAIN), FULL],
    ["both nodes side by side", (value) => peerComparisonText(value, PLAIN), FULL],
    ["an event", (value) => entryLine(value, PLAIN, timesIn("UTC").exact), ENTRIES_EXAMPLE[0]],
    ["the log", (value) => logLine(value, "text"), ENTRIES_EXAMPLE[0]],
    ["the journal of systemd", (value) => logLine(value, "systemd"), ENTRIES_EXAMPLE[0]],
    ["the log as JSON", (value) => logLine(value, "json"), ENTRIES_EXAMPLE[0]],
    ["a diagnostic", (value) => formatDiagnostic(value, { excerpt: true }), {
      ...{ severity: "error", code: "unknown_key", file: "a.yaml", line: 3, column: 2, key: "a" },
      ...{ message: "this key is not known", hint: "remove it", excerpt: "  a: 1" },
    }],
    ["a finding of the import", (value) => formatFinding(value), {
      ...{ file: "a.conf", line: 1, severity: "error", keyword: "a", message: "b", remedy: "c" },
    }],
    [
      "a finding of the doctor",
      (value) => examinationText({ findings: [doctorFinding(value)], passed: [] }, PLAIN),
      {
        ...{ subject: "a", message: "b", command: "c" },
      },
    ],
    ["a point that passed", (value) => examinationText({ findings: [], passed: [value] }, PLAIN), {
      ...{ subject: "a", message: "b" },
    }],
    ["a change on the link", (value) => changeLine(value, "now", PLAIN), {
      ...{ code: "finding_began", interface: "eth1", vrid: 5, source: "a", finding: "b" },
      message: "c",
    }],
    ["the view of the link", (value) => viewText(value, PLAIN), {
      routers: [{
        ...{ interface: "eth1", family: "ipv4", vrid: 5 },
        senders: [{
          ...{ address: "10.0.0.1", role: "master", version: 3, priority: 100, intervalMs: 1000 },
          ...{ addresses: ["10.0.0.9"], checksumForm: "message", authentication: null },
          ...{ hmacKey: null, adverts: 1, advertsPerSecond: 1, lastHeardMs: 0 },
        }],
        findings: [{ code: "two_masters", message: "two" }],
      }],
      rejected: [{ interface: "eth1", source: "10.0.0.1", vrid: null, reason: "ttl", count: 1 }],
      undelivered: [
        { interface: "eth1", source: "10.0.0.1", destination: "224.0.0.18", vrid: 55, count: 1 },
      ],
      nowMs: 10,
    }],
  ];

for (const [name, print, value] of PRINTED) {
  Deno.test(`no text from outside reaches the terminal as it is: ${name}`, () => {
    const lines = (text: string) => text.split("\n").length;
    const honest = lines(print(value as never));
    const variants = [...poisoned(value)];
    assert.ok(variants.length > 1);
    for (const [path, evil] of variants) {
      const text = print(evil as never);
      assert.equal(text, printableLines(text), `${path}: ${JSON.stringify(text)}`);
      assert.ok(!/^\W*FORGED/m.test(text), `${path}: a line of its own`);
      // What is of no known kind may show a line less.
      assert.ok(lines(text) <= honest, `${path}: ${lines(text)} lines, not ${honest}`);
    }
  });
}

/** A daemon that lies in every text that it sends. */
async function withLiar(act: (api: string) => Promise<void>): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url, method }) => {
      const { pathname } = new URL(url);
      if (pathname.endsWith("/demote")) {
        const problem = { status: 409, code: "refused", detail: "no", diagnostics: [] };
        return Response.json(poisonAll(problem), { status: 409 });
      }
      if (pathname === "/v1/status") return Response.json(poisonAll(FULL));
      if (pathname === "/v1/events") return Response.json(poisonAll(ENTRIES_EXAMPLE));
      if (pathname === "/v1/reload") return Response.json(poisonAll(RELOAD_EXAMPLE));
      return Response.json(poisonAll(method === "GET" ? FULL : COMMAND_EXAMPLE));
    },
  );
  try {
    await act(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

function poisonAll(value: unknown): unknown {
  if (typeof value === "string") return value + EVIL;
  if (Array.isArray(value)) return value.map(poisonAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, poisonAll(inner)]),
  );
}

const COMMANDS: readonly (readonly string[])[] = [
  ["status"],
  ["status", "--all"],
  ["status", "--json"],
  ["events"],
  ["events", "--json"],
  ["demote", "VI_1"],
  ["demote", "--all"],
  ["promote", "--all"],
  ["promote", "--all", "--json"],
  ["priority", "--all", "120"],
  ["release", "--all"],
  ["reload"],
  ["reload", "--json"],
];

for (const command of COMMANDS) {
  Deno.test(`a daemon that lies in every text forges nothing: vipd ${command.join(" ")}`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/token`, "a-token\n", { mode: 0o600 });
      await withLiar(async (api) => {
        const to = ["--api", api, "--token-file", `${folder}/token`];
        const takes = command[0] === "status" || command[0] === "events" ? to.slice(0, 2) : to;
        const run = await capture([...command, ...takes]);
        for (const text of [run.out, run.err]) {
          assert.equal(text, printableLines(text));
          assert.ok(!/^\W*FORGED/m.test(text), text);
        }
        assert.match(run.out + run.err, /FORGED/);
        if (command.includes("--json")) JSON.parse(run.out.split('\n{"id"')[0]!);
      });
    });
  });
}

Deno.test("what a command forgets is made harmless before the terminal, except vipd's own colours", () => {
  const said: string[] = [];
  const asked: string[] = [];
  const { output, ask } = guarded({
    output: {
      out: (text) => said.push(text),
      err: (text) => said.push(text),
      hasReader: () => true,
      colour: true,
      rows: () => 24,
      columns: () => null,
    },
    build: SOURCE_BUILD,
    env: () => undefined,
    hostname: () => "lb01",
    ask: (question) => (asked.push(question), ""),
    readStdin: () => Promise.resolve(new Uint8Array()),
    readLine: () => Promise.resolve(null),
  });
  const style = styleFor(true);
  output.out(`${style.bad("down")}\x1b]0;x\x07\n`);
  output.err(drawing("a\x1b[31m\nb\u202e", 24));
  ask!("interface e\x1b[2J?", "");
  assert.deepEqual(said, [
    "\x1b[1;31mdown\x1b[0m\ufffd]0;x\ufffd\n",
    "\x1b[H\x1b[Ja\ufffd[31m\r\nb\ufffd",
  ]);
  assert.deepEqual(asked, ["interface e\ufffd[2J?"]);
});
