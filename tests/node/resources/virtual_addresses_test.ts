/** What an instance says of the addresses that it has put on its host, and their forms. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { allOnDevice } from "../../../src/node/resources/device_addresses.ts";
import { RefusedResources } from "../../../src/node/resources/refused_resources.ts";
import { VirtualAddresses } from "../../../src/node/resources/virtual_addresses.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";

const FULL: VirtualAddress = {
  address: "192.168.31.5",
  prefixLength: 24,
  device: "eth1",
  label: "eth1:1",
  broadcast: "192.168.31.255",
};

const OWN = "192.168.31.11";

function scene(
  changes: Partial<InstanceConfig> = {},
  isVirtual = (address: string) => address !== OWN,
) {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: OWN };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const journal = new Journal(() => host.wallClockMs());
  const config = instanceConfig({ addresses: [FULL], ...changes });
  const alarms = new Alarms(host, journal);
  const refused = new RefusedResources(config, {
    ...{ clock: host, journal, alarms, changed: () => {} },
    ...{ nothingToServe: () => false, takesAddress: () => true },
  });
  let returned = 0;
  const world = { awaitsInterface: false };
  const held = new VirtualAddresses(config, {
    ...{ host, journal, refused, heldElsewhere: () => false, notDrained: () => {} },
    ...{ awaitsInterface: () => world.awaitsInterface, returned: () => returned++ },
    isVirtual: (address) => isVirtual(address),
    hostsOwn: (device) =>
      allOnDevice(host, device).filter(({ address }) => address === options.address),
  });
  const returnedTimes = () => returned;
  return {
    held,
    host,
    journal,
    world,
    returned: returnedTimes,
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
  };
}

Deno.test("an instance has an address in whatever form, and holds it in this one", async (t) => {
  const rows: [string, VirtualAddress, has: boolean, holds: boolean][] = [
    ["as it was put", { ...FULL }, true, true],
    ["with another label", { ...FULL, label: "eth1:2" }, true, false],
    ["with another prefix length", { ...FULL, prefixLength: 32 }, true, false],
    ["with another broadcast address", { ...FULL, broadcast: "192.168.31.127" }, true, false],
    ["on another device", { ...FULL, device: "eth2" }, false, false],
    ["another one", { ...FULL, address: "192.168.31.6" }, false, false],
  ];
  for (const [what, address, has, holds] of rows) {
    await t.step(what, () => {
      const { held } = scene();
      assert.deepEqual([held.has(address), held.holds(address)], [false, false]);
      held.acquire();
      assert.deepEqual([held.has(address), held.holds(address)], [has, holds]);
      held.release();
      assert.deepEqual([held.has(address), held.holds(address)], [false, false]);
    });
  }
});

Deno.test("another form that is configured comes although the former one cannot be taken off", () => {
  const { held, host, run } = scene();
  held.acquire();
  host.removeAddress = () => ({ code: "EPERM", message: "refused" });
  const other = { ...FULL, label: "eth1:2" };
  held.reconfigure(instanceConfig({ addresses: [other] }));
  assert.deepEqual(host.virtualAddresses, [other]);
  run(1500);
  assert.deepEqual(host.virtualAddresses, [other]);
  assert.deepEqual(held.status().map((it) => it.held), [true]);
});

Deno.test("an address that another program changed is looked at again before it counts as the primary one", () => {
  const { held, host, journal } = scene();
  held.acquire();
  const before = host.interfaceState("eth1")!;
  const own = before.addresses.find(({ address }) => address !== FULL.address)!;
  const put = before.addresses.find(({ address }) => address === FULL.address)!;
  let addresses = [{ ...put, label: "eth1:9" }, { ...own, secondary: true as const }];
  host.interfaceState = () => ({ ...before, addresses });
  host.addAddress = () => {
    addresses = [own as typeof addresses[number], put as typeof addresses[number]];
    return null;
  };
  held.interfaceChanged();
  assert.deepEqual(journal.since().map(({ code }) => code), ["address_altered"]);
});

Deno.test("an address that becomes the primary one again and again is demoted each time, and is one entry", () => {
  const { held, host, journal, run } = scene();
  held.acquire();
  const state = host.interfaceState("eth1")!;
  const own = state.addresses.find(({ address }) => address !== FULL.address)!;
  const put = state.addresses.find(({ address }) => address === FULL.address)!;
  host.interfaceState = () => ({
    ...state,
    addresses: [put, { ...own, secondary: true as const }],
  });
  let demoted = 0;
  host.demoteAddress = () => {
    demoted++;
    return null;
  };
  for (let n = 0; n < 60; n++) {
    held.interfaceChanged();
    run(100);
  }
  assert.equal(demoted, 60);
  const message = `VI_1: ${FULL.address}/24 had become the primary address of the network; added ` +
    "again behind the host's own";
  assert.deepEqual(
    journal.since().map(({ severity, code, message }) => [severity, code, message]),
    [
      ["notice", "address_promoted", message],
    ],
  );
});

Deno.test("a change of the interface costs no look at each of the hundreds of addresses on it", () => {
  let asked = 0;
  const { held, host } = scene({}, (address) => {
    asked++;
    return address !== OWN;
  });
  for (let last = 20; last < 220; last++) {
    host.addAddress({ ...FULL, label: "eth1:2", address: `192.168.31.${last}` });
  }
  held.acquire();
  held.interfaceChanged();
  assert.equal(asked, 0);
});

/** A scene that tells what the host is asked for, but to show what there is; `refused` are the calls that it refuses. */
function recordedScene(changes: Partial<InstanceConfig> = {}) {
  const whole = scene(changes);
  const refused = new Set<string>();
  const said: string[] = [];
  const { host } = whole;
  const answer = (call: string, what: string) => {
    said.push(`${call} ${what}`);
    return refused.has(call) ? { code: "EPERM", message: "refused" } : null;
  };
  const { addAddress, removeAddress } = host;
  host.addAddress = (address, ...rest) =>
    answer("add", address.address) ?? addAddress.call(host, address, ...rest);
  host.removeAddress = (address) =>
    answer("remove", address.address) ?? removeAddress.call(host, address);
  host.drainAddress = (address: VirtualAddress, forMs?: number) =>
    answer("drain", `${address.address} for ${forMs}`) ?? removeAddress.call(host, address);
  host.renewAddresses = (addresses: readonly VirtualAddress[]) =>
    void answer("renew", addresses.map(({ address }) => address).join());
  host.announce = (address) => answer("announce", address.address);
  return { ...whole, refused, take: () => said.splice(0) };
}

