/** For how long an answer that the front got as a client counts, and when the lack of one is said. */

import assert from "node:assert/strict";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { ClientChecks } from "../../../src/node/pair/client_checks.ts";
import { config, instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

const QUESTION = { type: "tcp", port: 80, path: "/" } as const;
const TARGET = "tcp 192.168.31.5:80";
const WELL = { target: TARGET, ok: true, detail: "it answers" } as const;
const NOT_ASKED = `vipd-front has not asked ${TARGET} of late`;

/** A backup among so many, whose master was heard just now, and what is known of its address. */
function scene(changes: Partial<InstanceConfig> = {}, count = 1) {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const router = { state: "backup", masterHeardMs: 0 };
  const instances = Array.from({ length: count }, (_, index) => ({
    config: instanceConfig({ name: `VI_${index + 1}`, clientCheck: QUESTION, ...changes }),
    router: index === 0 ? router : { ...router },
  })) as unknown as Instance[];
  const [instance] = instances as [Instance];
  const whole: Config = { ...config("lb01", {}), instances: instances.map((it) => it.config) };
  const world = { here: false, hidden: false };
  const clients = new ClientChecks(
    whole,
    host,
    () => instances,
    () => world.here,
    () => world.hidden ? { address: "192.168.31.5", device: "lo" } : null,
  );
  const run = (forMs: number) => {
    time.runUntil(time.nowMs + forMs);
    router.masterHeardMs = time.nowMs;
  };
  const silent = (forMs: number) => time.runUntil(time.nowMs + forMs);
  const take = (report: Partial<typeof WELL> | { readonly ok: false } = {}, name = "VI_1") =>
    clients.take({ ...WELL, ...report, instance: name });
  return { clients, instance, router, world, run, silent, take };
}

Deno.test("an answer counts four seconds longer than it takes to ask all", () => {
  for (const [count, lastsMs] of [[1, 6000], [100, 6000], [150, 7000]] as const) {
    const { clients, instance, run, take } = scene({}, count);
    run(1000);
    assert.equal(clients.status(instance), null);
    assert.equal(take(), instance);
    run(lastsMs);
    assert.equal(clients.status(instance)?.ok, true);
    assert.equal(clients.unknown(instance), null);
    run(1);
    assert.equal(clients.status(instance), null, `${count} instances`);
    assert.equal(clients.unknown(instance), NOT_ASKED);
  }
});

Deno.test("that an address was not asked is said when it would have been its turn", () => {
  for (const [count, afterMs] of [[1, 0], [100, 0], [150, 1000]] as const) {
    const { clients, instance, run } = scene({}, count);
    run(5000);
    clients.stateChanged(instance);
    if (afterMs > 0) {
      run(afterMs - 1);
      assert.equal(clients.unknown(instance), null);
      run(1);
    }
    assert.equal(clients.unknown(instance), NOT_ASKED, `${count} instances`);
  }
});

Deno.test("an instance that has not changed its state is as old as the machine", () => {
  const { clients, instance, run } = scene({}, 150);
  run(999);
  assert.equal(clients.unknown(instance), null);
  run(1);
  assert.equal(clients.unknown(instance), NOT_ASKED);
});

Deno.test("a master that is silent for half an interval more than one, or half a second, is not judged", () => {
  for (const [advertIntervalCs, limitMs] of [[10, 600], [100, 1500], [200, 3000]] as const) {
    const { clients, instance, silent, take } = scene({ advertIntervalCs });
    take();
    silent(limitMs);
    assert.equal(clients.status(instance)?.ok, true);
    silent(1);
    assert.deepEqual([clients.status(instance), clients.unknown(instance)], [null, null]);
  }
});

Deno.test("what is taken is the answer of another node, about a backup that asks", () => {
  const rows: [what: string, act: (it: ReturnType<typeof scene>) => void, taken: boolean][] = [
    ["a backup", () => {}, true],
    ["a master", ({ router }) => router.state = "master", false],
    ["the address is here", ({ world }) => world.here = true, false],
  ];
  for (const [what, act, taken] of rows) {
    const it = scene();
    act(it);
    assert.equal(it.take() !== null, taken, what);
    assert.equal(it.clients.status(it.instance) !== null, taken);
    assert.deepEqual(it.clients.wanted, it.router.state === "backup" ? ["VI_1"] : []);
    if (!taken) assert.equal(it.clients.unknown(it.instance), null);
  }
  const off = scene({ clientCheck: "off" });
  assert.deepEqual([off.take(), off.clients.wanted], [null, []]);
  assert.equal(scene().take({}, "VI_2"), null);
});

Deno.test("what vipd derived counts once the same question was answered", () => {
  const { clients, instance, take } = scene({ clientCheck: "auto" });
  take({ ok: false });
  assert.equal(clients.status(instance), null);
  assert.equal(clients.unknown(instance), `${TARGET} has not answered once: it answers`);
  take();
  take({ ok: false });
  assert.equal(clients.status(instance)?.ok, false);
  take({ ok: false, target: "tcp 192.168.31.5:81" } as unknown as typeof WELL);
  assert.equal(clients.status(instance), null);
  const configured = scene();
  configured.take({ ok: false });
  assert.equal(configured.clients.status(configured.instance)?.ok, false);
});

Deno.test("an answer from before a change of state is another node's word", () => {
  const { clients, instance, take } = scene();
  take();
  clients.stateChanged(instance);
  assert.equal(clients.status(instance), null);
  take({ ok: false });
  assert.equal(clients.status(instance)?.ok, false);
});

Deno.test("an address that this node has for itself would be its own answer", () => {
  const hidden = "192.168.31.5 is on its own lo, so it would ask itself; no other machine sees " +
    "that address there";
  const { clients, instance, world, router } = scene();
  world.hidden = true;
  assert.equal(clients.unknown(instance), hidden);
  router.state = "master";
  assert.equal(clients.unknown(instance), null);
  const none = scene({ clientCheck: "auto" });
  none.world.hidden = true;
  assert.equal(none.clients.unknown(none.instance), null, "nothing is asked");
});
