/**
 * One load balancer: its instances, checks and journal, on a host.
 *
 * @module
 */

import { changeText } from "../config/changes.ts";
import type { Config } from "../config/model.ts";
import { stateDirRemedy } from "../host/disk_problem.ts";
import type { CancelTimer, Host, HostError, VrrpDatagram } from "../host/host.ts";
import type { StateStore } from "../host/state_store.ts";
import type { CommandResult, Commands, OrderOptions } from "../status/commands.ts";
import { Journal } from "../status/journal.ts";
import type { PeerReport } from "../status/peer_answer.ts";
import {
  type NodeStatus,
  noProcesses,
  ORDINARY_PROCESS,
  type ProcessesStatus,
  type ProcessStatus,
  type StatusHead,
  type StatusParts,
  wholeStatus,
} from "../status/status.ts";
import type { PlacedAddress } from "../vip/addresses.ts";
import { checkTtl } from "../vrrp/receive.ts";
import { familyOf } from "../wire/address.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  peekVrid,
  PRIORITY_RELEASE,
} from "../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import { Checks } from "./checks/checks.ts";
import { instanceStatus } from "./instance/instance_status.ts";
import { SendMarks } from "./instance/send_marks.ts";
import { ThirdRouters } from "./instance/third_routers.ts";
import { Alarms } from "./journal/alarms.ts";
import { DropLog } from "./journal/drop_log.ts";
import { LinkStates } from "./link_states.ts";
import { MacWatch } from "./mac_watch.ts";
import { MarkKeeper } from "./mark_keeper.ts";
import { GroupOrders } from "./overrides/group_orders.ts";
import type { KeptOrder } from "./overrides/kept_orders.ts";
import type { Orders } from "./overrides/orders.ts";
import { StateKeeper } from "./overrides/state_keeper.ts";
import { portUsers, VrrpPorts } from "./ports.ts";
import { planReload, type ReloadPlan } from "./reload_plan.ts";
import type { ReplayMark } from "./replay_marks.ts";
import type { InstanceToRecord } from "./resources/held_record.ts";
import { LeftBehind } from "./resources/left_behind.ts";
import { Refusals } from "./resources/refusals.ts";
import { ResourceOwners } from "./resources/resource_owners.ts";
import { type Member, Roster } from "./roster.ts";
import { AdvertisedAddresses } from "./split_brain/advertised_addresses.ts";
import { ClaimWatch } from "./split_brain/claim_watch.ts";
import { Peers } from "./split_brain/peers.ts";
import { StrayAddresses } from "./split_brain/stray_addresses.ts";

export interface LoadBalancerOptions {
  /** vipd's version, for the status. */
  readonly version: string;
  /** Where the standing orders outlive it. */
  readonly store: StateStore;
  /** Whether an earlier run of this engine has put an address on, as its record says; without it all count as that. */
  readonly isOwn?: (address: PlacedAddress) => boolean;
  /** Where the third routers that were heard outlive it; nowhere without it. */
  readonly thirdRouters?: StateStore;
  /** Where the numbers of signed adverts outlive it; without it they begin with the wall clock. */
  readonly marks?: StateStore;
  /** Where the marks of `replay: monotonic` outlive it; without it they do not. */
  readonly replayMarks?: StateStore;
  /** How the kernel treats the process, for the status; an ordinary one without it. */
  readonly process?: ProcessStatus;
  /** What its processes are at the moment, for the status; a simulated node has none of its own. */
  readonly processes?: () => ProcessesStatus;
}

/** The orders of an instance, or of all instances of its sync group. */
type OrderTarget = Orders | GroupOrders;

export class LoadBalancer implements Commands {
  readonly journal: Journal;

  #config: Config;
  #advertised: AdvertisedAddresses;
  readonly #host: Host;
  readonly #version: string;
  readonly #process: ProcessStatus;
  readonly #processes: () => ProcessesStatus;
  readonly #ports: VrrpPorts;
  readonly #links: LinkStates;
  readonly #checks: Checks;
  readonly #refusals: Refusals;
  readonly #owners: ResourceOwners;
  readonly #leftBehind: LeftBehind;
  readonly #roster: Roster;
  readonly #drops: DropLog;
  readonly #alarms: Alarms;
  readonly #claims: ClaimWatch;
  readonly #strays: StrayAddresses;
  readonly #macs: MacWatch;
  readonly #keeper: StateKeeper;
  readonly #marks: SendMarks;
  readonly #replayMarks: MarkKeeper | null;
  readonly #peers: Peers;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  /** Until the start: since when nobody was heard. */
  #listensSinceMs: number;
  #running = false;
  #stopping = false;
  #cancelStartDelay: CancelTimer = () => {};