const { address: A } = FULL;

Deno.test("an address drains for as long as is said when it is released, and at no other time", () => {
  const { held, refused, run, take } = recordedScene();
  held.acquire();
  held.reconfigure(instanceConfig({ addresses: [] }));
  assert.deepEqual(take(), [`add ${A}`, `remove ${A}`]);
  held.reconfigure(instanceConfig({ addresses: [FULL] }));
  held.acquire();
  held.release(1);
  held.acquire();
  held.release();
  assert.deepEqual(take(), [
    ...[`add ${A}`, `drain ${A} for 1`, `add ${A}`, `remove ${A}`],
  ]);
  held.acquire();
  for (const call of ["drain", "remove"]) refused.add(call);
  held.release(5000);
  run(1000);
  assert.deepEqual(take(), [
    ...[`add ${A}`, `drain ${A} for 5000`, `remove ${A}`, `remove ${A}`],
  ]);
});

Deno.test("the lease of an address is renewed at once if it could not be taken off before", () => {
  const { held, refused, take } = recordedScene();
  held.acquire();
  refused.add("remove");
  held.release();
  assert.deepEqual(take(), [`add ${A}`, `remove ${A}`]);
  held.acquire();
  assert.deepEqual(take(), [`renew ${A}`]);
});

Deno.test("what was to be announced is not after a release, nor after the next acquisition", () => {
  const announced = (take: () => string[]) => take().filter((it) => it.startsWith("announce"));
  const { held, host, run, take } = recordedScene();
  held.acquire();
  held.announce("takeover");
  held.release();
  assert.equal(announced(take).length, 1);
  held.acquire();
  run(60_000);
  assert.deepEqual(announced(take), []);
  for (const count of [1, 0]) {
    host.stealAddress(A);
    held.interfaceChanged();
    assert.equal(announced(take).length, count);
    if (count === 1) run(500);
  }
  held.release();
  held.acquire();
  run(60_000);
  assert.deepEqual(announced(take), []);
});

