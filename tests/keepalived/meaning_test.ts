/**
 * Lines whose meaning in keepalived surprises: each case is a piece of a file, what it becomes, and what is said of it.
 * keepalived's manual and parser decide (keepalived.conf(5); version 2.4).
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith, told } from "./support.ts";

interface Case {
  readonly name: string;
  /** The whole file. */
  readonly text: string;
  /** Keys of the first instance; `undefined` if the key must not be there. */
  readonly instance?: Readonly<Record<string, unknown>>;
  readonly checks?: unknown;
  /** `null` if nothing must be written. */
  readonly written?: null;
  /** Findings, in this order: nothing else may be said. */
  readonly findings: readonly RegExp[];
}

const SCRIPT = (more: string, script = "/usr/local/bin/ask") =>
  `vrrp_script ask {\nscript "${script}"\n${more}\n}\n`;
const TRACKED = instanceWith("track_script {\nask\n}");
const GROUP = (more: string, members = "VI_1\nVI_2") =>
  `vrrp_sync_group G {\ngroup {\n${members}\n}\n${more}\n}\n`;
const SECOND = `vrrp_instance VI_2 {
interface eth0
virtual_router_id 11
virtual_ipaddress { 10.0.0.101/24 }
}
`;
const exec = (command: readonly string[]) => ({
  ask: { type: "exec", command, interval: "1s", timeout: "1s", rise: 1, fall: 1 },
});

