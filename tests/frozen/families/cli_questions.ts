/**
 * Command lines: help, mistakes, files, daemons that are missing, refuse or obey, simulations.
 *
 * @module
 */

import type { Files } from "../folder.ts";
import type { Json } from "../json.ts";
import type { Replies, Reply } from "../scripted_daemon.ts";
import type { CommandLine } from "./cli.ts";
import type { Question } from "./family.ts";
import { instance, node, peer, peerInstance } from "./situation.ts";

const COMMANDS =
  ("init check run import status watch events doctor listen promote demote release priority reload " +
    "notify-test simulate support-bundle completion manpage version help").split(" ");

const TOKEN = "correct-horse-battery-staple";
const TOKEN_FILE: Files = { token: `${TOKEN}\n` };
/** The options that lead to the scripted daemon. */
const TO = ["--api", "{api}", "--token-file", "{folder}/token"];

const VALID = `node: lb01
instances:
  - { name: VI_1, interface: eth1, vrid: 55, priority: 150, addresses: [192.168.31.5/24] }
`;
const WRONG = VALID.replace("vrid: 55", "vrid: 300").replace("priority", "priorty");

function help(): Question<CommandLine>[] {
  const lines = [
    ...[[], ["help"], ["--help"], ["-h"], ["version"], ["--version"], ["-V"]],
    ...COMMANDS.flatMap((name) => [["help", name], [name, "--help"], [name, "-h"]]),
    ...["bash", "zsh", "fish"].map((shell) => ["completion", shell]),
    ["manpage"],
    ["manpage", "vipd.yaml"],
  ];
  return lines.map((argv) => [argv.join(" ") || "nothing", { argv }]);
}

/** Each ends with 2, or says what it lacks. */
function mistakes(): Question<CommandLine>[] {
  const lines = `statsu
Promote
frobnicate
--json
help chekc
help a b
status --jsno
status --for 10m
status -x
status --json=yes
status extra
status --api
status --api=
status --api ftp://x
status --api http://x/path
status --api unix:relative
status --ca-file /nonexistent/ca.pem
promote a b
promote --for soon
demote --for 0s
release --for 10m
priority
priority VI_1
priority 0
priority VI_1 255
priority VI_1 1e2
priority VI_1 120 --reset
events --since x
events --since -1
run --log-level loud
run --log-format xml
run extra
check a b
import
import a b
listen --for 0s
listen eth1
doctor extra
reload extra
watch extra
init extra
init --vrid 300 --address 192.168.31.5 --role master
init --vrid x --address 192.168.31.5 --role master
init --address nonsense --vrid 55 --role master
init --address 192.168.31.5 --vrid 55 --role chief
init --address 192.168.31.5 --vrid 55
init --yes
init --unit-only --no-unit
init --unit-only --output /nonexistent/vipd.yaml
notify-test a b
simulate carsh
simulate --nodes 1
simulate --nodes 10
simulate --seed x
simulate --loss 1
completion
completion tcsh
manpage nonsense
support-bundle a b
version now
status --constructor
constructor`.split("\n");
  return lines.map((line) => [`mistake: ${line}`, { argv: line.split(" ") }]);
}

function files(): Question<CommandLine>[] {
  const withFile = (name: string, argv: readonly string[], text: string) =>
    [name, { argv, files: { "vipd.yaml": text } }] as const;
  return [
    withFile("a valid file", ["check", "{folder}/vipd.yaml"], VALID),
    withFile("a wrong file", ["check", "{folder}/vipd.yaml"], WRONG),
    withFile("a wrong file as JSON", ["check", "--json", "{folder}/vipd.yaml"], WRONG),
    withFile("a wrong file that is to run", ["run", "--config", "{folder}/vipd.yaml"], WRONG),
    withFile("nobody to notify", ["notify-test", "--config", "{folder}/vipd.yaml"], VALID),
    withFile(
      "the status of a wrong file",
      ["status", "--config", "{folder}/vipd.yaml"],
      WRONG,
    ),
    withFile("a folder", ["check", "{folder}"], VALID),
    withFile("an empty file", ["check", "{folder}/vipd.yaml"], "# nothing\n"),
    ["a missing file", { argv: ["check", "{folder}/missing.yaml"] }],
    ["a missing file that is to run", { argv: ["run", "--config", "{folder}/missing.yaml"] }],
    ["a missing file to import", { argv: ["import", "{folder}/keepalived.conf"] }],
    ["a valid standard input", { argv: ["check", "-"], stdin: VALID }],
    ["a wrong standard input", { argv: ["check", "-"], stdin: WRONG }],
    ["an empty standard input", { argv: ["check", "-"], stdin: "" }],
    ["an import of standard input", { argv: ["import", "-"], stdin: KEEPALIVED }],
    ["a strict import", { argv: ["import", "--strict", "-"], stdin: KEEPALIVED }],
    ["an import as JSON", { argv: ["import", "--json", "-"], stdin: KEEPALIVED }],
    ["an import for another id", { argv: ["import", "--id", "lb02", "-"], stdin: KEEPALIVED }],
  ];
}