Deno.test("an address that waited for the host's own does not come back after a release", () => {
  const { held, host, run, take } = recordedScene();
  held.acquire();
  const own = host.ownAddresses;
  host.setOwnAddresses([], [A]);
  held.interfaceChanged();
  assert.equal(held.returning, true);
  held.release();
  take();
  host.setOwnAddresses(own);
  held.interfaceChanged();
  run(60_000);
  assert.deepEqual([take(), held.none], [[], true]);
});

Deno.test("an address waits for the host's own one no longer than its grace, and says when it is back", () => {
  const { held, host, run, take, returned } = recordedScene();
  held.acquire();
  take();
  host.setOwnAddresses([], [A]);
  held.interfaceChanged();
  assert.deepEqual(take(), [`remove ${A}`], "should it be there after all");
  run(199);
  assert.deepEqual([take(), returned()], [[], 0]);
  run(1);
  assert.deepEqual([take().slice(0, 1), returned()], [[`add ${A}`], 1]);
});

Deno.test("an address whose device is gone is taken off the host, under whatever name that has now", () => {
  // In no network of the host's own, for which it would wait.
  const far = { ...FULL, address: "10.0.0.5" };
  for (const there of [false, true]) {
    const { held, host, take } = recordedScene({ addresses: [far] });
    held.acquire();
    take();
    const state = host.interfaceState("eth1")!;
    const own = state.addresses.filter(({ address }) => address === OWN);
    host.interfaceState = () => there ? { ...state, addresses: own } : null;
    held.interfaceChanged();
    const asked = take().filter((it) => !it.startsWith("announce"));
    assert.deepEqual(asked, [...there ? [] : ["remove 10.0.0.5"], "add 10.0.0.5"]);
  }
});

Deno.test("what came back is announced once a second, and not after a release", () => {
  for (const released of [false, true]) {
    const { held, host, run, take } = recordedScene({ leaseSeconds: null });
    const announced = () => take().filter((it) => it.startsWith("announce")).length;
    held.acquire();
    host.stealAddress(A);
    held.interfaceChanged();
    run(100);
    held.again();
    assert.ok(announced() > 0);
    if (released) {
      held.release();
      held.acquire();
    }
    run(899);
    assert.equal(announced(), 0);
    run(1);
    assert.equal(announced() > 0, !released);
  }
});

Deno.test("another MAC address is announced for the addresses on that interface", () => {
  for (const device of ["eth1", "eth2"]) {
    const { held, take } = recordedScene();
    held.acquire();
    take();
    held.macChanged(device);
    assert.deepEqual(take().slice(0, 1), device === "eth1" ? [`announce ${A}`] : []);
  }
});

Deno.test("whether the kernel takes an address shows, and leaves nothing", () => {
  for (const refuses of [false, true]) {
    const { held, host, refused, take } = recordedScene();
    if (refuses) refused.add("add");
    const leases: (number | undefined)[] = [];
    const { addAddress } = host;
    host.addAddress = (address, leaseSeconds) => {
      leases.push(leaseSeconds);
      return addAddress.call(host, address, leaseSeconds);
    };
    assert.equal(held.areTaken(), !refuses);
    assert.deepEqual(leases, [1], "should this process die now");
    assert.deepEqual(take(), refuses ? [`add ${A}`] : [`add ${A}`, `remove ${A}`]);
    assert.deepEqual(host.virtualAddresses, []);
  }
});

const messages = (journal: Journal) => journal.since().map(({ message }) => message);

Deno.test("what the kernel refuses of an address is reported with what it was asked, and that it is asked again", () => {
  const why = "refused; tried again every 1 s";
  for (
    const [call, what] of [["add", "added to eth1"], ["remove", "removed from eth1"]] as const
  ) {
    const { held, refused, run, journal } = recordedScene();
    refused.add(call);
    held.acquire();
    held.release();
    if (call === "add") held.acquire();
    run(1000);
    const told = messages(journal).find((it) => it.startsWith("VI_1: 192"));
    assert.equal(told, `VI_1: ${A}/24 cannot be ${what}: ${why}`);
  }
});

