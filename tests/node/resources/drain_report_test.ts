/** To whom a node passes on connections, and what it says when it cannot. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { Host } from "../../../src/host/host.ts";
import { Draining } from "../../../src/node/resources/draining.ts";
import { instanceConfig, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

/** A node on 192.168.31.0/24; each of these is the kernel's answer for an address. */
function node(errors: readonly (string | null)[] = []) {
  const passed: string[] = [];
  const journal = new Journal(() => 0);
  const world = { nowMs: 0, errors };
  const host = {
    nowMs: () => world.nowMs,
    interfaceState: (name: string) =>
      name === "eth1" ? { addresses: [{ address: "192.168.31.11", prefixLength: 24 }] } : null,
    forwardConnections: (...words: [VirtualAddress, string, string, number]) => {
      const [{ address }, device, peer, drainMs] = words;
      passed.push(`${address} ${device} ${peer} ${drainMs}`);
      const message = world.errors[passed.length - 1] ?? null;
      return message === null ? null : { code: "EPERM", message };
    },
  } as unknown as Host;
  const said = () => journal.since().map(({ code, message }) => `${code} ${message}`);
  return { draining: new Draining(host, journal), passed, said, world };
}

const DRAINS = instanceConfig({ drainMs: 3000 });

Deno.test("connections are passed on to a neighbour that was heard within two adverts", () => {
  const cases: readonly (readonly [string, number, Partial<InstanceConfig>, boolean])[] = [
    ["192.168.31.12", 0, {}, true],
    ["192.168.31.12", 2000, {}, true],
    ["192.168.31.12", 2001, {}, false],
    ["192.168.31.12", 2001, { advertIntervalCs: 101 }, true],
    ["192.168.32.12", 0, {}, false],
    ["fe80::12", 0, {}, true],
    ["2001:db8::12", 0, {}, false],
    ["192.168.31.12", 0, { interface: "eth9" }, false],
    ["192.168.31.12", 0, { drainMs: 0 }, false],
    ["192.168.31.12", 0, { virtualInterface: "vrrp.55" }, false],
  ];
  for (const [from, laterMs, changes, isPassed] of cases) {
    const { draining, passed, world } = node();
    const config = { ...DRAINS, ...changes };
    draining.heard(from);
    world.nowMs += laterMs;
    draining.taken(config);
    const { interface: device, drainMs } = config;
    assert.deepEqual(passed, isPassed ? [`192.168.31.5 ${device} ${from} ${drainMs}`] : []);
    draining.taken(config);
    assert.equal(passed.length, isPassed ? 1 : 0, "once for each time that it was heard");
  }
});

Deno.test("only addresses of the family of the adverts are passed on", () => {
  const { draining, passed } = node();
  draining.heard("192.168.31.12");
  const second = { ...VIP, address: "192.168.31.6" };
  draining.taken({ ...DRAINS, addresses: [VIP, { ...VIP, address: "2001:db8::5" }, second] });
  assert.deepEqual(passed.map((it) => it.split(" ")[0]), ["192.168.31.5", "192.168.31.6"]);
});

Deno.test("a problem is reported once, until it is another one or has been none", () => {
  const { draining, passed, said, world } = node();
  /** Both addresses are taken, and the kernel answers so. */
  const take = (...errors: (string | null)[]) => {
    const before = said().length;
    passed.length = 0;
    world.errors = errors;
    draining.heard("192.168.31.12");
    draining.taken({ ...DRAINS, addresses: [VIP, { ...VIP, address: "192.168.31.6" }] });
    return said().slice(before);
  };
  const told = (why: string) => [
    `drain_failed VI_1: connections do not outlive this hand-over: ${why}`,
  ];
  assert.deepEqual(take(null, "a"), told("a"));
  assert.deepEqual(take("a", "b"), []);
  assert.deepEqual(take("b", "a"), told("b"));
  assert.deepEqual(take(), []);
  draining.notDrained(DRAINS, { code: "EPERM", message: "b" });
  assert.equal(said().length, 3);
  assert.equal(draining.drainMs(DRAINS), 3000);
  assert.equal(draining.drainMs({ ...DRAINS, virtualInterface: "vrrp.55" }), 0);
});