const KEEPALIVED = `vrrp_instance VI_1 {
    state MASTER
    interface eth1
    virtual_router_id 55
    @lb01 priority 150
    @lb02 priority 100
    advert_int 1
    smtp_alert
    virtual_ipaddress {
        192.168.31.5/24 dev eth1 label eth1:1
    }
}
`;

function json(status: number, value: Json): Reply {
  const type = status === 200 ? "application/json" : "application/problem+json";
  return { status, type, text: `${JSON.stringify(value, null, 2)}\n` };
}

function problem(status: number, code: string, more: { readonly [key: string]: Json } = {}): Reply {
  const said = { type: "about:blank", title: "Title", status, detail: `No: ${code}` };
  return json(status, { ...said, instance: "/v1", code, ...more });
}

const STATUS: Replies = {
  "GET /v1/status": json(200, node([instance()], { peers: [peer([peerInstance()])] })),
};
const BACKUP = { state: "backup", master: { address: "192.168.31.12", priority: 100 } };
const UNTIL = {
  override: { kind: "promoted", priority: 254, since: "2026-03-01T10:00:00.000Z", until: null },
};

function obeyed(instance: Json, peers: Json = [{ peer: "lb02", state: "backup" }]): Reply {
  return json(200, { took_ms: 612, instance, peers });
}

/** A command and the call that it makes. */
const ORDERS: readonly (readonly [argv: readonly string[], call: string, good: Reply])[] = [
  [["promote"], "POST /v1/instances/VI_1/promote", obeyed(instance(UNTIL))],
  [
    ["promote", "VI_1", "--for", "10m"],
    "POST /v1/instances/VI_1/promote",
    obeyed(instance({ override: { ...UNTIL.override, until: "2026-03-01T10:20:00.000Z" } })),
  ],
  [["demote", "VI_1"], "POST /v1/instances/VI_1/demote", obeyed(instance(BACKUP))],
  [["demote", "VI_1", "--for", "2h"], "POST /v1/instances/VI_1/demote", obeyed(instance(BACKUP))],
  [["release"], "POST /v1/instances/VI_1/release", obeyed(instance(), [])],
  [["priority", "120"], "PUT /v1/instances/VI_1/priority", obeyed(instance())],
  [["priority", "VI_1", "--reset"], "DELETE /v1/instances/VI_1/priority", obeyed(instance())],
  [["reload"], "POST /v1/reload", json(200, { took_ms: 12, changes: [], warnings: [] })],
];

/** What an order can be refused with. */
const REFUSALS: readonly Reply[] = [
  problem(400, "body_invalid", { errors: [{ pointer: "/for", detail: "must be a duration" }] }),
  problem(401, "token_missing"),
  problem(401, "token_wrong"),
  problem(403, "host_refused"),
  problem(404, "instance_unknown"),
  problem(404, "route_unknown"),
  problem(409, "instance_not_ready"),
  problem(409, "master_not_outbid"),
  problem(409, "no_other_master"),
  problem(409, "superseded"),
  problem(429, "too_many_failures"),
  problem(500, "internal"),
  problem(503, "token_unavailable"),
  problem(418, "a_code_of_another_version"),
  { status: 200, type: "text/html", text: "<h1>It works!</h1>\n" },
];

function daemons(): Question<CommandLine>[] {
  const found: Question<CommandLine>[] = [];
  for (const [argv, call, good] of ORDERS) {
    const name = argv.join(" ");
    const input = { files: TOKEN_FILE, replies: { ...STATUS, [call]: good } };
    found.push([`${name}, obeyed`, { argv: [...argv, ...TO], ...input }]);
    found.push([`${name} --json`, { argv: [...argv, "--json", ...TO], ...input }]);
    found.push([`${name}, nobody listens`, { argv: [...argv, ...TO], files: TOKEN_FILE }]);
  }
  for (const [argv, call] of ORDERS.filter(([{ length }]) => length <= 2)) {
    for (const refusal of REFUSALS) {
      const code = /"code": "(\w+)"/.exec(refusal.text)?.[1] ?? "another program";
      const replies = { ...STATUS, [call]: refusal };
      const input = { argv: [...argv, ...TO], files: TOKEN_FILE, replies };
      found.push([`${argv.join(" ")}, refused: ${code}`, input]);
    }
  }
  return [...found, ...reloads(), ...tokens(), ...readings()];
}

