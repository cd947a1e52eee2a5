/** Which of the addresses that carry vipd's mark go at the start, which wait, and which are another's. */

import assert from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { HostError } from "../../../src/host/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import type { LockHolder } from "../../../src/host/locks.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import type { ResourceOwners } from "../../../src/node/resources/resource_owners.ts";
import { StaleResources } from "../../../src/node/resources/stale_resources.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { type MarkedAddress, sameAddress } from "../../../src/vip/addresses.ts";
import type { MacAddress } from "../../../src/wire/address.ts";
import { virtualRouterMac } from "../../../src/wire/ethernet.ts";

const PUT: VirtualAddress = { address: "192.168.31.5", prefixLength: 24, device: "eth1" };
const LEASED: MarkedAddress = { ...PUT, renewedAtCs: 100 };
const CONFIG = instanceConfig({ addresses: [PUT], leaseSeconds: 3, advertIntervalCs: 100 });
/** A third of the lease, half an advert interval, and how late a renewal may be. */
const RENEWAL_MS = 1000 + 500 + 200;

interface Surroundings {
  readonly marked?: readonly MarkedAddress[];
  readonly held?: boolean;
  readonly own?: boolean;
  readonly lockedBy?: LockHolder;
  readonly routing?: readonly RoutingEntry[];
  /** Interfaces with the mark. */
  readonly interfaces?: readonly string[];
  /** MAC address of interface vrrp.55, which is there. */
  readonly mac?: MacAddress;
  /** The kernel's answer to each removal. */
  readonly refusal?: HostError;
}

/** A host with these addresses, and what is taken off it. */
function scene(surroundings: Surroundings) {
  const { marked = [], held = false, own = false, routing = [], interfaces = [] } = surroundings;
  const { mac, refusal = null } = surroundings;
  let { lockedBy } = surroundings;
  const time = new VirtualTime();
  const journal = new Journal(() => time.nowMs);
  let present = marked;
  const removed: string[] = [];
  const renewed: string[] = [];
  const restored: string[] = [];
  let looks = 0;
  const host = {
    nowMs: () => time.nowMs,
    setTimer: (atMs: number, run: () => void) => time.schedule(atMs, run),
    ownRouting: () => routing,
    ownInterfaces: () => interfaces,
    removeRouting({ kind }: RoutingEntry) {
      removed.push(kind);
      return refusal;
    },
    removeInterface(name: string) {
      removed.push(name);
      return refusal;
    },
    restoreInterface({ name, parent }: { readonly name: string; readonly parent: string }) {
      restored.push(`${name} on ${parent}`);
      return null;
    },
    markedAddresses: () => present,
    // The host has others as well, which are no business of this.
    interfaceState: (name: string) =>
      name === "vrrp.55" && mac === undefined ? null : {
        ...{ name, index: 1, enabled: true, up: true, mac: mac ?? new Uint8Array(6) },
        addresses: [PUT, { address: "192.168.31.11", prefixLength: 24 }],
      },
    removeAddress(address: VirtualAddress) {
      removed.push(address.address);
      if (refusal) return refusal;
      present = present.filter((other) => !sameAddress(other, address));
      return null;
    },
  };
  const owners = {
    elsewhere: () => lockedBy ?? null,
    renewedElsewhere: (addresses: readonly VirtualAddress[]) => {
      looks++;
      renewed.splice(0, renewed.length, ...addresses.map(({ address }) => address));
    },
  };
  const markedAddresses = new StaleResources({
    host: host as unknown as Host,
    journal,
    owners: owners as unknown as ResourceOwners,
    isHeld: () => held,
    isOwn: () => own,
  });
  return {
    markedAddresses,
    journal,
    removed,
    renewed,
    restored,
    looks: () => looks,
    unlock: () => lockedBy = undefined,
    take: () => present = [],
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
    renew: (atCs: number) => {
      present = present.map((address) => ({ ...address, renewedAtCs: atCs }));
    },
    put: (address: MarkedAddress) => {
      present = [...present, address];
    },
  };
}

