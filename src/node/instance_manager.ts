/**
 * The instances of a load balancer: those that run, those that hand over because the configuration has them no more,
 * and those that wait for one of the latter before they start.
 *
 * @module
 */

import type { Config, InstanceConfig } from "../config/model.ts";
import type { InterfaceAddress } from "../host/interfaces.ts";
import type { VirtualAddress } from "../vip/addresses.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import { PRIORITY_OWNER } from "../wire/vrrp.ts";
import { Instance, type InstanceContext } from "./instance/instance.ts";
import { type SyncGroup, syncGroupsOf } from "./instance/sync_group.ts";
import { type OtherNodes, Overrides } from "./overrides/overrides.ts";
import type { StoredOverride } from "./overrides/stored_override.ts";
import { portUsers } from "./links/ports.ts";
import { endText, type ReloadPlan } from "./reload_plan.ts";
import type { ReplayMark } from "./instance/adverts/replay_marks.ts";
import { type DeviceAddress, hasOfItsOwn } from "./resources/device_addresses.ts";

/** Of an interface that does not exist. */
const NO_ADDRESSES: readonly InterfaceAddress[] = [];

/** An instance with the overrides that stand for it. */
export interface ManagedInstance {
  readonly instance: Instance;
  readonly overrides: Overrides;
}

interface InstanceLists {
  readonly managed: readonly ManagedInstance[];
  readonly all: readonly ManagedInstance[];
  readonly instances: readonly Instance[];
  readonly allInstances: readonly Instance[];
}

/** An instance that waits, with the override in force for it. */
interface PendingInstance {
  readonly config: InstanceConfig;
  readonly override: StoredOverride | null;
}

export interface InstanceManagerOptions {
  /** The parts that the instances share, without what the instance manager knows itself. */
  readonly context: Omit<InstanceContext, "isVirtual" | "hostsOwn" | "instances">;
  /** The answers of the other nodes, for anyone who gives a command. */
  readonly peers: OtherNodes;
  /** Is called after an override was given or has ended. */
  readonly overridesChanged: () => void;
  /** An instance is about to be made and started, after the start of the others. */
  readonly starts: (config: InstanceConfig) => void;
  /** An instance has released everything. */
  readonly departed: (managed: ManagedInstance) => void;
}

export class InstanceManager {
  readonly #options: InstanceManagerOptions;
  readonly #context: InstanceContext;
  #config: Config;
  /** The instances that run, in the order of the configuration. */
  #managed = new Map<string, ManagedInstance>();
  readonly #departing = new Set<ManagedInstance>();
  /** The answers of `managed` and the like, until other instances run. */
  #lists: InstanceLists | null = null;
  /** The instances that run until the node itself stops: they stay managed. */
  readonly #stopping = new Set<ManagedInstance>();
  #pending = new Map<string, PendingInstance>();
  /** By interface, family and VRID: the key of a virtual router (RFC 9568 section 1.7). */
  readonly #receivers = new Map<string, Instance>();
  /** The addresses of all instances: none of them is ever an interface's own. */
  #virtualAddresses: ReadonlySet<IpAddress>;
  /**
   * The other addresses of a device, because hundreds of instances ask for them after each change. The key is the array
   * of all its addresses: if they change, there is another one, and nobody need forget the former.
   */
  #hostsOwn = new WeakMap<readonly InterfaceAddress[], readonly DeviceAddress[]>();
  /** The addresses of instances with priority 255. */
  #ownersAddresses: readonly VirtualAddress[];
  #groups: ReadonlyMap<string, SyncGroup>;
  /** True within `reconfigure`. */
  #changing = false;
  #stopped: (() => void) | null = null;