const CASES: readonly Case[] = [
  ...["300", "0", "abc", ""].map((priority): Case => ({
    name: `state MASTER with the priority ${priority || "missing behind its keyword"}`,
    text: instanceWith(`state MASTER\npriority ${priority}`),
    instance: { priority: 100 },
    findings: [/note: state: each node starts/, /note: priority: .*the default counts/],
  })),
  {
    name: "state MASTER without a priority",
    text: instanceWith("state MASTER"),
    instance: { priority: 255 },
    findings: [/note: vrrp_instance: `state MASTER` without a priority means 255/],
  },
  {
    name: "a script without a program, tracked next to one that is not defined",
    text: 'vrrp_script none { script "" }\n' + instanceWith("track_script {\nnone\ngone\n}"),
    instance: { track: undefined },
    findings: [/:1: note: script: its program is missing/, /note: .*gone/],
  },
  {
    name: "a relative script that is run at a state change",
    text: instanceWith("notify_fault path/told.sh"),
    findings: [/loss: notify_fault: "path\/told.sh" is a relative path/],
  },
  {
    name: "mail to nobody",
    text: `global_defs {\nsmtp_server 127.0.0.1\n}\n${instanceWith("smtp_alert")}`,
    findings: [/note: smtp_server: .*nobody gets mail/, /note: smtp_alert: .*nobody gets mail/],
  },
  {
    name: "a type of authentication that keepalived does not know",
    text: instanceWith("authentication {\nauth_type PASS;\nauth_pass 1111\n}"),
    instance: { authentication: undefined },
    findings: [/note: auth_type: the ; at its end/, /note: auth_type: .*no authentication/],
  },
  {
    name: "settings of load balancing, and nothing that is balanced",
    text: instanceWith("lvs_sync_daemon_interface eth1"),
    findings: [/note: lvs_sync_daemon_interface: vipd does not balance/],
  },
  {
    name: "settings of load balancing, and a virtual server",
    text: "virtual_server 10.0.0.100 80 {\nprotocol TCP\n}\n" +
      instanceWith("lvs_sync_daemon_interface eth1"),
    findings: [/:1: loss: virtual_server/, /loss: lvs_sync_daemon_interface/],
  },
  {
    name: "an unknown block outside of all blocks",
    text: "real_server 10.0.0.2 80 {\nTCP_CHECK {\nconnect_port 80\n}\n}\n" + instanceWith(""),
    findings: [/:1: note: real_server: keepalived does not know it; the whole block/],
  },
  {
    name: "an unknown block around one that keepalived reads",
    text: "cluster {\nvrrp_script ask {\nscript /usr/local/bin/ask\n}\n}\n" + instanceWith(""),
    findings: [/:1: loss: cluster: keepalived does not know it; the whole block/],
  },
  {
    name: "an unknown block within an instance",
    text: instanceWith("virtual_address {\n10.0.0.7/24\n}"),
    findings: [/loss: virtual_address: keepalived does not know it; the whole block/],
  },
  {
    name: "lines for other nodes, and none for this one",
    text: instanceWith("@lb8 priority 150\n@lb9 priority 90"),
    instance: { priority: 100 },
    findings: [
      /:5: loss: @: 2 lines .* for "lb8", "lb9", and none for this node, "lb01"; .*--id lb8/,
    ],
  },
  {
    name: "lines for another node, and one for this one",
    text: instanceWith("@lb01 priority 150\n@lb02 priority 90"),
    instance: { priority: 150 },
    findings: [/:6: note: @: 1 line is left out: it is not for this node/],
  },
  {
    name: "the instance's own interface, tracked with a weight",
    text: instanceWith("track_interface {\neth0 weight 20\neth1 weight 20\n}"),
    instance: { track: [{ interface: "eth1", weight: 20 }] },
    findings: [/note: eth0: .*own interface.*weight has no effect/],
  },
  ...[
    ["netstat -an | grep :80 &>/dev/null", "/bin/bash", "tcp"],
    ["[[ -f /run/up ]]", "/bin/bash"],
    ["ss -ltn | grep :80", "/bin/sh", "tcp"],
    ["ss -ltn|grep :80", "/bin/sh", "tcp"],
    ["test -f /run/up && test -f /run/on", "/bin/sh"],
  ].map(([script, shell, offer]): Case => ({
    name: `a shell's words: ${script}`,
    text: SCRIPT("", script) + TRACKED,
    checks: exec([shell!, "-c", script!]),
    findings: [
      new RegExp(`note: script: .* needs a shell.*it becomes ${shell} -c`),
      ...(offer === undefined ? [] : [
        new RegExp(`note: script: instead of .*, a check { type: ${offer}, .* starts no program`),
      ]),
    ],
  })),
  {
    name: "a regular expression is no pipe",
    text: SCRIPT("", "pgrep -f nginx|haproxy") + TRACKED,
    checks: exec(["pgrep", "-f", "nginx|haproxy"]),
    findings: [],
  },
  {
    name: "a sync group: the weight of an interface",
    text: GROUP("") + instanceWith("track_interface {\neth1 weight 20\n}") + SECOND,
    instance: { track: [{ interface: "eth1" }] },
    findings: [/note: eth1: .*its failure means fault/],
  },
  {
    name: "a sync group: a script with a weight",
    text: SCRIPT("weight 20") + GROUP("") + TRACKED + SECOND,
    instance: { track: undefined },
    findings: [
      /note: vrrp_script: nothing tracks "ask", so it is not run/,
      /note: ask: .*"ask" is not tracked because of its weight/,
    ],
  },
  {
    name: "a sync group: a process with a weight",
    text: "vrrp_track_process web {\nprocess nginx\nweight 20\n}\n" + GROUP("") +
      instanceWith("track_process {\nweb\n}") + SECOND,
    instance: { track: [{ check: "web", weight: 20 }] },
    findings: [/note: web: .*the weight of a process counts there/],
  },
  {
    name: "a sync group whose weights count",
    text: SCRIPT("weight 20") + GROUP("sync_group_tracking_weight") + TRACKED + SECOND,
    instance: { track: [{ check: "ask", weight: 20 }] },
    findings: [],
  },
  {
    name: "strict mode: its adverts and its announcements",
    text: "global_defs {\nvrrp_strict\n}\n" +
      instanceWith("down_timer_adverts 5\ngarp_lower_prio_repeat 3\npriority 90"),
    instance: {
      down_timer_adverts: undefined,
      announce: { repeat_lower_priority: 0, delay_lower_priority: "0s" },
    },
    findings: [
      /note: vrrp_strict: strict mode refuses packets/,
      /note: down_timer_adverts: strict mode has 3, not 5/,
      /note: garp_lower_prio_repeat: strict mode answers a weaker master without announcements/,
    ],
  },
  {
    name: "a script's weight out of range",
    text: SCRIPT("weight -254") + TRACKED,
    instance: { track: [{ check: "ask" }] },
    findings: [/note: weight: "-254" is not a weight.*failure means fault/],
  },
  {
    name: "an entry's weight out of range: that of the script counts",
    text: SCRIPT("weight -30") + instanceWith("priority 150\ntrack_script {\nask weight 300\n}"),
    instance: { track: [{ check: "ask", weight: -30 }] },
    findings: [
      /note: priority: .*120 at least/,
      /note: ask: "300" is not a weight.*the weight of its definition counts/,
    ],
  },
  {
    name: "masks of unicast addresses, and the own one among the peers",
    text: instanceWith(
      "unicast_src_ip 10.0.0.1/24\nunicast_peer {\n10.0.0.1\n10.0.0.2/24\n}",
    ),
    instance: { source_address: "10.0.0.1", unicast: { peers: ["10.0.0.2"] } },
    findings: [
      /note: unicast_src_ip: "\/24" has no meaning here/,
      /note: 10\.0\.0\.1: it is this node's own address/,
      /note: 10\.0\.0\.2\/24: "\/24" has no meaning here/,
    ],
  },
  {
    name: "a surplus brace after the last block",
    text: instanceWith("") + "}\n",
    instance: { vrid: 10 },
    findings: [/:7: note: }: .*after the last block has no effect/],
  },
  {
    name: "a brace that closes a block too early",
    text: instanceWith("}\npriority 150"),
    written: null,
    findings: [/note: priority: .*belongs into vrrp_instance/, /error: }: a } without its {/],
  },
  {
    name: "the last brace is missing",
    text: instanceWith("priority 150").replace(/}\n$/, ""),
    instance: { priority: 150 },
    findings: [/:1: note: vrrp_instance: its block is not closed; it ends with the file/],
  },
  {
    name: "a brace is missing between two blocks",
    text: instanceWith("").replace(/}\n$/, "") + SECOND,
    written: null,
    findings: [/error: vrrp_instance: its block is not closed/, /loss: vrrp_instance:/],
  },
  {
    name: "the escaped quotation marks of a here-document",
    text: 'vrrp_script ask {\nscript \\"/x.sh now\\"\n}\n' + TRACKED,
    written: null,
    findings: [/error: script: its quotation marks are written \\", as in a here-document/],
  },
  {
    name: "a program of a notification with a word after it",
    text: instanceWith("notify_master /x.sh master"),
    findings: [/note: notify_master: without quotation marks "master" is the user/],
  },
  ...[
    ["a Jinja template", "priority {{ prio }}"],
    ["a Jinja template", "{% if master %}"],
    ["a Go template", "priority {{ .Values.priority }}"],
    ["an ERB template", "priority <%= @priority %>"],
    ["a shell script that writes the file", "cat > /etc/keepalived/keepalived.conf <<EOF"],
  ].map(([kind, line]): Case => ({
    name: `${kind}: ${line}`,
    text: instanceWith(line!),
    written: null,
    findings: [new RegExp(`:5: error: the file is ${kind}, which keepalived cannot read`)],
  })),
  {
    name: "balancing by the kernel",
    text: "virtual_server 10.0.0.1 80 {\nlb_algo rr\n}\n" + instanceWith(""),
    findings: [/:1: loss: virtual_server: vipd does not balance load/],
  },
];

Deno.test("a line means what it means in keepalived, and what has no effect is named", async (t) => {
  for (const { name, text, instance = {}, checks, written, findings } of CASES) {
    await t.step(name, async () => {
      const result = await importText(text);
      const said = told(result.findings);
      assert.equal(said.length, findings.length, said.join("\n"));
      for (const [index, pattern] of findings.entries()) assert.match(said[index]!, pattern);
      assert.equal(result.yaml === null, written === null);
      if (result.yaml === null) return;
      const data = parse(result.yaml) as {
        readonly instances: readonly Record<string, unknown>[];
        readonly checks?: unknown;
      };
      for (const [key, value] of Object.entries(instance)) {
        assert.deepEqual(data.instances[0]![key], value, key);
      }
      if (checks !== undefined) assert.deepEqual(data.checks, checks);
    });
  }
});