Deno.test("what goes at the start is vipd's own, and what nobody renews", async (t) => {
  const rows: readonly (readonly [string, Surroundings, "at once" | "later" | "never"])[] = [
    ["one without the mark, configured and on the interface", {}, "never"],
    ["of an earlier run of this engine", { marked: [LEASED], own: true }, "at once"],
    ["without a lease: nobody renews it", { marked: [PUT] }, "at once"],
    ["with a lease that somebody may renew", { marked: [LEASED] }, "later"],
    ["held by an instance of this node", { marked: [LEASED], own: true, held: true }, "never"],
    ["locked by another daemon", { marked: [PUT], lockedBy: { pid: 1, name: "vipd" } }, "never"],
    [
      "locked by another daemon, with a lease",
      { marked: [LEASED], lockedBy: { pid: 1, name: "vipd" } },
      "never",
    ],
  ];
  for (const [what, surroundings, goes] of rows) {
    await t.step(what, () => {
      const { markedAddresses, removed, run } = scene(surroundings);
      markedAddresses.removeAll([CONFIG]);
      assert.equal(removed.length, goes === "at once" ? 1 : 0);
      run(RENEWAL_MS - 1);
      assert.equal(removed.length, goes === "at once" ? 1 : 0);
      run(1);
      assert.equal(removed.length, goes === "never" ? 0 : 1);
      run(60_000);
      assert.equal(removed.length, goes === "never" ? 0 : 1, "once");
    });
  }
});

Deno.test("without a lease of its own, it waits for half an advert and the lateness of a renewal", () => {
  const { markedAddresses, removed, run } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([{ ...CONFIG, leaseSeconds: null }]);
  run(500 + 200 - 1);
  assert.equal(removed.length, 0);
  run(1);
  assert.equal(removed.length, 1);
});

Deno.test("what an engine left that died is vipd's own, configured and in nobody's care", () => {
  const lockedBy = { pid: 1, name: "vipd" };
  const rows: readonly (readonly [string, Surroundings, readonly VirtualAddress[]])[] = [
    ["its own", { marked: [LEASED], own: true }, [PUT]],
    ["not on the machine", { own: true }, []],
    ["perhaps another daemon's", { marked: [LEASED] }, []],
    ["locked by another daemon", { marked: [LEASED], own: true, lockedBy }, []],
    ["not configured", { marked: [{ ...PUT, address: "192.168.31.9" }], own: true }, []],
  ];
  for (const [what, surroundings, left] of rows) {
    const { markedAddresses, removed } = scene(surroundings);
    const remains = markedAddresses.remains([CONFIG]);
    assert.deepEqual(remains, left.length > 0 ? [{ instance: CONFIG.name, left }] : [], what);
    assert.deepEqual(removed, [], what);
  }
});

Deno.test("whose address it is, is said at once where a lock shows it", () => {
  const { markedAddresses, journal } = scene({
    marked: [LEASED],
    lockedBy: { pid: 4711, name: "vipd" },
  });
  markedAddresses.removeAll([CONFIG]);
  assert.deepEqual(journal.since().map(({ code, message }) => [code, message]), [[
    "resource_elsewhere",
    "192.168.31.5/24 on eth1 stays: it belongs to another daemon, process 4711 (vipd)",
  ]]);
});

Deno.test("one that is renewed while it is watched is another's", () => {
  const { markedAddresses, removed, renewed, run, renew } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([CONFIG]);
  renew(250);
  run(RENEWAL_MS);
  assert.deepEqual([removed, renewed], [[], ["192.168.31.5"]]);
});

Deno.test("one that is back after its removal is another's, if it is configured here", async (t) => {
  const other = { ...PUT, address: "192.168.31.9" };
  for (const [address, expected] of [[PUT, ["192.168.31.5"]], [other, []]] as const) {
    await t.step(address.address, () => {
      const { markedAddresses, removed, renewed, run, put } = scene({ marked: [address] });
      markedAddresses.removeAll([CONFIG]);
      put({ ...address, renewedAtCs: 50 });
      run(RENEWAL_MS);
      assert.deepEqual([removed, renewed], [[address.address], expected]);
    });
  }
});

Deno.test("of what another daemon has left, the configured addresses go", () => {
  const marked = ["192.168.31.5", "192.168.31.6"].map((address) => ({ ...PUT, address }));
  const { markedAddresses, removed } = scene({ marked });
  markedAddresses.removeConfigured([CONFIG]);
  assert.deepEqual(removed, ["192.168.31.5"]);
});

const ROUTE: RoutingEntry = {
  kind: "route",
  family: "ipv4",
  to: null,
  via: "192.168.31.1",
  table: 9,
};
const RULE: RoutingEntry = { kind: "rule", family: "ipv4", table: 9, priority: 7 };