Deno.test("another form of an address comes after the former one is off", () => {
  const { held, take } = recordedScene();
  held.acquire();
  take();
  held.reconfigure(instanceConfig({ addresses: [{ ...FULL, label: "eth1:2" }] }));
  assert.deepEqual(take().filter((it) => !it.startsWith("announce")), [`remove ${A}`, `add ${A}`]);
});

Deno.test("other times of the announcements count from a reload on", () => {
  const unleased = { addresses: [FULL], leaseSeconds: null };
  const { held, run, take } = recordedScene(unleased);
  held.acquire();
  held.announce("takeover");
  run(60_000);
  take();
  const announce = { ...instanceConfig().announce, refreshMs: 10_000, refreshRepeat: 1 };
  held.reconfigure(instanceConfig({ ...unleased, announce }));
  take();
  run(25_000);
  // One is overdue.
  assert.deepEqual(take(), new Array(3).fill(`announce ${A}`));
});

Deno.test("an address is advertised unless the configuration says otherwise", () => {
  const { held } = scene({ addresses: [FULL, { ...FULL, advertise: false }] });
  assert.deepEqual(held.status().map(({ advertised }) => advertised), [true, false]);
});

Deno.test("an address is held that is there because of the instance", () => {
  const { held, host } = scene({ leaseSeconds: null });
  const isHeld = () => held.status().map((it) => it.held);
  host.plantAddress(FULL);
  assert.deepEqual(isHeld(), [false]);
  held.acquire();
  assert.deepEqual(isHeld(), [true]);
  host.stealAddress(A);
  assert.deepEqual(isHeld(), [false]);
});

Deno.test("an address that was refused while its interface was away comes with that", () => {
  const { held, world, refused, host } = recordedScene();
  world.awaitsInterface = true;
  refused.add("add");
  held.acquire();
  world.awaitsInterface = false;
  refused.clear();
  assert.deepEqual(host.virtualAddresses, []);
  held.again();
  assert.deepEqual(host.virtualAddresses, [FULL]);
});

Deno.test("an address that is moved behind the host's own is no reason to ask for another again", () => {
  const second = { ...FULL, address: "192.168.31.6" };
  const { held, host, take } = recordedScene({ addresses: [FULL, second] });
  host.refuses.set(second.address, { code: "EPERM", message: "refused" });
  held.acquire();
  take();
  const state = host.interfaceState("eth1")!;
  const own = state.addresses.find(({ address }) => address === OWN)!;
  const put = state.addresses.find(({ address }) => address === A)!;
  host.interfaceState = () => ({
    ...state,
    addresses: [put, { ...own, secondary: true as const }],
  });
  host.demoteAddress = () => null;
  held.interfaceChanged();
  assert.deepEqual(take(), []);
});

Deno.test("an address behind one of the host's is not added again, whichever of those is secondary", () => {
  const { held, host, journal } = scene({}, (address) => address === A);
  held.acquire();
  const state = host.interfaceState("eth1")!;
  const own = state.addresses.find(({ address }) => address === OWN)!;
  const put = state.addresses.find(({ address }) => address === A)!;
  const addresses = [
    { ...own, address: "192.168.31.12" },
    { ...own, secondary: true as const },
    put,
  ];
  host.interfaceState = () => ({ ...state, addresses });
  held.interfaceChanged();
  assert.deepEqual(messages(journal), []);
});

Deno.test("an address that the kernel does not move behind the host's own is taken off and put again", () => {
  const { held, host, take } = recordedScene();
  held.acquire();
  take();
  const state = host.interfaceState("eth1")!;
  const own = state.addresses.find(({ address }) => address === OWN)!;
  const put = state.addresses.find(({ address }) => address === A)!;
  host.interfaceState = () => ({
    ...state,
    addresses: [put, { ...own, secondary: true as const }],
  });
  host.demoteAddress = () => ({ code: "EPERM", message: "refused" });
  held.interfaceChanged();
  assert.deepEqual(take(), [`remove ${A}`, `add ${A}`]);
});

Deno.test("the host's own address is never taken off", () => {
  const { held, take } = recordedScene({ addresses: [{ ...FULL, address: OWN }] });
  held.acquire();
  held.release();
  assert.deepEqual(take(), [`add ${OWN}`]);
});

Deno.test("a change that takes nothing asks nothing of the kernel, also while it refuses", () => {
  const { held, refused, take } = recordedScene();
  refused.add("add");
  held.acquire();
  take();
  held.interfaceChanged();
  assert.deepEqual(take(), []);
});

