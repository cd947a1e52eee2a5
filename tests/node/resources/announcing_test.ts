/** Announcements of many addresses, and the adverts between them. */

import assert from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { Announcing } from "../../../src/node/resources/announcing.ts";
import { config, instanceConfig, SimCluster } from "../../../src/sim/cluster.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

const COUNT = 200;
const ADDRESSES = Array.from({ length: COUNT }, (_, n) => ({
  address: `192.168.31.${n + 20}`,
  prefixLength: 24,
  device: "eth1",
}));

/** One node with many addresses, at the moment in which it has become master; and when its announcements were sent. */
function newMaster(intervalMs = 0) {
  const announce = { ...instanceConfig().announce, intervalMs };
  const cluster = new SimCluster([{ addresses: ADDRESSES, announce }]);
  const { host } = cluster.nodes[0]!;
  const sent: { address: string; atMs: number }[] = [];
  host.announce = (address) => {
    sent.push({ address: address.address, atMs: cluster.time.nowMs });
    return null;
  };
  cluster.start();
  for (let steps = 0; sent.length === 0 && steps < 10_000; steps++) cluster.run(1);
  return { cluster, node: cluster.nodes[0]!, sent };
}

Deno.test("the announcements of many addresses are spread, so that no advert waits for them", () => {
  const { cluster, node, sent } = newMaster();
  cluster.run(1000);
  assert.equal(sent.length, 5 * COUNT);
  const perMoment = Map.groupBy(sent, ({ atMs }) => atMs);
  const most = Math.max(...Array.from(perMoment.values(), (list) => list.length));
  assert.ok(most <= 16, `${most} in one go`);
  // Each address once before any of them again: the takeover is known everywhere as early as possible.
  assert.equal(new Set(sent.slice(0, COUNT).map(({ address }) => address)).size, COUNT);
  assert.ok(sent.at(-1)!.atMs - sent[0]!.atMs < 100);
  assert.equal(node.status.counters.advertisements_sent, 2);
});

Deno.test("of instances that take over together each is announced and speaks before any is announced again", () => {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const instances = ADDRESSES.map((address, index) =>
    instanceConfig({ name: `VI_${index}`, vrid: index + 1, addresses: [address] })
  );
  const happened: string[] = [];
  host.announce = ({ address }) => {
    happened.push(address);
    return null;
  };
  const open = host.openVrrp.bind(host);
  host.openVrrp = (...request) => {
    const port = open(...request);
    return {
      ...port,
      send(payload, ...envelope) {
        // What only asks the kernel is no advert.
        if (envelope[2] === 0) return null;
        happened.push(`advert ${payload[1]}`);
        return port.send(payload, ...envelope);
      },
    };
  };
  const options = { version: "0", store: host.openStore() };
  new LoadBalancer({ ...config("lb01", {}), instances }, host, options).start();
  cluster.run(4000);
  const first = ADDRESSES.flatMap(({ address }, index) => [`advert ${index + 1}`, address]);
  assert.deepEqual(happened.slice(0, 2 * COUNT), first);
  const repeats = ADDRESSES.flatMap(({ address }) => new Array<string>(4).fill(address));
  assert.deepEqual(happened.slice(2 * COUNT, 6 * COUNT), repeats);
});

Deno.test("with an interval, that time lies between two announcements", () => {
  const { cluster, sent } = newMaster(10);
  cluster.run(3000);
  for (const [index, { atMs }] of sent.entries()) {
    if (index > 0) assert.ok(atMs - sent[index - 1]!.atMs >= 10 - 1e-6);
  }
  assert.ok(sent.length > 290 && sent.length <= 302, `${sent.length}`);
});

Deno.test("what is not announced yet when the addresses go is not announced any more", () => {
  const { cluster, node, sent } = newMaster(10);
  cluster.run(100);
  node.daemon!.abandon();
  const before = sent.length;
  cluster.run(10_000);
  assert.equal(sent.length, before);
});

