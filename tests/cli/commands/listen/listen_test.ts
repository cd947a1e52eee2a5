import assert from "node:assert/strict";
import { Listening, type ListenOptions } from "../../../../src/cli/commands/listen/listening.ts";
import type { Output } from "../../../../src/cli/context.ts";
import { styleFor } from "../../../../src/cli/text/terminal/style.ts";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import { SimCluster } from "../../../../src/sim/cluster.ts";
import { SimHost } from "../../../../src/sim/host.ts";

const SILENT: ListenOptions = {
  interfaces: [],
  json: false,
  showPasswords: false,
  style: styleFor(false),
};

/** A pair, and beside it a machine that listens for ten seconds in which the master crashes. */
function listenToCrash(
  options: Partial<ListenOptions>,
  rows: number | null = null,
  instance: Partial<InstanceConfig> = {},
) {
  const cluster = new SimCluster([150, 100].map((priority) => ({ ...instance, priority })));
  const machine = { name: "probe", interface: "eth1", address: "192.168.31.100" };
  const host = new SimHost(machine, cluster.time, cluster.network);
  const written = { out: "", err: "" };
  const output: Output = {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    colour: false,
    hasReader: () => true,
    rows: () => rows,
    columns: () => null,
  };
  const sent: string[] = [];
  cluster.network.watch(({ name }) => sent.push(name));
  const names = { interfaceNames: () => ["lo", "eth1"] };
  const listening = new Listening(
    Object.assign(host, names),
    output,
    { ...SILENT, ...options },
  );
  cluster.start();
  cluster.run(5000);
  cluster.nodes[0]!.powerOff();
  cluster.run(5000);
  listening.close();
  return { ...written, sent, host, cluster };
}

Deno.test("away from a terminal each change is a line, and the end a table", () => {
  const { out, err, sent } = listenToCrash({});
  assert.equal(err, "vipd: listens on eth1\n");
  const lines = out.trimEnd().split("\n");
  assert.match(
    lines[0]!,
    /^2030-01-01T00:00:03\.41\dZ eth1 VRID 55 master_appeared: 192\.168\.31\.11 is master: priority 150/,
  );
  assert.match(
    lines[1]!,
    /VRID 55 master_silent|VRID 55 master_changed: 192\.168\.31\.12 is master/,
  );
  assert.match(out, /\nINTERFACE +VRID +SENDER +ROLE +PRIO +EVERY /);
  assert.match(out, /\neth1 +55 +192\.168\.31\.12 +master +100 +1 s +1 +/);
  assert.ok(!out.includes("123456") && !out.includes("\x1b"));
  assert.ok(!sent.includes("probe"), "it sends nothing");
});

Deno.test("with --json everything is an object on a line", () => {
  const { out } = listenToCrash({ json: true, showPasswords: true }, 24);
  const told = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(told[0].change, "master_appeared");
  const { change, routers } = told[told.length - 1];
  assert.deepEqual([change, routers.length], ["summary", 1]);
  assert.deepEqual(routers[0].senders[1], {
    address: "192.168.31.12",
    role: "master",
    version: 2,
    priority: 100,
    interval_ms: 1000,
    addresses: ["192.168.31.5"],
    checksum: null,
    authentication: { type: 1, printable: true, password: "123456" },
    hmac_key: null,
    destination: "224.0.0.18",
    adverts: routers[0].senders[1].adverts,
    adverts_per_second: 1,
    last_heard_seconds_ago: routers[0].senders[1].last_heard_seconds_ago,
  });
});

Deno.test("a terminal shows a table that fits it, and gets its screen back", () => {
  const { out } = listenToCrash({}, 3);
  const [before, ...screens] = out.split("\x1b[H\x1b[J");
  assert.equal(before, "\x1b[?1049h\x1b[?7l");
  assert.ok(screens.length >= 20, "drawn twice a second");
  const end = screens.pop()!;
  assert.ok(screens.every((screen) => screen.split("\r\n").length <= 3));
  assert.ok(end.includes("\x1b[?7h\x1b[?1049lINTERFACE"));
});

Deno.test("an interface that does not exist is named with those that do", () => {
  assert.throws(
    () => listenToCrash({ interfaces: ["eth9"] }),
    /there is no interface eth9; there are: lo, eth1/,
  );
});

Deno.test("an advert that is signed is shown with the number of its key", () => {
  const key = { id: 7, key: new Uint8Array(32).fill(1) };
  const authentication = {
    ...{ type: "hmac", keys: [key], activeKey: 7 } as const,
    ...{ replay: "time", windowMs: 5000, mode: "enforce" } as const,
  };
  for (const version of [2, 3] as const) {
    const { out } = listenToCrash({}, null, { version, authentication });
    const form = version === 2 ? "2 hmac key 7" : "3 pseudo_header hmac key 7";
    assert.match(out, new RegExp(`192\\.168\\.31\\.12 +master .* ${form} `));
    assert.ok(!out.includes("rejected"));
  }
  const { out } = listenToCrash({ json: true }, null, { version: 3, authentication });
  assert.equal(JSON.parse(out.trim().split("\n").at(-1)!).routers[0].senders[0].hmac_key, 7);
});
