/** Where the claims to the addresses are heard, which masters ask the link for their own, and when. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { Host } from "../../../src/host/host.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { ConflictDetection } from "../../../src/node/split_brain/conflict_detection.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";

/** A watch, instances by the last octet of their address, and for which addresses the link is asked. */
function scene() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, () => 0);
  const asked: string[] = [];
  const askedMs: number[] = [];
  network.probe = (_, address) => {
    asked.push(address);
    askedMs.push(time.nowMs);
  };
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, network);
  const timers = countTimers(host);
  const stranger = new SimHost(
    { ...options, name: "printer", address: "192.168.31.77" },
    time,
    network,
  );
  const journal = new Journal(() => host.wallClockMs());
  const peers = { withAddressOnBackup: () => null, nameOf: () => null, dropping: () => [] };
  const alarms = new Alarms(host, journal);
  const watch = new ConflictDetection(host, journal, alarms, () => peers, () => null);
  const turned = (instance: Instance & { serving: boolean }, serving: boolean) => {
    instance.serving = serving;
    watch.stateChanged(instance);
  };
  return {
    host,
    journal,
    asked,
    askedMs,
    timers,
    turned,
    /** Another host announces the address of this last octet. */
    claim: (octet: number) =>
      network.announce(stranger, { address: `192.168.31.${octet}`, mac: stranger.mac }),
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
    watch,
  };
}

/** A scene that tells on which interfaces claims are heard, by name and kernel index. */
function listeningScene() {
  const whole = scene();
  const steps: string[] = [];
  const link: { index: number | null; refuses: boolean } = { index: 1, refuses: false };
  const host: Host = whole.host;
  const state = host.interfaceState.bind(host);
  const open = whole.host.openClaims.bind(whole.host);
  host.interfaceState = (name) => {
    const now = state(name);
    return now && link.index !== null ? { ...now, index: link.index } : null;
  };
  host.openClaims = (name, ...rest) => {
    const at = `${name}/${link.index}`;
    if (link.refuses) {
      steps.push(`refuse ${at}`);
      return { code: "EMFILE", message: "too many open files" };
    }
    steps.push(`open ${at}`);
    const port = open(name, ...rest);
    return {
      ...port,
      close: () => {
        steps.push(`close ${at}`);
        port.close();
      },
    };
  };
  return { ...whole, link, steps };
}

interface FakeInstance extends Instance {
  serving: boolean;
  config: InstanceConfig;
}

function configOf(octets: readonly number[], device = "eth1"): Partial<InstanceConfig> {
  return {
    addresses: octets.map((octet) => ({
      ...{ address: `192.168.31.${octet}`, prefixLength: 24, device },
    })),
  };
}

function instance(octet: number, changes: Partial<InstanceConfig> = {}): FakeInstance {
  return {
    config: instanceConfig({
      ...{ name: `VI_${octet}`, vrid: octet, ...configOf([octet]), ...changes },
    }),
    resources: { virtualMac: null },
    serving: false,
    router: { state: "backup" },
  } as unknown as FakeInstance;
}

Deno.test("masters ask in turn, and a new one before all others", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  turned(first, true);
  turned(second, true);
  run(3000);
  const round = asked.splice(0).slice(-2);
  assert.deepEqual(new Set(round), new Set(["192.168.31.21", "192.168.31.22"]));
  turned(third, true);
  run(800);
  assert.equal(asked[0], "192.168.31.23");
  run(5000);
  assert.deepEqual(new Set(asked.slice(0, 3)).size, 3, "then each has its turn");
});

Deno.test("one that is master no longer asks no more, and one that is master again is new", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  for (const one of [first, second, third]) turned(one, true);
  run(3000);
  turned(second, false);
  asked.length = 0;
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.21", "192.168.31.23"]));
  asked.length = 0;
  turned(second, true);
  run(800);
  assert.equal(asked[0], "192.168.31.22");
});

Deno.test("an instance that is no more does not ask", () => {
  const { asked, turned, run, watch } = scene();
  const [first, second] = [instance(21), instance(22)];
  turned(first, true);
  turned(second, true);
  watch.forget(first);
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.22"]));
});

Deno.test("claims are heard on the interface that has the name now", async (t) => {
  const rows: [what: string, now: { index?: number; gone?: true; name?: string }, string[]][] = [
    ["the same one, changed", {}, []],
    ["one that came in its place", { index: 2 }, ["close eth1/1", "open eth1/2"]],
    ["none", { gone: true }, ["close eth1/1"]],
    ["another one", { index: 2, name: "eth2" }, []],
  ];
  for (const [what, { index = 1, gone = false, name = "eth1" }, expected] of rows) {
    await t.step(what, () => {
      const { link, steps, run, turned, watch } = listeningScene();
      turned(instance(21), true);
      run(100);
      assert.deepEqual(steps.splice(0), ["open eth1/1"]);
      link.index = gone ? null : index;
      watch.interfaceChanged(name);
      assert.deepEqual(steps, expected);
    });
  }
});

Deno.test("what the host refused is asked for again when the interface changes, with one entry", () => {
  const { link, steps, run, turned, watch, journal } = listeningScene();
  link.refuses = true;
  turned(instance(21), true);
  run(100);
  watch.interfaceChanged("eth1");
  assert.deepEqual(steps.splice(0), ["refuse eth1/1", "refuse eth1/1"]);
  assert.deepEqual(journal.since().map(({ code }) => code), ["claims_unheard"]);
  link.refuses = false;
  watch.interfaceChanged("eth1");
  assert.deepEqual(steps, ["open eth1/1"]);
});

