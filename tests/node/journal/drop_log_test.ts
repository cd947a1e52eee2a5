/** Discarded packets are counted each, and journaled once a minute for each reason. */

import assert from "node:assert/strict";
import { DropLog } from "../../../src/node/journal/drop_log.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { DROP_MESSAGES } from "../../../src/status/codes/messages.ts";
import { Journal } from "../../../src/status/journal.ts";

function scene(subject?: string) {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const journal = new Journal(() => host.wallClockMs());
  const log = new DropLog(host, journal, subject);
  const told = () => journal.since().map(({ severity, message }) => `${severity} ${message}`);
  return { log, told, run: (forMs: number) => time.runUntil(time.nowMs + forMs) };
}

Deno.test("a reason is logged when it first occurs, and a minute later if it continues, with how often", () => {
  const { log, told, run } = scene("VI_1");
  const drop = () => log.record("checksum", "192.168.31.12", "eth1");
  drop();
  run(59_999);
  drop();
  log.record("ttl", "192.168.31.13", "eth1");
  run(1);
  drop();
  const packet = "VI_1: packet from 192.168.31.12 on eth1 discarded (checksum,";
  assert.deepEqual(told(), [
    `warning ${packet} 1 so far): ${DROP_MESSAGES.checksum}`,
    `warning VI_1: packet from 192.168.31.13 on eth1 discarded (ttl, 1 so far): ${DROP_MESSAGES.ttl}`,
    `warning ${packet} 3 so far): ${DROP_MESSAGES.checksum}`,
  ]);
  assert.deepEqual(log.counters, { checksum: 3, ttl: 1 });
});

Deno.test("what is of no instance is no warning, and what found no room counts as many as it was", () => {
  const { log, told } = scene();
  log.recordUnread(7, "eth1");
  log.recordUnread(2, "eth1");
  assert.deepEqual(log.counters, { unread: 9 });
  assert.deepEqual(told(), [
    `info packets on eth1 discarded (unread, 7 so far): ${DROP_MESSAGES.unread}`,
  ]);
});
