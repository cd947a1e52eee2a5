/**
 * What an instance holds follows what is desired, whatever other programs do and the kernel refuses: random steps on a
 * virtual host. fast-check shortens the steps of a failure, and prints them and its seed.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { HostError } from "../../../src/host/errors.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { allOnDevice, onDevice } from "../../../src/node/resources/device_addresses.ts";
import { InstanceResources } from "../../../src/node/resources/instance_resources.ts";
import { RefusedResources } from "../../../src/node/resources/refused_resources.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { findAddress } from "../../../src/vip/addresses.ts";
import { findRouting, routingIdentity } from "../../../src/vip/routing.ts";

const SEED = 20_260_101;
const RUNS = 400;
/** A program that undoes things again and again is answered once a second, as is a kernel that refuses. */
const SETTLE_MS = 1100;
const OWN = { address: "192.168.31.11", prefixLength: 24 };
const REFUSED: HostError = { code: "EPERM", message: "refused" };

type Thing = { readonly address: VirtualAddress } | { readonly entry: RoutingEntry };
/** What names it on the host. */
const nameOf = (thing: Thing) =>
  "entry" in thing ? routingIdentity(thing.entry) : thing.address.address;

/** One call that changes the host. */
interface Call {
  readonly act: "add" | "remove";
  readonly name: string;
  readonly routing: boolean;
  readonly done: boolean;
}

/** A host that writes down what is changed on it, and refuses what the walk says. */
class RecordingHost extends SimHost {
  calls: Call[] = [];
  readonly refusing = new Set<string>();
  /** What vipd has added, and neither it nor another program has removed since. */
  readonly added = new Set<string>();
  /** What another program has changed since: to add that once more is no mistake. */
  readonly altered = new Set<string>();

  override addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const found = findAddress(address, onDevice(this, address), leaseSeconds !== undefined);
    this.#checkNeeded(address.address, found.kind);
    return this.#record("add", { address }, () => super.addAddress(address, leaseSeconds));
  }

  override removeAddress(address: VirtualAddress): HostError | null {
    // To remove what is gone already changes nothing.
    if (onDevice(this, address).length === 0) return super.removeAddress(address);
    return this.#record("remove", { address }, () => super.removeAddress(address));
  }

  override addRouting(entry: RoutingEntry): HostError | null {
    this.#checkNeeded(routingIdentity(entry), findRouting(entry, this.routing).kind);
    return this.#record("add", { entry }, () => super.addRouting(entry));
  }

  override removeRouting(entry: RoutingEntry): HostError | null {
    if (findRouting(entry, this.routing).kind === "absent") return super.removeRouting(entry);
    return this.#record("remove", { entry }, () => super.removeRouting(entry));
  }

  #checkNeeded(name: string, found: string): void {
    if (found === "present") assert.ok(this.altered.has(name), `${name} is added twice`);
  }

  #record(act: Call["act"], thing: Thing, run: () => HostError | null): HostError | null {
    const name = nameOf(thing);
    if (act === "remove") {
      assert.ok(this.added.has(name), `${name} is removed, which vipd has not added`);
    }
    const error = this.refusing.has(`${act} ${name}`) ? REFUSED : run();
    const done = error === null;
    this.calls.push({ act, name, routing: "entry" in thing, done });
    // Nobody may remove the host's own address.
    const isOwn = "address" in thing && this.ownAddresses.some(({ address }) => address === name);
    if (done && !isOwn) this.added[act === "add" ? "add" : "delete"](name);
    if (done) this.altered.delete(name);
    return error;
  }
}

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const octet = oneOf(5, 6, 7);
const form = fc.record({
  prefixLength: oneOf(24, 32),
  label: oneOf("eth1:0", "eth1:1"),
  scope: oneOf("link" as const, "host" as const),
  broadcast: oneOf("192.168.31.255", "192.168.31.127"),
}, { requiredKeys: ["prefixLength"] });
const address = (n: number): fc.Arbitrary<VirtualAddress> =>
  form.map((it) => ({ address: `192.168.31.${n}`, device: "eth1", ...it }));
const via = oneOf("192.168.31.100", "192.168.31.101");
const entry = (n: number): fc.Arbitrary<RoutingEntry> =>
  fc.oneof(
    fc.record({ via, metric: oneOf(0, 50), source: oneOf(`192.168.31.${n}`) }, {
      requiredKeys: ["via"],
    }).map((it): RoutingEntry => ({
      ...{ kind: "route", family: "ipv4", table: 254 },
      ...{ to: { address: `10.${n}.0.0`, prefixLength: 16 }, ...it },
    })),
    fc.record({ fwmark: oneOf(n, n + 10), table: oneOf(100, 101) })
      .map((it): RoutingEntry => ({ kind: "rule", family: "ipv4", priority: 900, ...it })),
  );
