import assert from "node:assert/strict";
import { statusText as statusTextOf } from "../../../src/cli/text/status_text.ts";
import { type Style, styleFor } from "../../../src/cli/text/terminal/style.ts";
import { timesIn } from "../../../src/cli/text/times.ts";
import type { NodeStatus } from "../../../src/status/status.ts";
import { exampleInstance, exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

const PLAIN = styleFor(false);

/** As the reader in UTC sees it. */
function statusText(status: NodeStatus, style: Style): string {
  return statusTextOf(status, style, { times: timesIn("UTC") });
}

Deno.test("a master's status says who, why and since when", () => {
  assert.equal(
    statusText(exampleStatus(), PLAIN),
    `lb01  vipd 0.1.0, up 8 min, no alarms
engine PID 812 (vipd), front PID 905 (vipd-front)
front was started again once; it last ended 1 min ago: it was ended by SIGKILL

VI_1  MASTER  eth1, VRID 55, VRRP version 2
  why       no other master is heard
  since     3 min ago, 2026-03-01 10:00:00 (no advertisement from the master any more)
  priority  90 (configured 150, check nginx is down -60)
  master    this node (192.168.31.11)
  address   192.168.31.5/24 on eth1, label eth1:1: held
  lease     3 s, renewed 0.4 s ago
  discarded 2 authentication_failed

CHECK  TYPE  STATE  SINCE  LAST RESULT
nginx  http  down   20 s   1 s ago: connection refused
`,
  );
});

Deno.test("what is known of the other node stands with each instance", () => {
  const cases = [
    [examplePeer(), "lb02 is BACKUP with priority 80"],
    [
      examplePeer({ state: "fault", faults: ["check nginx is down"] }),
      "lb02 cannot take over: it is in fault: check nginx is down",
    ],
    [
      examplePeer({}, { reachable: false, error: "nobody listens there", instances: [] }),
      "lb02 is not reachable, last answered 0 s ago: nobody listens there",
    ],
  ] as const;
  for (const [peer, want] of cases) {
    const text = statusText(exampleStatus({ peers: [peer] }), PLAIN);
    assert.ok(text.includes(`\n  peer      ${want}\n`), text);
  }
});

Deno.test("a check says what became of its on_fail", () => {
  const cases = [
    ["up", "running", 1, "recovering, try 1 of 2"],
    ["up", "verifying", 2, "recovering, try 2 of 2"],
    ["up", "recovered", 1, "up, recovered by try 1 of 2"],
    ["down", "given_up", 2, "down, given up after 2 tries"],
  ] as const;
  for (const [state, phase, attempt, want] of cases) {
    const since = "2026-03-01T10:03:00.000Z";
    const recovery = { phase, attempt, attempts: 2, since };
    const check = { ...exampleStatus().checks[0]!, state, recovery };
    const text = statusText(exampleStatus({ checks: [check] }), PLAIN);
    assert.match(text, new RegExp(`^nginx {2}http {2}${want} {2}20 s`, "m"));
  }
});

Deno.test("what sets the process apart from others stands below the name", () => {
  const head = (realtime_priority: number | null, nice: number | null) =>
    statusText(exampleStatus({ process: { realtime_priority, nice }, alarms: [] }), PLAIN)
      .split("\n")[1];
  assert.equal(head(10, null), "runs with real-time priority 10");
  assert.equal(head(10, -5), "runs with real-time priority 10, nice -5");
  assert.doesNotMatch(head(null, null) ?? "", /runs with/);
});

Deno.test("who is notified, and how that goes, stands at the end", () => {
  const notifications = [
    {
      name: "ops",
      type: "webhook",
      state: "failing",
      waiting: 3,
      delivered: 7,
      failed: 5,
      lost: 2,
      last_success: "2026-03-01T10:00:00.000Z",
      last_failure: { at: "2026-03-01T10:03:10.000Z", detail: "HTTP 503" },
    },
    {
      name: "mail",
      type: "email",
      state: "idle",
      waiting: 0,
      delivered: 0,
      failed: 0,
      lost: 0,
      last_success: null,
      last_failure: null,
    },
  ] as const;
  const text = statusText(exampleStatus({ notifications: [...notifications] }), PLAIN);
  assert.ok(
    text.endsWith(`
NOTIFIED  TYPE     STATE    WAITING  LOST  LAST SENT  LAST FAILURE
ops       webhook  failing  3        2     3 min ago  10 s ago: HTTP 503
mail      email    idle     0        0     never      -
`),
    text,
  );
});

Deno.test("colours dress the status and change no letter", () => {
  const coloured = statusText(exampleStatus(), styleFor(true));
  assert.ok(coloured.includes("\x1b[1;32mMASTER\x1b[0m"));
  assert.ok(coloured.includes("\x1b[1;31mdown \x1b[0m"));
  // deno-lint-ignore no-control-regex -- the sequences are what is looked for
  assert.equal(coloured.replaceAll(/\x1b\[[\d;]*m/g, ""), statusText(exampleStatus(), PLAIN));
});

Deno.test("a fault stands at the top with its cause", () => {
  const instance = exampleInstance({
    state: "fault",
    master: null,
    faults: ["check nginx is down", "interface eth1 is down"],
    addresses: [
      { ...exampleInstance().addresses[0]!, label: null, held: false },
    ],
    lease: { seconds: 3, renewed_ms_ago: null },
    priority: { configured: 150, effective: 150, reasons: [] },
    counters: { ...exampleInstance().counters, dropped: {} },
  });
  assert.equal(
    statusText(
      exampleStatus({ instances: [instance], checks: [], dropped: { checksum: 3, ttl: 1 } }),
      PLAIN,
    ),
    `lb01  vipd 0.1.0, up 8 min
! VI_1 is in fault: check nginx is down; interface eth1 is down
engine PID 812 (vipd), front PID 905 (vipd-front)
front was started again once; it last ended 1 min ago: it was ended by SIGKILL
packets for no instance discarded: 3 checksum, 1 ttl

VI_1  FAULT  eth1, VRID 55, VRRP version 2
  why       check nginx is down; interface eth1 is down
  since     3 min ago, 2026-03-01 10:00:00 (no advertisement from the master any more)
  priority  150
  master    none heard
  address   192.168.31.5/24 on eth1: not held
  lease     3 s
`,
  );
});

Deno.test("an address that this machine has although vipd did not put it there is not merely not held", () => {
  const [first] = exampleInstance().addresses;
  const instance = exampleInstance({
    state: "backup",
    addresses: [{ ...first!, held: false }, { ...first!, address: "192.168.31.6", held: false }],
    address_on_backup: { address: first!.address, device: "eth1" },
  });
  const text = statusText(exampleStatus({ instances: [instance] }), PLAIN);
  assert.match(text, /address {3}192\.168\.31\.5\/24 on .*: on eth1, and not put there by vipd/);
  assert.match(text, /address {3}192\.168\.31\.6\/24 on .*: not held/);
});

Deno.test("an alarm stands at the top, with what to do about it", () => {
  const alarm = {
    code: "flapping" as const,
    severity: "warning" as const,
    subject: "VI_1",
    message: "became master again and again",
    hint: "look at the network",
    since: "2026-03-01T10:01:20.000Z",
  };
  const text = statusText(exampleStatus({ alarms: [alarm, { ...alarm, subject: null }] }), PLAIN);
  assert.ok(
    text.startsWith(`lb01  vipd 0.1.0, up 8 min
! VI_1: became master again and again (flapping, since 2 min)
  look at the network
! became master again and again (flapping, since 2 min)
  look at the network
`),
    text,
  );
});

Deno.test("what a state needs is reported", async (t) => {
  const address = exampleInstance().addresses[0]!;
  const cases = [
    {
      name: "a master without its address",
      changes: { addresses: [{ ...address, held: false }] },
      want: "! VI_1 is master without 192.168.31.5: see the log",
    },
    {
      name: "an instance that waits",
      changes: { state: "init" as const, faults: ["check nginx has no result yet"] },
      want: "! VI_1 waits: check nginx has no result yet",
    },
    {
      name: "a hand-over",
      changes: { handing_over: true },
      want: "VI_1  MASTER, handing over  eth1",
    },
    {
      name: "a backup and its master",
      changes: { state: "backup" as const, master: { address: "192.168.31.12", priority: 100 } },
      want: "  master    192.168.31.12, priority 100",
    },
    {
      name: "an override that ends by itself",
      changes: {
        override: {
          kind: "promoted" as const,
          priority: 254,
          since: "2026-03-01T10:00:00.000Z",
          until: "2026-03-01T10:10:00.000Z",
        },
      },
      want: "  override  promoted manually 3 min ago, for another 6 min",
    },
    {
      name: "an override that stands",
      changes: {
        override: {
          kind: "priority" as const,
          priority: 120,
          since: "2026-03-01T10:03:00.000Z",
          until: null,
        },
      },
      want: "  override  priority 120 manually 20 s ago, until released",
    },
  ];
  for (const { name, changes, want } of cases) {
    await t.step(name, () => {
      const status = exampleStatus({ instances: [exampleInstance(changes)] });
      assert.ok(statusText(status, PLAIN).includes(want), statusText(status, PLAIN));
    });
  }
});

Deno.test("a check without a result yet, and one whose output would paint the terminal", () => {
  const check = exampleStatus().checks[0]!;
  const text = statusText(
    exampleStatus({
      checks: [
        { ...check, name: "a", state: "unknown", since: null, last: null },
        { ...check, name: "evil", last: { ...check.last!, detail: "\x1b[2Jgone\n" } },
      ],
    }),
    PLAIN,
  );
  assert.match(text, /^a {5} http {2}unknown {2}- {6}-$/m);
  assert.match(text, /1 s ago: \ufffd\[2Jgone\ufffd$/m);
});
Deno.test("an instance of a sync group names those that move with it", () => {
  const textOf = (...groups: (string | null)[]) => {
    const names = ["front", "back"];
    const instances = groups.map((sync_group, index) =>
      exampleInstance({ name: names[index]!, sync_group })
    );
    return statusText(exampleStatus({ instances }), PLAIN);
  };
  assert.match(
    textOf("SG", "SG"),
    /\nfront {2}MASTER[^]*\n {2}group {5}SG, with back\n[^]*\nback {2}MASTER[^]*\n {2}group {5}SG, with front\n/,
  );
  assert.doesNotMatch(textOf("SG", null), /back {2}MASTER[^]*\n {2}group/);
});

Deno.test("an address that is not advertised says so", () => {
  const address = { ...exampleInstance().addresses[0]!, advertised: false };
  const text = statusText(
    exampleStatus({ instances: [exampleInstance({ addresses: [address] })] }),
    PLAIN,
  );
  assert.match(text, /192\.168\.31\.5\/24 on eth1, label eth1:1: held, not advertised\n/);
});

Deno.test("a check that knows how long its server's certificate is valid says so", () => {
  const check = { ...exampleStatus().checks[0]!, certificate_ends: "2026-12-08T23:59:59.000Z" };
  assert.match(
    statusText(exampleStatus({ checks: [check] }), PLAIN),
    /^nginx {2}http .* ago: .+, certificate until 2026-12-08$/m,
  );
});
