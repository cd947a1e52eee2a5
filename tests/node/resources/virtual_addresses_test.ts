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
  const held = new VirtualAddresses(config, {
    ...{ host, journal, refused, heldElsewhere: () => false, notDrained: () => {} },
    ...{ awaitsInterface: () => false, returned: () => {} },
    isVirtual: (address) => isVirtual(address),
    hostsOwn: (device) =>
      allOnDevice(host, device).filter(({ address }) => address === options.address),
  });
  return { held, host, journal, run: (forMs: number) => time.runUntil(time.nowMs + forMs) };
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