Deno.test("routes, rules and interfaces go first, and the journal says of each whether it is gone", async (t) => {
  const refusal = { code: "EPERM", message: "refused" };
  for (const refused of [false, true]) {
    await t.step(refused ? "refused" : "removed", () => {
      const { markedAddresses, removed, journal } = scene({
        ...{ routing: [ROUTE, RULE], interfaces: ["vrrp.55"], marked: [PUT] },
        ...(refused && { refusal }),
      });
      markedAddresses.removeAll([CONFIG]);
      assert.deepEqual(removed, ["rule", "route", "vrrp.55", PUT.address]);
      const told = journal.since().map(({ severity, code }) => `${severity} ${code}`);
      const kinds = ["routing", "routing", "virtual_mac", "address"];
      assert.deepEqual(
        told,
        kinds.map((kind) => refused ? `error ${kind}_failed` : `notice ${kind}_left_behind`),
      );
    });
  }
});

Deno.test("an interface without the mark is an earlier run's if the record has an address on it", async (t) => {
  const virtual = instanceConfig({
    virtualInterface: "vrrp.55",
    addresses: [{ ...PUT, device: "vrrp.55" }],
  });
  const mac = virtualRouterMac(virtual.family, virtual.vrid);
  const lockedBy = { pid: 1, name: "vipd" };
  const own = { own: true, mac };
  const rows: [string, Surroundings, typeof virtual, boolean][] = [
    ["it has", own, virtual, true],
    ["it has the mark", { ...own, interfaces: ["vrrp.55"] }, virtual, false],
    ["it is not there", { own: true }, virtual, false],
    ["it has another MAC address", { own: true, mac: new Uint8Array(6) }, virtual, false],
    ["it is another daemon's", { ...own, lockedBy }, virtual, false],
    ["the record has none", { mac }, virtual, false],
    ["the record has one on another", own, { ...virtual, addresses: [PUT] }, false],
  ];
  for (const [what, surroundings, config, is] of rows) {
    await t.step(what, () => {
      const { markedAddresses, restored } = scene(surroundings);
      markedAddresses.removeAll([config]);
      assert.deepEqual(restored, is ? ["vrrp.55 on eth1"] : []);
    });
  }
});

Deno.test("what may be another's waits a whole renewal from when the last one of them was found", () => {
  const { markedAddresses, removed, run, put } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([CONFIG]);
  run(1000);
  const other = { ...LEASED, address: "192.168.31.6" };
  put(other);
  markedAddresses.removeAddresses([other], [CONFIG]);
  run(RENEWAL_MS - 1);
  assert.deepEqual(removed, []);
  run(1);
  assert.deepEqual(removed, ["192.168.31.5", "192.168.31.6"]);
});

Deno.test("one that was removed and one that waits are both looked at, until nothing is left of them", () => {
  const waits = { ...LEASED, address: "192.168.31.6" };
  const { markedAddresses, removed, run, looks } = scene({ marked: [PUT, waits] });
  markedAddresses.removeAll([CONFIG]);
  assert.deepEqual(removed, ["192.168.31.5"]);
  run(RENEWAL_MS);
  assert.deepEqual(removed, ["192.168.31.5", "192.168.31.6"]);
  run(60_000);
  assert.equal(looks(), 1);
});

Deno.test("where nothing carries the mark nothing is looked at later", () => {
  const { markedAddresses, run, looks } = scene({});
  markedAddresses.removeAll([CONFIG]);
  run(60_000);
  assert.equal(looks(), 0);
});

Deno.test("one that is renewed is another's until it is gone", () => {
  const { markedAddresses, renewed, run, renew, take } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([CONFIG]);
  renew(250);
  run(2 * RENEWAL_MS);
  assert.deepEqual(renewed, ["192.168.31.5"]);
  take();
  run(RENEWAL_MS);
  assert.deepEqual(renewed, []);
});

Deno.test("one that stays because of a lock was not removed, and is not watched when the lock is gone", () => {
  const { markedAddresses, renewed, run, unlock } = scene({
    marked: [PUT],
    lockedBy: { pid: 1, name: "vipd" },
  });
  markedAddresses.removeAll([CONFIG]);
  unlock();
  run(RENEWAL_MS);
  assert.deepEqual(renewed, []);
});

Deno.test("nothing is looked at after the end", () => {
  const { markedAddresses, removed, run } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([CONFIG]);
  markedAddresses.close();
  run(60_000);
  assert.deepEqual(removed, []);
});

Deno.test("without an instance there is no renewal to wait for", () => {
  const { markedAddresses, removed, run } = scene({ marked: [LEASED] });
  markedAddresses.removeAll([]);
  run(0);
  assert.deepEqual(removed, ["192.168.31.5"]);
});