Deno.test("what the host refuses is asked once an announcement, not once a packet, and one entry", () => {
  const cluster = new SimCluster([{ addresses: ADDRESSES }]);
  const { host } = cluster.nodes[0]!;
  let asked = 0;
  host.announce = () => {
    asked++;
    return { code: "ENOBUFS", message: "no buffer space" };
  };
  cluster.start();
  cluster.run(10_000);
  const told = cluster.nodes[0]!.daemon!.journal.since()
    .filter(({ code }) => code === "announcement_failed");
  assert.deepEqual([asked, told.length], [2, 1]);
});

Deno.test("what is kept is announced to its end, and nothing else", async (t) => {
  const [a, b, c] = ADDRESSES as [VirtualAddress, VirtualAddress, VirtualAddress];
  const rows: [string, readonly VirtualAddress[], readonly VirtualAddress[]][] = [
    ["all stay", [a, b, c], [b, c, a, b, c]],
    ["one goes", [a, c], [c, a, c]],
    ["the one that was announced goes", [b, c], [b, c, b, c]],
    ["all go", [], []],
    ["others come, which are announced otherwise", [b, ADDRESSES[3]!], [b, b]],
  ];
  for (const [what, kept, expected] of rows) {
    await t.step(what, () => {
      const time = new VirtualTime();
      const sent: VirtualAddress[] = [];
      const host = {
        nowMs: () => time.nowMs,
        setTimer: (atMs: number, run: () => void) => time.schedule(atMs, run),
        announce(address: VirtualAddress) {
          sent.push(address);
          return null;
        },
      };
      const announcing = new Announcing(host, 10, () => {});
      announcing.announce([a, b, c], 2);
      assert.deepEqual(sent.splice(0), [a]);
      announcing.keep(kept);
      time.runUntil(1000);
      assert.deepEqual(sent, expected);
    });
  }
});

Deno.test("what is announced next replaces what waits, and what comes after an end or a failure waits for nothing", () => {
  const [a, b, c] = ADDRESSES as [VirtualAddress, VirtualAddress, VirtualAddress];
  const [A, B, C] = [a, b, c].map(({ address }) => address);
  type Step = (announcing: Announcing, host: { refuses: boolean }) => void;
  const rows: readonly (readonly [string, number, Step, string[]])[] = [
    ["nothing", 10, () => {}, [`0 ${A}`, `10 ${B}`, `20 ${C}`]],
    ["the least interval", 1, () => {}, [`0 ${A}`, `1 ${B}`, `2 ${C}`]],
    ["another announcement", 10, (announcing) => announcing.announce([b, a], 1), [
      ...[`0 ${A}`, `5 ${B}`, `15 ${A}`],
    ]],
    ["one that comes as well", 10, (announcing) => announcing.also([a], 1), [
      ...[`0 ${A}`, `10 ${B}`, `20 ${C}`, `30 ${A}`],
    ]],
    ["an end", 10, (announcing) => {
      announcing.cancel();
      announcing.also([a], 1);
    }, [`0 ${A}`, `5 ${A}`]],
    ["a failure", 10, (announcing, host) => {
      host.refuses = true;
      announcing.announce([c, b], 1);
      host.refuses = false;
      announcing.also([b], 1);
    }, [`0 ${A}`, `5 ${C}`, `5 ${B}`]],
  ];
  for (const [what, intervalMs, step, expected] of rows) {
    const time = new VirtualTime();
    const sent: string[] = [];
    const world = { refuses: false };
    let timers = 0;
    const host = {
      nowMs: () => time.nowMs,
      setTimer: (atMs: number, run: () => void) => {
        timers++;
        return time.schedule(atMs, run);
      },
      announce({ address }: VirtualAddress) {
        sent.push(`${time.nowMs} ${address}`);
        return world.refuses ? { code: "ENOBUFS", message: "no buffer space" } : null;
      },
    };
    const announcing = new Announcing(host, intervalMs, () => {});
    announcing.announce([a, b, c], 1);
    time.runUntil(5);
    step(announcing, world);
    time.runUntil(1000);
    assert.deepEqual(sent, expected, what);
    assert.ok(timers < expected.length, "none for nothing");
  }
});
