/**
 * One load balancer: its instances, checks and journal, on a host.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import { surplusAddresses, type VirtualAddress } from "../vip/addresses.ts";
import { checkEnvelope } from "../vrrp/receive.ts";
import { familyOf, type IpAddress } from "../wire/address.ts";
import { decodeAdvertisement, peekVrid } from "../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import { Alarms } from "./alarms.ts";
import { Checks } from "./checks.ts";
import type { CommandResult, Commands, OrderOptions } from "./commands.ts";
import { DropLog } from "./drop_log.ts";
import { GroupOrders } from "./group_orders.ts";
import type { CancelTimer, Host, VrrpDatagram } from "./host.ts";
import { Instance } from "./instance.ts";
import { instanceStatus } from "./instance_status.ts";
import { Journal } from "./journal.ts";
import { removeLeftBehind } from "./left_behind.ts";
import type { KeptOrder } from "./kept_orders.ts";
import { Orders } from "./orders.ts";
import { VrrpPorts } from "./ports.ts";
import { StateKeeper } from "./state_keeper.ts";
import type { StateStore } from "./state_store.ts";
import { Refusals } from "./refusals.ts";
import type { NodeStatus } from "./status.ts";
import { syncGroupsOf } from "./sync_group.ts";

export interface LoadBalancerOptions {
  /** vipd's version, for the status. */
  readonly version: string;
  /** Where the standing orders outlive it. */
  readonly store: StateStore;
}

/** An instance with the orders that stand for it. */
interface Member {
  readonly instance: Instance;
  readonly orders: Orders;
}

/** The orders of an instance, or of all instances of its sync group. */
type OrderTarget = Orders | GroupOrders;

export class LoadBalancer implements Commands {
  readonly journal: Journal;

  readonly #config: Config;
  readonly #host: Host;
  readonly #version: string;
  readonly #ports: VrrpPorts;
  readonly #checks: Checks;
  readonly #refusals: Refusals;
  readonly #members: ReadonlyMap<string, Member>;
  /** By interface, family and VRID: the key of a virtual router (RFC 9568 section 1.7). */
  readonly #receivers = new Map<string, Instance>();
  /** Those of all instances: none of them is ever an interface's own. */
  readonly #virtualAddresses: ReadonlySet<IpAddress>;
  readonly #drops: DropLog;
  readonly #alarms: Alarms;
  readonly #keeper: StateKeeper;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #running = false;
  #cancelStartDelay: CancelTimer = () => {};

  constructor(config: Config, host: Host, options: LoadBalancerOptions) {
    this.#config = config;
    this.#host = host;
    this.#version = options.version;
    this.#startedAtMs = host.wallClockMs();
    this.#startedMs = host.nowMs();
    this.journal = new Journal(() => host.wallClockMs());
    this.#alarms = new Alarms(host, this.journal);
    this.#virtualAddresses = new Set(
      config.instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    );
    this.#drops = new DropLog(host, this.journal);
    this.#ports = new VrrpPorts(host, (datagram) => this.#receive(datagram));
    this.#checks = new Checks(config.checks, host, this.journal, (name) => this.#checkTurned(name));
    this.#refusals = new Refusals(host, this.#alarms, () => this.#evaluateAll());
    const context = {
      host,
      journal: this.journal,
      alarms: this.#alarms,
      ports: this.#ports,
      checks: this.#checks,
      refusals: this.#refusals,
      electionsFromMs: this.#startedMs + config.startDelayMs,
      isVirtual: (address: IpAddress) => this.#virtualAddresses.has(address),
    };
    const groups = syncGroupsOf(config.syncGroups);
    const members = config.instances.map((instanceConfig): [string, Member] => {
      const instance = new Instance(instanceConfig, context, groups.get(instanceConfig.name));
      const { interface: interfaceName, family, vrid } = instanceConfig;
      this.#receivers.set(receiverKey(interfaceName, family, vrid), instance);
      const orders = new Orders(instance, host, this.journal, () => this.#keeper.changed());
      return [instanceConfig.name, { instance, orders }];
    });
    this.#members = new Map(members);
    this.#keeper = new StateKeeper(options.store, host, this.#alarms, () => this.#standingOrders());
  }