Deno.test("an instance that acquires while it waits for the host's own address waits no more", () => {
  const { held, host, run, take, returned } = recordedScene();
  held.acquire();
  host.setOwnAddresses([], [A]);
  held.interfaceChanged();
  take();
  held.acquire();
  run(60_000);
  assert.deepEqual([take(), returned()], [[`add ${A}`], 0]);
});

Deno.test("the journal says which addresses are gone", () => {
  const second = { ...FULL, address: "192.168.31.6" };
  for (const [gone, what] of [[[FULL], "was"], [[FULL, second], "were"]] as const) {
    const { held, host, journal } = scene({ addresses: [...gone] });
    held.acquire();
    for (const { address } of gone) host.stealAddress(address);
    held.interfaceChanged();
    const names = gone.map(({ address }) => `${address}/24`).join(", ");
    assert.deepEqual(messages(journal), [`VI_1: ${names} ${what} removed by another program`]);
  }
});

Deno.test("other addresses that come while one waits for the host's own are put at once, and end the wait", () => {
  const { held, host, run, take, returned } = recordedScene();
  held.acquire();
  host.setOwnAddresses([], [A]);
  held.interfaceChanged();
  take();
  const other = { ...FULL, address: "10.0.0.5" };
  held.reconfigure(instanceConfig({ addresses: [other] }));
  assert.equal(take()[0], `add ${other.address}`);
  run(60_000);
  assert.equal(returned(), 0);
});

Deno.test("an address that a reload adds is announced, and it alone", () => {
  const { held, take } = recordedScene();
  held.acquire();
  const second = { ...FULL, address: "192.168.31.6" };
  take();
  held.reconfigure(instanceConfig({ addresses: [FULL, second] }));
  assert.deepEqual(
    new Set(take()),
    new Set([`add ${second.address}`, `announce ${second.address}`]),
  );
});

Deno.test("another lease is a renewal where there was one, and else the address is put again", () => {
  const rows: [before: number | null, after: number | null, string[]][] = [
    [3, 3, []],
    [3, 60, [`renew ${A}`]],
    [null, 3, [`add ${A}`]],
    [3, null, [`add ${A}`]],
  ];
  for (const [before, after, expected] of rows) {
    const { held, take } = recordedScene({ leaseSeconds: before });
    held.acquire();
    take();
    held.reconfigure(instanceConfig({ addresses: [FULL], leaseSeconds: after }));
    assert.deepEqual(take(), expected, `${before} -> ${after}`);
  }
});

Deno.test("one address that is gone and one that was changed come back together, and wait for nothing", () => {
  const second = { ...FULL, address: "192.168.31.6" };
  const { held, host, run, returned } = recordedScene({
    ...{ addresses: [FULL, second], leaseSeconds: null },
  });
  held.acquire();
  host.stealAddress(A);
  host.alterAddress(second.address, { label: "eth1:9" });
  held.interfaceChanged();
  assert.deepEqual(new Set(host.virtualAddresses), new Set([FULL, second]));
  run(500);
  assert.equal(returned(), 0);
});

Deno.test("an address that could not be taken off is not moved behind the host's own", () => {
  const { held, host, refused } = recordedScene({ leaseSeconds: null });
  refused.add("remove");
  held.acquire();
  held.release();
  const state = host.interfaceState("eth1")!;
  const own = state.addresses.find(({ address }) => address === OWN)!;
  const put = state.addresses.find(({ address }) => address === A)!;
  host.interfaceState = () => ({
    ...state,
    addresses: [put, { ...own, secondary: true as const }],
  });
  let moved = 0;
  host.demoteAddress = () => {
    moved++;
    return null;
  };
  held.interfaceChanged();
  assert.equal(moved, 0);
});

Deno.test("a lease ends so long after it was renewed, or would if it began now", () => {
  const { held, host, run } = scene({ leaseSeconds: 3 });
  const endsInMs = () => held.leaseEndsMs! - host.nowMs();
  run(1000);
  assert.equal(endsInMs(), 3000);
  held.acquire();
  run(1000);
  assert.equal(endsInMs(), 2000);
  assert.equal(scene({ leaseSeconds: null }).held.leaseEndsMs, null);
});