  /** Listens for masters from now on, so that the first wait for one runs while the program gets ready to `start`. */
  constructor(config: Config, host: Host, options: LoadBalancerOptions) {
    this.#config = config;
    this.#advertised = new AdvertisedAddresses(config.instances);
    this.#host = host;
    this.#version = options.version;
    this.#process = options.process ?? ORDINARY_PROCESS;
    this.#startedAtMs = host.wallClockMs();
    this.#processes = options.processes ?? (() => noProcesses(this.#startedAtMs));
    this.#startedMs = host.nowMs();
    this.journal = new Journal(() => host.wallClockMs());
    this.#alarms = new Alarms(host, this.journal);
    this.#claims = new ClaimWatch(
      host,
      this.journal,
      this.#alarms,
      (instance) => this.#peers.withAddressOnBackup(instance),
    );
    this.#strays = new StrayAddresses(
      host,
      this.#alarms,
      () => this.#roster.members.map(({ instance }) => instance),
      (address) => this.#owners.haveElsewhere(address),
    );
    this.#macs = new MacWatch(host, this.journal);
    this.#peers = new Peers(
      config,
      host,
      this.#alarms,
      () => this.#roster.members.map(({ instance }) => instance),
    );
    this.#drops = new DropLog(host, this.journal);
    this.#ports = new VrrpPorts(host, {
      receive: (datagram) => this.#receive(datagram),
      unread: (name, count) => this.#drops.recordUnread(count, name),
    });
    this.#links = new LinkStates(
      config.interfaces ?? [],
      host,
      (name) => this.#instancesOn(name),
    );
    this.#listensSinceMs = this.#listen();
    this.#checks = new Checks(
      config.checks,
      host,
      this.journal,
      this.#alarms,
      (name) => this.#checkTurned(name),
    );
    this.#refusals = new Refusals(host, this.#alarms, () => this.#roster.evaluateAll());
    this.#owners = new ResourceOwners(host, {
      changed: () => this.#roster.evaluateAll(),
      freed: () => this.#leftBehind.removeConfigured(this.#config.instances),
    });
    this.#leftBehind = new LeftBehind({
      host,
      journal: this.journal,
      owners: this.#owners,
      isHeld: (address) =>
        this.#roster.all.some(({ instance }) => instance.holdings.addresses.has(address)),
      isOwn: options.isOwn ?? (() => true),
    });
    this.#keeper = new StateKeeper(
      options.store,
      host,
      this.#alarms,
      () => this.#roster.standingOrders,
    );
    this.#marks = new SendMarks(options.marks ?? null);
    this.#replayMarks = options.replayMarks === undefined ? null : new MarkKeeper({
      ...{ store: options.replayMarks, host, journal: this.journal },
      marks: () => this.#marksHeard(),
      restore: (marks) => this.#restoreMarks(marks),
    });
    this.#roster = new Roster(config, {
      context: {
        host,
        journal: this.journal,
        alarms: this.#alarms,
        ports: this.#ports,
        links: this.#links,
        checks: this.#checks,
        refusals: this.#refusals,
        owners: this.#owners,
        marks: this.#marks,
        electionsFromMs: this.#startedMs + config.startDelayMs,
        isPeer: (address) => this.#peers.haveAddress(address),
        nodes: () => this.#peers.nodes,
        others: (instance) => ({
          noneAble: this.#peers.noneAble(instance) !== null,
          better: this.#peers.haveBetter(instance),
        }),
        thirdRouters: new ThirdRouters(options.thirdRouters ?? null),
        masterElsewhere: (instance) =>
          this.#peers.counterparts(instance).find(({ state }) => state === "master")?.peer ?? null,
        stateChanged: (instance) => {
          this.#claims.stateChanged(instance);
          this.#strays.changed();
          this.#peers.stateChanged(instance);
        },
      },
      peers: this.#peers,
      ordersChanged: () => this.#keeper.changed(),
      arrives: (arriving) => this.#leftBehind.removeConfigured([arriving]),
      departed: (member) => this.#departed(member),
    });
  }

  /** Removes what an earlier run left behind, then lets checks and instances run. */
  start(): void {
    // What is opened now has heard nobody before.
    if (!this.#ports.complete) this.#listensSinceMs = this.#listen();
    this.#running = true;
    this.#owners.want(this.#config.instances);
    this.#leftBehind.removeAll(this.#config.instances);
    this.#macs.watch(this.#config.instances);
    this.#host.watchInterfaces((name) => this.#interfaceChanged(name));
    this.#host.watchRouting(() => this.#routingChanged());
    this.#checks.start();
    const entries = this.journal.since();
    for (const { instance } of this.#roster.members) instance.resumeMoves(entries);
    for (const kept of this.#keeper.take()) this.#resume(kept);
    this.#replayMarks?.start();
    this.#roster.start(this.#listensSinceMs);
    const { startDelayMs } = this.#config;
    if (startDelayMs === 0) return;
    this.#cancelStartDelay = this.#host.setTimer(
      this.#startedMs + startDelayMs,
      () => this.#roster.evaluateAll(),
    );
  }

  /** Hands over what this node is master of, removes its addresses, ends. Bounded by the hand-over's limit. */
  async stop(): Promise<void> {
    if (!this.#running || this.#stopping) return;
    this.#stopping = true;
    this.#cancelStartDelay();
    // Checks end with the instances, so that a check which fails meanwhile changes nothing.
    this.#checks.stop();
    await new Promise<void>((resolve) => this.#roster.stop(resolve));
    this.#close();
    await Promise.all([this.#keeper.close(), this.#marks.close(), this.#replayMarks?.close()]);
  }

  /** Lets go of everything at once, without waiting for another master: for a crash or a second signal. */
  abandon(): void {
    if (!this.#running) return;
    this.#cancelStartDelay();
    this.#checks.stop();
    this.#roster.abandon();
    for (const member of this.#roster.all) this.#leaveHost(member);
    this.#close();
  }

  /**
   * Makes another configuration the one that runs, without a break for what stays the same. The caller has seen to
   * it that its plan needs no restart. Returns the plan; what hands over goes on doing so afterwards.
   */
  reconfigure(config: Config): ReloadPlan {
    const plan = planReload(this.#config, config);
    if (!this.#running || this.#stopping) return plan;
    this.#alarms.withdraw("reload_failed", null);
    if (plan.changes.length === 0) {
      this.journal.record("info", "reloaded", "the configuration was read again: nothing changed");
      return plan;
    }
    this.#config = config;
    this.#advertised = new AdvertisedAddresses(config.instances);
    for (const change of plan.changes) {
      this.journal.record("notice", "config_changed", changeText(change));
    }
    // New checks before the instances that track them, old ones after those that did.
    for (const check of plan.checks) this.#checks.run(check);
    this.#links.reconfigure(config.interfaces ?? []);
    const dropped = this.#roster.reconfigure(config, plan);
    this.#claims.reconfigured();
    this.#strays.changed();
    this.#macs.watch(config.instances);
    this.#peers.reconfigure(config);
    this.#checks.retain(config.checks.map(({ name }) => name));
    for (const kept of dropped) this.#dropOrder(kept);
    if (dropped.length > 0) this.#keeper.changed();
    this.journal.record("notice", "reloaded", "the new configuration is in force");
    return plan;
  }

  /** A configuration was not taken: the one before runs on, but a restart would fail. `problems`: a line each. */
  reloadFailed(problems: readonly string[]): void {
    for (const problem of problems) this.journal.record("error", "reload_failed", problem);
    this.#alarms.raise("reload_failed", null, {
      message: `the configuration on the disk is not taken, the one before runs on: ${problems[0]}`,
      hint: "mend the file (vipd check shows all that is wrong with it), then vipd reload",
    });
  }

  /** The journal's file does not take entries, and why; `null` when it does. */
  journalFile(problem: HostError | null): void {
    if (problem === null) return this.#alarms.clear("journal_unwritable", null);
    this.#alarms.raise("journal_unwritable", null, {
      message: "what happens now would not be known after a restart: the journal's file: " +
        problem.message,
      hint: stateDirRemedy(problem),
    });
  }

  /** Somebody is not told what happens here, and why; `null` when everybody is. */
  notificationsFail(problem: string | null): void {
    if (problem === null) return this.#alarms.clear("notification_failed", null);
    this.#alarms.raise("notification_failed", null, {
      message: problem,
      hint: "vipd status shows what waits and what is lost; once it is mended, vipd notify-test",
    });
  }

  /** The API does not answer clients, or not all of them, and why, one sentence; `null` when it does. */
  apiDown(problem: string | null): void {
    if (problem === null) return this.#alarms.clear("api_down", null);
    this.#alarms.raise("api_down", null, {
      message:
        `the API does not answer, or not everybody; the addresses are served all the same: ${problem}`,
      hint:
        "look at systemctl status vipd-front, or at the log of vipd where it runs without systemd",
    });
  }

  /** What its instances have, or may soon have, on the machine. */
  get recorded(): readonly InstanceToRecord[] {
    return this.#roster.all.map(({ instance: { config, holdings, conditions } }) => ({
      config,
      held: holdings.addresses.somePut,
      source: conditions.primaryAddress,
    }));
  }

  status(): NodeStatus {
    const { head, instances, peers } = this.statusParts();
    return wholeStatus(
      head(),
      instances.map(({ make }) => make()),
      peers.map(({ make }) => make()),
    );
  }

  /** The status in parts, each made when it is asked for: all of them at once would hold up hundreds of instances. */
  statusParts(): StatusParts {
    return {
      head: () => this.#statusHead(),
      instances: this.#roster.all.map((member) => ({
        name: member.instance.config.name,
        make: () => instanceStatus(member.instance, member.orders.status()),
      })),
      peers: this.#peers.status().map((peer) => ({ name: peer.name, make: () => peer })),
    };
  }

  #statusHead(): StatusHead {
    this.#checkLeases();
    return {
      node: this.#config.node,
      version: this.#version,
      started_at: new Date(this.#startedAtMs).toISOString(),
      uptime_seconds: Math.floor((this.#host.nowMs() - this.#startedMs) / 1000),
      process: this.#process,
      processes: this.#processes(),
      alarms: this.#alarms.status(),
      checks: this.#checks.status(),
      notifications: [],
      dropped: { ...this.#drops.counters },
    };
  }

  /**
   * What a peer's API answered, or why it did not.
   *
   * @returns when to ask it again, in milliseconds
   */
  peerReported(name: string, report: PeerReport): number {
    const againMs = this.#peers.reported(name, report);
    for (const { instance } of this.#roster.members) instance.peersReported();
    return againMs;
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
    this.#checkLeases();
    const member = this.#roster.get(name);
    if (member) {
      const result = await order(this.#orderTarget(member));
      const notKept = await this.#keeper.kept();
      return result.ok && notKept !== null ? { ...result, notKept: notKept.message } : result;
    }
    if (this.#roster.awaits(name)) {
      const message = `${name} hands over for the new configuration; try again in a moment`;
      return { ok: false, code: "instance_not_ready", message };
    }
    const known = this.#config.instances.map((instance) => instance.name).join(", ");
    const message = `there is no instance "${name}"; there is: ${known}`;
    return { ok: false, code: "instance_unknown", message };
  }

  #orderTarget({ instance, orders }: Member): OrderTarget {
    const { group } = instance;
    if (!group) return orders;
    const members = this.#roster.members.filter((member) => member.instance.group === group);
    return new GroupOrders(orders, members.map((member) => member.orders));
  }

  #checkLeases(): void {
    for (const { instance } of this.#roster.all) instance.checkLease();
  }

  /** Opens the ports; returns since when they have heard everything. */
  #listen(): number {
    this.#ports.want(portUsers(this.#config.instances));
    return this.#host.nowMs();
  }

  #resume(kept: KeptOrder): void {
    const member = this.#roster.get(kept.instance);
    if (member) member.orders.resume(kept);
    else this.#dropOrder(kept);
  }

  #marksHeard(): ReplayMark[] {
    return this.#roster.members.flatMap(({ instance: { config, receiver } }) =>
      Array.from(
        receiver.replayMarks,
        ([sender, sequence]) => ({ instance: config.name, sender, sequence }),
      )
    );
  }

  #restoreMarks(marks: readonly ReplayMark[]): void {
    for (const { instance, sender, sequence } of marks) {
      this.#roster.get(instance)?.instance.receiver.restoreMark(sender, sequence);
    }
  }

  #dropOrder({ instance, order }: KeptOrder): void {
    const message = `${instance}: ${order.kind} by hand is dropped: there is no such instance ` +
      "any more";
    this.journal.record("warning", "order_dropped", message);
  }

  #receive(datagram: VrrpDatagram): void {
    // No instance takes it in before the start. It may have been its master's: all of them wait for the next one.
    if (!this.#running) {
      this.#listensSinceMs = this.#host.nowMs();
      return;
    }
    const { interface: interfaceName, source, payload } = datagram;
    const vrid = peekVrid(payload);
    const family = familyOf(source);
    const instance = vrid === null ? undefined : this.#roster.receiver(interfaceName, family, vrid);
    if (instance) return instance.receive(datagram);
    // What is for nobody here is counted as that, with a trailer or without.
    const decoded = decodeAdvertisement(payload, datagram, TRAILER_OCTETS);
    this.#drops.record(decoded.ok ? "unknown_vrid" : decoded.error, source, interfaceName);
    if (decoded.ok) this.#heardOtherVrid(datagram, decoded.advertisement);
  }

  /** An advert for no instance: are its addresses those of one? */
  #heardOtherVrid(
    { interface: interfaceName, source, ttl }: VrrpDatagram,
    advertisement: Advertisement,
  ): void {
    const { addresses, priority } = advertisement;
    if (priority === PRIORITY_RELEASE || checkTtl(ttl) !== null) return;
    for (const name of this.#advertised.owners(interfaceName, addresses)) {
      this.#roster.get(name)?.instance.receiver.alarms.otherVrid(source, advertisement);
    }
  }

  #interfaceChanged(name: string): void {
    if (!this.#running) return;
    this.#ports.interfaceChanged(name);
    this.#claims.interfaceChanged(name);
    this.#strays.changed();
    this.#links.interfaceChanged(name);
    this.#instancesOn(name, this.#macs.changed(name));
  }

  /** Something about the interface is another way for the instances. */
  #instancesOn(name: string, anotherMac = false): void {
    for (const { instance } of this.#roster.all) {
      const { interface: own, addresses, routing, track } = instance.config;
      // Routes may leave by any interface.
      const concerns = own === name || routing !== undefined || addresses.some(({ device }) =>
        device === name
      ) ||
        track.some((tracked) => tracked.kind === "interface" && tracked.interface === name);
      if (concerns) instance.interfaceChanged();
      if (concerns && anotherMac) instance.macChanged(name);
    }
  }

  #checkTurned(name: string): void {
    for (const { instance } of this.#roster.members) {
      const { track } = instance.config;
      if (track.some((tracked) => tracked.kind === "check" && tracked.check === name)) {
        instance.evaluate();
      }
    }
  }

  #routingChanged(): void {
    if (!this.#running) return;
    for (const { instance } of this.#roster.all) instance.routingChanged();
  }

  #departed(member: Member): void {
    this.#leaveHost(member);
    this.#claims.forget(member.instance);
    const { name } = member.instance.config;
    if (!this.#stopping) this.#alarms.forget(name);
  }

  #leaveHost({ instance: { holdings, config: { name } } }: Member): void {
    const { addresses, routing, virtualMac } = holdings;
    virtualMac?.stop();
    const left = [
      ...(addresses.none ? [] : ["an address"]),
      ...(routing.none ? [] : ["a route or rule"]),
      ...(virtualMac && !virtualMac.none ? [`interface ${virtualMac.interface}`] : []),
    ];
    if (left.length === 0) return;
    const message = `${name}: ${left.join(", ")} could not be removed and stays behind; see above`;
    this.journal.record("error", "address_left_behind", message, name);
  }

  #close(): void {
    this.#running = false;
    this.#ports.close();
    this.#links.close();
    this.#refusals.stop();
    this.#owners.stop();
    this.#leftBehind.close();
    this.#claims.close();
    this.#strays.close();
    this.#alarms.close();
  }
}