Deno.test("one asks every one and a half seconds, many every half second, ten at once at most", () => {
  const rows: [count: number, times: [atMs: number, questions: number][]][] = [
    [1, [[1500, 1], [3000, 1], [4500, 1]]],
    [2, [[1500, 1], [2250, 1], [3000, 1]]],
    [4, [[1500, 1], [2000, 2], [2500, 2]]],
    [100, [[1500, 1], [2000, 10], [2500, 10]]],
  ];
  for (const [count, times] of rows) {
    const { askedMs, turned, run, host } = scene();
    const early: (number | undefined)[] = [];
    const { setTimer } = host as Host;
    const recording: Pick<Host, "setTimer"> = host;
    recording.setTimer = (atMs, fire, earlyMs) => {
      if (earlyMs !== undefined) early.push(earlyMs);
      return setTimer.call(host, atMs, fire);
    };
    for (let octet = 1; octet <= count; octet++) turned(instance(octet), true);
    run(times.at(-1)![0]);
    const found = Map.groupBy(askedMs, (atMs) => atMs);
    assert.deepEqual(Array.from(found, ([atMs, list]) => [atMs, list.length]), times, `${count}`);
    const gapMs = times[2]![0] - times[1]![0];
    assert.deepEqual(early.slice(0, 2), [1500 / 4, gapMs / 4]);
  }
});

Deno.test("an instance asks for its addresses one after the other, and begins again", () => {
  const { asked, turned, run } = scene();
  turned(instance(21, configOf([21, 22, 23])), true);
  run(1500 * 5);
  assert.deepEqual(asked, [21, 22, 23, 21, 22].map((octet) => `192.168.31.${octet}`));
});

Deno.test("who is master once has one turn, however often that is said, and others have none", () => {
  const { askedMs, turned, run } = scene();
  const [first, second] = [instance(21), instance(22)];
  turned(first, true);
  turned(first, true);
  turned(first, false);
  turned(first, true);
  turned(second, false);
  run(4500);
  assert.deepEqual(askedMs, [1500, 3000, 4500]);
});

Deno.test("a master that comes when nobody asked any more asks", () => {
  const { askedMs, turned, run } = scene();
  const first = instance(21);
  turned(first, true);
  turned(first, false);
  run(2000);
  assert.deepEqual(askedMs, []);
  turned(first, true);
  run(1500);
  assert.deepEqual(askedMs, [3500]);
});

Deno.test("claims are heard for the addresses that there are, a moment after they changed", async (t) => {
  const rows: [what: string, after: Partial<InstanceConfig>, expected: string[]][] = [
    ["the same", configOf([21]), []],
    ["another", configOf([22]), ["close eth1/1", "open eth1/1"]],
    ["one more", configOf([21, 22]), ["close eth1/1", "open eth1/1"]],
    ["on another interface", configOf([21], "eth2"), ["close eth1/1", "open eth2/1"]],
    ["on the interface of the virtual MAC address", {
      ...configOf([21], "vrrp.55"),
      virtualInterface: "vrrp.55",
    }, []],
  ];
  for (const [what, after, expected] of rows) {
    await t.step(what, () => {
      const { steps, run, turned, watch, host } = listeningScene();
      host.setOther("eth2", { enabled: true, up: true });
      const one = instance(21);
      turned(one, false);
      run(19);
      assert.deepEqual(steps, []);
      run(1);
      assert.deepEqual(steps.splice(0), ["open eth1/1"]);
      one.config = { ...one.config, ...after };
      for (let times = 0; times < 2; times++) {
        watch.reconfigured();
        run(20);
        assert.deepEqual(steps.splice(0), times === 0 ? expected : []);
      }
    });
  }
});

Deno.test("an address is heard for the instance that has it now", () => {
  const { claim, turned, run, watch, asked } = scene();
  const [before, after] = [instance(21), instance(21)];
  turned(before, false);
  run(100);
  watch.forget(before);
  turned(after, false);
  run(100);
  [before.serving, after.serving] = [false, true];
  claim(21);
  run(2000);
  assert.deepEqual(asked, ["192.168.31.21"]);
});

/** How one that is suspected to have the address besides an instance is forgotten. */
const ENDS: readonly [
  what: string,
  end: (watch: ConflictDetection, one: FakeInstance) => void,
  left: { readonly steps: readonly string[]; readonly taps: number },
][] = [
  ["its mastership", (watch, one) => watch.stateChanged(one), { steps: [], taps: 1 }],
  ["the instance", (watch, one) => watch.forget(one), { steps: ["close eth1/1"], taps: 0 }],
  ["the watch", (watch) => watch.close(), { steps: ["close eth1/1"], taps: 0 }],
];

for (const [what, end, left] of ENDS) {
  Deno.test(`with ${what} a suspicion ends, and what was opened for it`, () => {
    const { claim, turned, run, watch, asked, host, steps, timers } = listeningScene();
    const one = instance(21);
    turned(one, false);
    run(100);
    steps.length = 0;
    one.serving = true;
    claim(21);
    run(100);
    assert.equal(host.taps.open, 1);
    one.serving = false;
    end(watch, one);
    run(20);
    assert.equal(timers.running, 0);
    one.serving = true;
    run(2000);
    assert.deepEqual([asked, steps, host.taps.open], [[], left.steps, left.taps]);
  });
}

Deno.test("after the end nobody asks, nothing is opened, and no timer runs", () => {
  for (const pending of [false, true]) {
    const { turned, run, watch, asked, steps, link, timers } = listeningScene();
    turned(instance(21), true);
    run(100);
    // Then what changed has not been opened yet.
    if (pending) turned(instance(22), false);
    watch.close();
    assert.equal(timers.running, 0);
    link.index = 2;
    watch.interfaceChanged("eth1");
    watch.reconfigured();
    run(5000);
    assert.deepEqual([asked, steps], [[], ["open eth1/1", "close eth1/1"]]);
  }
});