  constructor(config: Config, options: InstanceManagerOptions) {
    this.#options = options;
    this.#context = {
      ...options.context,
      isVirtual: (address) => this.#isVirtual(address),
      hostsOwn: (device) => this.#ownOn(device),
      instances: () => this.allInstances,
    };
    this.#config = config;
    this.#virtualAddresses = addressesOf(config.instances);
    this.#ownersAddresses = ownersAddressesOf(config.instances);
    this.#groups = syncGroupsOf(config.syncGroups);
    for (const instanceConfig of config.instances) this.#create(instanceConfig);
  }

  /** The instances that run. */
  get managed(): readonly ManagedInstance[] {
    return this.#listed.managed;
  }

  /** The instances that run and those that hand over. */
  get all(): readonly ManagedInstance[] {
    return this.#listed.all;
  }

  /** As `managed`. */
  get instances(): readonly Instance[] {
    return this.#listed.instances;
  }

  /** As `all`. */
  get allInstances(): readonly Instance[] {
    return this.#listed.allInstances;
  }

  /** Made once, because each of hundreds of instances asks for them every second. */
  get #listed(): InstanceLists {
    if (this.#lists !== null) return this.#lists;
    const managed = [...this.#managed.values()];
    const all = [...managed, ...this.#departing];
    const instancesOf = (all: readonly ManagedInstance[]) => all.map(({ instance }) => instance);
    return this.#lists = {
      ...{ managed, all },
      instances: instancesOf(managed),
      allInstances: instancesOf(all),
    };
  }

  get(name: string): ManagedInstance | undefined {
    return this.#managed.get(name);
  }

  /** The instances of the configuration, which run or wait for their start. */
  get configs(): readonly InstanceConfig[] {
    return this.#config.instances;
  }

  /** True while an instance of this name waits for its start. */
  isPending(name: string): boolean {
    return this.#pending.has(name);
  }

  /** The instance that adverts of this virtual router are for. */
  receiver(interfaceName: string, family: Family, vrid: number): Instance | undefined {
    return this.#receivers.get(receiverKey(interfaceName, family, vrid));
  }

  /** The overrides that stand, those for waiting instances included. */
  get standingOverrides(): readonly StoredOverride[] {
    return [
      ...this.managed.flatMap(({ overrides }) => overrides.kept() ?? []),
      ...Array.from(this.#pending.values()).flatMap(({ override }) => override ?? []),
    ];
  }

  /** The last sequence number of each sender, of the instances that need it. */
  get replayMarks(): readonly ReplayMark[] {
    return this.managed.flatMap(({ instance: { config, receiver } }) =>
      Array.from(
        receiver.replayMarks,
        ([sender, sequence]) => ({ instance: config.name, sender, sequence }),
      )
    );
  }

  /** Refuses from now on what is not later than these marks of an earlier run. */
  restoreReplayMarks(marks: readonly ReplayMark[]): void {
    for (const { instance, sender, sequence } of marks) {
      this.get(instance)?.instance.receiver.restoreMark(sender, sequence);
    }
  }

  /** Makes instances backup whose addresses were not renewed in time, before anyone reads their status. */
  checkLeases(): void {
    for (const { instance } of this.all) instance.checkLease();
  }

  /**
   * Lets all take part in elections, who have listened for a master since `listensSinceMs`; overrides of an earlier run
   * are in force by then.
   */
  start(listensSinceMs: number): void {
    this.#prepareHost();
    for (const { instance } of this.managed) instance.resources.virtualMac?.start();
    // First each by itself, so that the members of a sync group find each other's conditions known.
    for (const { instance } of this.managed) instance.candidacy.refresh();
    this.evaluateAll(listensSinceMs);
  }

  /** Instances that begin to run now end their first wait together: it counts from the same moment. */
  evaluateAll(listensSinceMs = this.#context.host.nowMs()): void {
    for (const { instance } of this.managed) instance.evaluate(listensSinceMs);
  }

  /**
   * Makes the running instances those of `config`. One that stays is touched as little as the plan says; one that goes hands
   * over first. Returns the overrides that ended with their instances.
   */
  reconfigure(config: Config, plan: ReloadPlan): StoredOverride[] {
    const { adjusted, replaced, added, removed } = plan.instances;
    this.#config = config;
    this.#changing = true;
    const dropped = removed.flatMap((name) => this.#remove(name, plan) ?? []);
    for (const other of replaced) {
      this.#pending.set(other.name, { config: other, override: this.#remove(other.name, plan) });
    }
    for (const other of added) this.#pending.set(other.name, { config: other, override: null });
    // Before an address is there, the host must know whether packets to it are blocked.
    this.#prepareHost(adjusted);
    for (const changed of adjusted) this.#adjust(changed);
    this.#prepareHost();
    this.#regroup();
    this.#changing = false;
    this.#startPending();
    return dropped;
  }

  /** Hands over what this node is master of; calls `stopped` when every instance has released its addresses. */
  stop(stopped: () => void): void {
    this.#stopped = stopped;
    this.#pending.clear();
    // All of them first: one that has nothing to hand over is gone at once, and is not the last.
    for (const managed of this.managed) this.#stopping.add(managed);
    for (const managed of this.managed) {
      managed.overrides.close();
      managed.instance.stop(() => {
        this.#stopping.delete(managed);
        this.#options.departed(managed);
        this.#settleStop();
      });
    }
    this.#settleStop();
  }

  /** All release their addresses at once. */
  abandon(): void {
    for (const { instance } of this.all) instance.abandon();
  }

  #create(config: InstanceConfig): ManagedInstance {
    const { host, journal } = this.#context;
    const instance = new Instance(config, this.#context);
    instance.moveWith(this.#groups.get(config.name) ?? null);
    const { peers, overridesChanged } = this.#options;
    const overrides = new Overrides(instance, host, journal, peers, overridesChanged);
    const managed = { instance, overrides };
    this.#managed.set(config.name, managed);
    this.#lists = null;
    this.#receivers.set(keyOf(config), instance);
    return managed;
  }

  /** The override that stood for it, if any. */
  #remove(name: string, plan: ReloadPlan): StoredOverride | null {
    const pending = this.#pending.get(name);
    this.#pending.delete(name);
    if (pending) return pending.override;
    const managed = this.#managed.get(name)!;
    managed.overrides.close();
    const override = managed.overrides.kept();
    this.#depart(managed, endText(plan, name));
    return override;
  }

  #adjust(config: InstanceConfig): void {
    const pending = this.#pending.get(config.name);
    if (pending) this.#pending.set(config.name, { ...pending, config });
    else this.#managed.get(config.name)!.instance.reconfigure(config);
  }

  #depart(managed: ManagedInstance, cause: string): void {
    const { instance } = managed;
    this.#managed.delete(instance.config.name);
    this.#departing.add(managed);
    this.#lists = null;
    instance.moveWith(null);
    instance.stop(() => this.#departed(managed), cause);
  }

  #departed(managed: ManagedInstance): void {
    this.#departing.delete(managed);
    this.#lists = null;
    const key = keyOf(managed.instance.config);
    if (this.#receivers.get(key) === managed.instance) this.#receivers.delete(key);
    this.#options.departed(managed);
    if (this.#stopped) return this.#settleStop();
    // An instance that has nothing to hand over is gone at once; the one in its place comes with all the others.
    if (this.#changing) return;
    this.#prepareHost();
    this.#startPending();
  }

  #settleStop(): void {
    if (this.#departing.size + this.#stopping.size > 0) return;
    this.#stopped?.();
    this.#stopped = null;
  }

  #isVirtual(address: IpAddress): boolean {
    return this.#virtualAddresses.has(address) && !this.#isOwned(address);
  }

  #ownOn(device: string): readonly DeviceAddress[] {
    const all = this.#context.host.interfaceState(device)?.addresses ?? NO_ADDRESSES;
    const known = this.#hostsOwn.get(all);
    // An owner's address is the host's own only where it is there.
    if (known !== undefined && this.#ownersAddresses.length === 0) return known;
    const own = all.filter(({ address }) => !this.#isVirtual(address))
      .map((address) => ({ ...address, device }));
    this.#hostsOwn.set(all, own);
    return own;
  }

  /** The owner of an address speaks from it (RFC 9568 section 8.3.1): it is the interface's own there. */
  #isOwned(address: IpAddress): boolean {
    return this.#ownersAddresses.some((virtual) =>
      virtual.address === address && hasOfItsOwn(this.#context.host, virtual)
    );
  }

  /** The resources that are wanted on the host, and that count as virtual there, follow the instances. */
  #prepareHost(coming: readonly InstanceConfig[] = []): void {
    const pending = Array.from(this.#pending.values(), ({ config }) => config);
    const configs = [...this.all.map(({ instance }) => instance.config), ...pending, ...coming];
    this.#context.acceptMode.start(configs);
    this.#context.owners.desire(configs);
    this.#virtualAddresses = addressesOf(configs);
    this.#hostsOwn = new WeakMap();
    this.#ownersAddresses = ownersAddressesOf(this.#config.instances);
    this.#context.ports.desire(portUsers(configs));
  }

  /** Starts what need not wait any longer. */
  #startPending(): void {
    const ready = Array.from(this.#pending.values()).filter(({ config }) =>
      !Array.from(this.#departing).some(({ instance }) => excludes(instance.config, config))
    );
    for (const { config } of ready) this.#pending.delete(config.name);
    const started = ready.map(({ config, override }) => {
      this.#options.starts(config);
      const managed = this.#create(config);
      if (override) managed.overrides.resume(override);
      managed.instance.resources.virtualMac?.start();
      return managed;
    });
    this.#managed = new Map(
      this.#config.instances.flatMap(({ name }): [string, ManagedInstance][] => {
        const managed = this.#managed.get(name);
        return managed ? [[name, managed]] : [];
      }),
    );
    this.#lists = null;
    for (const { instance } of started) instance.candidacy.refresh();
    for (const { instance } of started) instance.evaluate();
  }

  /** Groups of a name stay; those that have other members than before bring them together. */
  #regroup(): void {
    const before = new Set(this.#groups.values());
    const membersBefore = new Map(Array.from(before, (group) => [group, [...group.members]]));
    this.#groups = syncGroupsOf(this.#config.syncGroups, before);
    for (const [name, { instance }] of this.#managed) {
      instance.moveWith(this.#groups.get(name) ?? null);
    }
    for (const { instance } of this.managed) instance.candidacy.refresh();
    this.evaluateAll();
    for (const group of new Set(this.#groups.values())) {
      const earlier = membersBefore.get(group) ?? [];
      if (group.members.some((member) => !earlier.includes(member))) group.align();
    }
  }
}

function addressesOf(configs: readonly InstanceConfig[]): ReadonlySet<IpAddress> {
  return new Set(configs.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
}

function ownersAddressesOf(configs: readonly InstanceConfig[]): readonly VirtualAddress[] {
  return configs.filter(({ priority }) => priority === PRIORITY_OWNER)
    .flatMap(({ addresses }) => addresses);
}

/** True when `next` can run only after `former`: they have a virtual router, a name or an interface in common. */
function excludes(former: InstanceConfig, next: InstanceConfig): boolean {
  return keyOf(former) === keyOf(next) || former.name === next.name ||
    (former.virtualInterface !== undefined && former.virtualInterface === next.virtualInterface);
}

function keyOf({ interface: interfaceName, family, vrid }: InstanceConfig): string {
  return receiverKey(interfaceName, family, vrid);
}

function receiverKey(interfaceName: string, family: string, vrid: number): string {
  return `${interfaceName} ${family} ${vrid}`;
}