function reloads(): Question<CommandLine>[] {
  const diagnostic = {
    ...{ severity: "error", code: "out_of_range", file: "/etc/vipd/vipd.yaml", line: 3, column: 9 },
    ...{
      key: "instances[0].vrid",
      message: "300 is not between 1 and 255",
      hint: "choose another",
    },
    excerpt: "  vrid: 300",
  };
  const warning = { ...diagnostic, severity: "warning", code: "lease_long" };
  const change = { subject: "instance VI_1", key: "priority", change: "150 -> 120" };
  const changed = json(200, { took_ms: 12, changes: [change], warnings: [warning] });
  const refused = problem(422, "reload_failed", { diagnostics: [diagnostic, warning] });
  return [["changes", changed] as const, ["refused: reload_failed", refused] as const].flatMap((
    [name, reply],
  ) =>
    [[], ["--json"]].map((options): Question<CommandLine> => [
      `reload, ${[name, ...options].join(" ")}`,
      {
        argv: ["reload", ...options, ...TO],
        files: TOKEN_FILE,
        replies: { "POST /v1/reload": reply },
      },
    ])
  );
}

function tokens(): Question<CommandLine>[] {
  const argv = ["promote", ...TO];
  const contents = {
    "an empty token file": "\n",
    "a token with a space": "a b\n",
    "a digest for a token": `sha256:${"0".repeat(64)}\n`,
    "a broken digest": "sha256:12\n",
  };
  return [
    ["no token file", { argv, replies: STATUS }],
    ...Object.entries(contents).map(([name, token]): Question<CommandLine> => [
      name,
      { argv, files: { token }, replies: STATUS },
    ]),
  ];
}

function readings(): Question<CommandLine>[] {
  const two = {
    "GET /v1/status": json(200, node([instance(), instance({ name: "VI_2", vrid: 56 })])),
  };
  const entries = [
    entry(4, "notice", "state_changed", "VI_1: init -> backup: started, listens for a master"),
    entry(5, "warning", "packet_dropped", "an advert from 192.168.31.12 was discarded"),
    entry(6, "error", "alarm_raised", "VI_1: two masters", { alarm: "split_brain_advert" }),
    entry(7, "info", "check_changed", "check nginx is up"),
    entry(8, "debug", "a_code_of_another_version", "something \u001b[2J new"),
  ];
  const events = { "GET /v1/events?since=3": json(200, entries) };
  const eventsArgv = ["events", "--since", "3", "--api", "{api}"];
  const api = ["--api", "{api}"];
  return [
    ["status, nobody listens", { argv: ["status", ...api] }],
    ["status, nobody listens on a socket", {
      argv: ["status", "--api", "unix:{folder}/api.sock"],
    }],
    ["status, another program", { argv: ["status", ...api], replies: {} }],
    ["status, reading needs a token", {
      argv: ["status", ...api],
      replies: { "GET /v1/status": problem(401, "token_missing") },
    }],
    ["watch, nobody listens", { argv: ["watch", ...api] }],
    ["events, nobody listens", { argv: ["events", ...api] }],
    ["events, followed, nobody listens", { argv: ["events", "--follow", ...api] }],
    ["events", { argv: eventsArgv, replies: events }],
    ["events --json", { argv: [...eventsArgv, "--json"], replies: events }],
    ["no events", {
      argv: ["events", ...api],
      replies: { "GET /v1/events?since=0": json(200, []) },
    }],
    ["promote, two instances", { argv: ["promote", ...TO], files: TOKEN_FILE, replies: two }],
    ["promote, an instance with an odd name", {
      argv: ["promote", "a/b c", ...TO],
      files: TOKEN_FILE,
      replies: {
        ...STATUS,
        "POST /v1/instances/a%2Fb%20c/promote": problem(404, "instance_unknown"),
      },
    }],
  ];
}

function entry(
  id: number,
  severity: string,
  code: string,
  message: string,
  more: { readonly [key: string]: Json } = {},
): Json {
  const time = "2026-03-01T10:00:00.000Z";
  return { id, time, severity, code, message, subject: "VI_1", ...more };
}

function simulations(): Question<CommandLine>[] {
  const names =
    ("election clean-stop promote crash kill hang unplugged partition asymmetric-link lossy-link " +
      "flapping-check clock-step random").split(" ");
  const lines = [
    ["simulate", "--list"],
    ...names.map((name) => ["simulate", name]),
    ["simulate", "crash", "--json"],
    ["simulate", "lossy-link", "--loss", "0.3", "--nodes", "3", "--seed", "7"],
    ["simulate", "random", "--seed", "17"],
  ];
  return lines.map((argv) => [argv.join(" "), { argv }]);
}

export const CLI_QUESTIONS: readonly Question<CommandLine>[] = [
  ...help(),
  ...mistakes(),
  ...files(),
  ...daemons(),
  ...simulations(),
];