/** For each of the numbers something, or nothing, in any order. */
const some = <T>(of: (n: number) => fc.Arbitrary<T>, minLength: number) =>
  fc.shuffledSubarray([5, 6, 7], { minLength }).chain((ns) => fc.tuple(...ns.map(of)));
const desired = fc.record({ addresses: some(address, 1), routing: some(entry, 0) });

const step = fc.oneof(
  fc.record({ kind: fc.constant("acquire" as const) }),
  fc.record({ kind: fc.constant("release" as const), heard: fc.boolean() }),
  fc.record({ kind: fc.constant("reconfigure" as const), desired }),
  fc.record({ kind: fc.constant("steal an address" as const), octet }),
  fc.record({ kind: fc.constant("alter an address" as const), octet, form }),
  fc.record({ kind: fc.constant("have an address of its own" as const), octet: oneOf(5, null) }),
  fc.record({ kind: fc.constant("lose its own address" as const), with: fc.subarray([5, 6, 7]) }),
  fc.record({ kind: fc.constant("remove routes" as const), which: fc.nat(6) }),
  fc.record({ kind: fc.constant("alter routes" as const), via }),
  fc.record({
    kind: fc.constant("refuse" as const),
    act: oneOf("add", "remove"),
    which: octet.map((n) => `192.168.31.${n}`),
  }),
  fc.record({
    kind: fc.constant("refuse" as const),
    act: oneOf("add", "remove"),
    which: octet.chain(entry).map(routingIdentity),
  }),
  fc.record({ kind: fc.constant("refuse nothing any more" as const) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(1500) }),
  fc.record({ kind: fc.constant("settle" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A host, what an instance holds on it, and what a walk knows of both. */
class Walk {
  readonly #time = new VirtualTime();
  readonly #host: RecordingHost;
  readonly #resources: InstanceResources;
  #config: InstanceConfig;
  #acquired = false;

  constructor(start: Partial<InstanceConfig>) {
    const options = { name: "lb01", interface: "eth1", address: OWN.address };
    const host = new RecordingHost(options, this.#time, new SimNetwork(this.#time, () => 0));
    const journal = new Journal(() => host.wallClockMs());
    this.#config = configured(start);
    const alarms = new Alarms(host, journal);
    const refused = new RefusedResources(this.#config, {
      ...{ clock: host, journal, alarms, changed: () => {} },
      ...{ nothingToServe: () => false, takesAddress: () => true },
    });
    const isVirtual = (it: string) => it !== OWN.address;
    const hostsOwn = (device: string) =>
      allOnDevice(host, device).filter(({ address }) => !isVirtual(address));
    const resources = new InstanceResources(this.#config, {
      ...{ host, journal, alarms, isVirtual, hostsOwn, refused },
      elsewhere: () => false,
    });
    host.watchInterfaces(() => {
      resources.addresses.interfaceChanged();
      resources.routing.hostChanged();
    });
    host.watchRouting(() => resources.routing.hostChanged());
    this.#host = host;
    this.#resources = resources;
  }

  take(step: Step): void {
    const host = this.#host;
    switch (step.kind) {
      case "acquire":
        this.#acquired = true;
        return this.#resources.acquire();
      case "release":
        return this.#release(step.heard);
      case "reconfigure":
        this.#config = configured(step.desired);
        return this.#resources.reconfigure(this.#config);
      case "steal an address":
        host.added.delete(`192.168.31.${step.octet}`);
        return host.stealAddress(`192.168.31.${step.octet}`);
      case "alter an address":
        host.altered.add(`192.168.31.${step.octet}`);
        return host.alterAddress(`192.168.31.${step.octet}`, step.form);
      case "have an address of its own":
        return this.#haveOwn(step.octet);
      case "lose its own address": {
        const gone = step.with.map((n) => `192.168.31.${n}`);
        for (const name of gone) host.added.delete(name);
        return host.setOwnAddresses([], gone);
      }
      case "remove routes":
        return this.#changeRouting((it) => it.filter((_, at) => (step.which >> at & 1) === 0));
      case "alter routes":
        for (const entry of host.routing) host.altered.add(routingIdentity(entry));
        return this.#changeRouting((it) =>
          it.map((entry) => entry.kind === "route" ? { ...entry, via: step.via } : entry)
        );
      case "refuse":
        host.refusing.add(`${step.act} ${step.which}`);
        return;
      case "refuse nothing any more":
        return host.refusing.clear();
      case "wait":
        return this.#run(step.ms);
      case "settle":
        return this.#settle();
    }
  }

  /** Another program puts one of the addresses on; the kernel has each once. */
  #haveOwn(octet: number | null): void {
    const address = `192.168.31.${octet}`;
    const isNew = octet !== null &&
      !this.#host.virtualAddresses.some((other) => other.address === address);
    this.#host.setOwnAddresses([OWN, ...(isNew ? [{ address, prefixLength: 24 }] : [])]);
  }

  /** What the status says is on the host is there, at any moment. */
  checkStatus(): void {
    const addresses = this.#resources.addresses.status();
    for (const { address, device, held } of addresses) {
      const there = onDevice(this.#host, { address, device, prefixLength: 0 }).length > 0;
      assert.ok(!held || there, `${address} is said to be held`);
    }
  }

  /** Routes go before addresses, and each kind in the reverse of the order in which it came. */
  #release(heard: boolean): void {
    this.#host.calls = [];
    this.#acquired = false;
    this.#resources.release(heard);
    const removals = this.#host.calls.filter(({ act }) => act === "remove");
    assert.equal(removals.length, this.#host.calls.length, "nothing is added");
    const firstAddress = removals.findIndex(({ routing }) => !routing);
    const lastRoute = removals.findLastIndex(({ routing }) => routing);
    assert.ok(firstAddress < 0 || lastRoute < firstAddress, "routes first");
  }

  #changeRouting(change: (entries: readonly RoutingEntry[]) => readonly RoutingEntry[]): void {
    const before = this.#host.routing.map(routingIdentity);
    const changed = change(this.#host.routing);
    const after = new Set(changed.map(routingIdentity));
    for (const name of before) if (!after.has(name)) this.#host.added.delete(name);
    this.#host.changeRouting(() => changed);
  }

  #settle(): void {
    this.#host.refusing.clear();
    this.#run(SETTLE_MS);
    this.#checkActual();
    this.#checkIdempotent();
  }

  #checkActual(): void {
    const host = this.#host;
    const { addresses, routing = [] } = this.#acquired
      ? this.#config
      : { addresses: [], routing: [] };
    const own = new Set(host.ownAddresses.map((it) => it.address));
    for (const desired of addresses) {
      const { kind } = findAddress(desired, onDevice(host, desired), true);
      assert.equal(kind, own.has(desired.address) ? "own" : "present", desired.address);
    }
    const wanted = new Set(addresses.map((it) => it.address));
    for (const { address } of host.virtualAddresses) {
      assert.ok(wanted.has(address), `${address} is there and not wanted`);
    }
    for (const desired of routing) {
      assert.equal(findRouting(desired, host.routing).kind, "present", routingIdentity(desired));
    }
    assert.equal(host.routing.length, routing.length, "routes that are not wanted");
    const status = [...this.#resources.addresses.status(), ...this.#resources.routing.status()];
    assert.ok(status.every(({ held }) => held === this.#acquired), "the status says so");
  }

  /** What is as it is to be is left alone, whoever asks for it once more. */
  #checkIdempotent(): void {
    this.#host.calls = [];
    if (this.#acquired) this.#resources.acquire();
    this.#resources.reconfigure(configured(structuredClone(this.#config)));
    this.#resources.addresses.interfaceChanged();
    this.#resources.routing.hostChanged();
    this.#run(SETTLE_MS);
    assert.deepEqual(this.#host.calls, []);
  }

  #run(forMs: number): void {
    this.#time.runUntil(this.#time.nowMs + forMs);
  }
}

function configured(changes: Partial<InstanceConfig>): InstanceConfig {
  // Nobody renews the lease here.
  return instanceConfig({ ...changes, leaseSeconds: 36_000 });
}

Deno.test("what is held follows what is desired, whatever other programs and the kernel do", () => {
  const walks = fc.property(
    desired,
    fc.array(step, { maxLength: 40, size: "max" }),
    (start, steps) => {
      const walk = new Walk(start);
      for (const it of [...steps, { kind: "settle" } as const]) {
        walk.take(it);
        walk.checkStatus();
      }
    },
  );
  fc.assert(walks, { seed: SEED, numRuns: RUNS });
});