  /** Removes what an earlier run left behind, then lets checks and instances run. */
  start(): void {
    this.#running = true;
    removeLeftBehind(this.#host, this.journal);
    this.#removeAddressesLeftBehind();
    this.#refusals.start(this.#config.instances);
    for (const { interface: name, family, unicast } of this.#config.instances) {
      this.#ports.want(name, family, !unicast);
    }
    for (const { instance } of this.#members.values()) instance.virtualMac?.start();
    this.#host.watchInterfaces((name) => this.#interfaceChanged(name));
    this.#checks.start();
    for (const kept of this.#keeper.take()) this.#resume(kept);
    // First each by itself, so that the members of a sync group find each other's conditions known.
    for (const { instance } of this.#members.values()) instance.refresh();
    this.#evaluateAll();
    const { startDelayMs } = this.#config;
    if (startDelayMs === 0) return;
    this.#cancelStartDelay = this.#host.setTimer(
      this.#startedMs + startDelayMs,
      () => this.#evaluateAll(),
    );
  }

  /** Hands over what this node is master of, removes its addresses, ends. Bounded by the hand-over's limit. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#cancelStartDelay();
    // Checks end with the instances, so that a check which fails meanwhile changes nothing.
    this.#checks.stop();
    await Promise.all(Array.from(this.#members.values(), ({ instance }) => instance.stop()));
    this.#close();
    await this.#keeper.close();
  }

  /** Lets go of everything at once, without waiting for another master: for a crash or a second signal. */
  abandon(): void {
    if (!this.#running) return;
    this.#cancelStartDelay();
    this.#checks.stop();
    for (const { instance } of this.#members.values()) instance.abandon();
    this.#close();
  }

  status(): NodeStatus {
    return {
      node: this.#config.node,
      version: this.#version,
      started_at: new Date(this.#startedAtMs).toISOString(),
      uptime_seconds: Math.floor((this.#host.nowMs() - this.#startedMs) / 1000),
      alarms: this.#alarms.status(),
      instances: Array.from(
        this.#members.values(),
        ({ instance, orders }) => instanceStatus(instance, orders),
      ),
      checks: this.#checks.status(),
      dropped: { ...this.#drops.counters },
    };
  }

  promote(instance: string, options: OrderOptions = {}): Promise<CommandResult> {
    return this.#order(instance, (orders) => orders.promote(options));
  }

  demote(instance: string, options: OrderOptions = {}): Promise<CommandResult> {
    return this.#order(instance, (orders) => orders.demote(options));
  }

  release(instance: string): Promise<CommandResult> {
    return this.#order(instance, (orders) => orders.release());
  }

  setPriority(instance: string, priority: number): Promise<CommandResult> {
    return this.#order(instance, (orders) => orders.setPriority(priority));
  }

  clearPriority(instance: string): Promise<CommandResult> {
    return this.#order(instance, (orders) => orders.clearPriority());
  }

  async #order(
    name: string,
    order: (target: OrderTarget) => CommandResult | Promise<CommandResult>,
  ): Promise<CommandResult> {
    const member = this.#members.get(name);
    if (member) {
      const result = await order(this.#orderTarget(member));
      await this.#keeper.kept();
      return result;
    }
    const known = [...this.#members.keys()].join(", ");
    const message = `there is no instance "${name}"; there is: ${known}`;
    return { ok: false, code: "instance_unknown", message };
  }

  #orderTarget({ instance, orders }: Member): OrderTarget {
    const { group } = instance;
    if (!group) return orders;
    const members = Array.from(this.#members.values())
      .filter((member) => member.instance.group === group);
    return new GroupOrders(orders, members.map((member) => member.orders));
  }

  #standingOrders(): KeptOrder[] {
    return Array.from(this.#members.values()).flatMap(({ orders }) => orders.kept() ?? []);
  }

  #resume(kept: KeptOrder): void {
    const member = this.#members.get(kept.instance);
    if (member) return member.orders.resume(kept);
    const message = `${kept.instance}: ${kept.order.kind} by hand is dropped: ` +
      "there is no such instance any more";
    this.journal.record("warning", "order_dropped", message);
  }

  #evaluateAll(): void {
    for (const { instance } of this.#members.values()) instance.evaluate();
  }

  #receive(datagram: VrrpDatagram): void {
    const { interface: interfaceName, source, destination, payload } = datagram;
    const vrid = peekVrid(payload);
    const family = familyOf(source);
    const instance = vrid === null
      ? undefined
      : this.#receivers.get(receiverKey(interfaceName, family, vrid));
    if (!instance) {
      // What is for nobody here is counted as that, with a trailer or without.
      const decoded = decodeAdvertisement(payload, { source, destination }, TRAILER_OCTETS);
      const reason = decoded.ok ? "unknown_vrid" : decoded.error;
      return this.#drops.record(reason, source, interfaceName);
    }
    const { receiver } = instance;
    if (source === instance.conditions.primaryAddress) {
      return receiver.discard("own_packet", datagram);
    }
    const problem = checkEnvelope(datagram, receiver.envelope);
    if (problem) return receiver.discard(problem, datagram);
    const decoded = decodeAdvertisement(payload, { source, destination }, receiver.trailerOctets);
    if (!decoded.ok) return receiver.discard(decoded.error, datagram);
    instance.receive(datagram, decoded);
  }

  #interfaceChanged(name: string): void {
    if (!this.#running) return;
    this.#ports.interfaceChanged(name);
    for (const { instance } of this.#members.values()) {
      const { interface: own, addresses, routing, track } = instance.config;
      // Routes may leave by any interface.
      const concerns = own === name || routing !== undefined || addresses.some(({ device }) =>
        device === name
      ) ||
        track.some((tracked) => tracked.kind === "interface" && tracked.interface === name);
      if (concerns) instance.interfaceChanged();
    }
  }

  #checkTurned(name: string): void {
    for (const { instance } of this.#members.values()) {
      const { track } = instance.config;
      if (track.some((tracked) => tracked.kind === "check" && tracked.check === name)) {
        instance.evaluate();
      }
    }
  }

  /** What an earlier run, or the daemon before vipd, left on the interfaces: nobody here is master yet. */
  #removeAddressesLeftBehind(): void {
    const configured = this.#config.instances.flatMap(({ addresses }) => addresses)
      .filter((address) => this.#isPresentBesideOthers(address));
    for (const address of surplusAddresses([], [...this.#host.leftBehind(), ...configured])) {
      const error = this.#host.removeAddress(address);
      const what = `${address.address}/${address.prefixLength} on ${address.device}`;
      if (error) {
        const message =
          `${what} is left from an earlier run and cannot be removed: ${error.message}`;
        this.journal.record("error", "address_failed", message);
      } else {
        const message = `${what} was left from an earlier run and is removed`;
        this.journal.record("notice", "address_left_behind", message);
      }
    }
  }

  /** A virtual address that is its interface's only one is more likely a slip in the configuration: the machine keeps it. */
  #isPresentBesideOthers({ address, device }: VirtualAddress): boolean {
    const family = familyOf(address);
    const present =
      this.#host.interfaceState(device)?.addresses.filter((other) =>
        familyOf(other.address) === family
      ) ?? [];
    return present.length > 1 && present.some((other) => other.address === address);
  }

  #close(): void {
    this.#running = false;
    this.#alarms.close();
    this.#ports.close();
    for (const { instance } of this.#members.values()) {
      const { addresses, routing, virtualMac } = instance;
      virtualMac?.stop();
      const left = [
        ...(addresses.none ? [] : ["an address"]),
        ...(routing.none ? [] : ["a route or rule"]),
        ...(virtualMac && !virtualMac.none ? [`interface ${virtualMac.interface}`] : []),
      ];
      if (left.length === 0) continue;
      const { name } = instance.config;
      const message = `${name}: ${
        left.join(", ")
      } could not be removed and stays behind; see above`;
      this.journal.record("error", "address_left_behind", message, name);
    }
    this.#refusals.stop();
  }
}

function receiverKey(interfaceName: string, family: string, vrid: number): string {
  return `${interfaceName} ${family} ${vrid}`;
}
