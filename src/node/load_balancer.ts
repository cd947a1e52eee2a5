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
import type { CommandOptions, CommandResult, Commands } from "../status/commands.ts";
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
import { InstanceManager, type ManagedInstance } from "./instance_manager.ts";
import { Alarms } from "./journal/alarms.ts";
import { DropLog } from "./journal/drop_log.ts";
import { LinkStates } from "./link_states.ts";
import { MacWatch } from "./mac_watch.ts";
import { GroupOverrides } from "./overrides/group_overrides.ts";
import { OverrideStore } from "./overrides/override_store.ts";
import type { Overrides } from "./overrides/overrides.ts";
import type { StoredOverride } from "./overrides/stored_override.ts";
import { portUsers, VrrpPorts } from "./ports.ts";
import { planReload, type ReloadPlan } from "./reload_plan.ts";
import { ReplayMarkStore } from "./replay_mark_store.ts";
import type { ReplayMark } from "./replay_marks.ts";
import { AcceptMode } from "./resources/accept_mode.ts";
import { ResourceOwners } from "./resources/resource_owners.ts";
import type { InstanceToRecord } from "./resources/resource_record.ts";
import { StaleResources } from "./resources/stale_resources.ts";
import { AdvertisedAddresses } from "./split_brain/advertised_addresses.ts";
import { ConflictDetection } from "./split_brain/conflict_detection.ts";
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
type OverrideTarget = Overrides | GroupOverrides;

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
  readonly #refusals: AcceptMode;
  readonly #owners: ResourceOwners;
  readonly #stale: StaleResources;
  readonly #manager: InstanceManager;
  readonly #drops: DropLog;
  readonly #alarms: Alarms;
  readonly #claims: ConflictDetection;
  readonly #strays: StrayAddresses;
  readonly #macs: MacWatch;
  readonly #keeper: OverrideStore;
  readonly #marks: SendMarks;
  readonly #replayMarks: ReplayMarkStore | null;
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
    this.#claims = new ConflictDetection(
      host,
      this.journal,
      this.#alarms,
      (instance) => this.#peers.withAddressOnBackup(instance),
    );
    this.#strays = new StrayAddresses(
      host,
      this.#alarms,
      () => this.#manager.managed.map(({ instance }) => instance),
      (address) => this.#owners.haveElsewhere(address),
    );
    this.#macs = new MacWatch(host, this.journal);
    this.#peers = new Peers(
      config,
      host,
      this.#alarms,
      () => this.#manager.managed.map(({ instance }) => instance),
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
    this.#refusals = new AcceptMode(host, this.#alarms, () => this.#manager.evaluateAll());
    this.#owners = new ResourceOwners(host, {
      changed: () => this.#manager.evaluateAll(),
      freed: () => this.#stale.removeConfigured(this.#config.instances),
    });
    this.#stale = new StaleResources({
      host,
      journal: this.journal,
      owners: this.#owners,
      isHeld: (address) =>
        this.#manager.all.some(({ instance }) => instance.resources.addresses.has(address)),
      isOwn: options.isOwn ?? (() => true),
    });
    this.#keeper = new OverrideStore(
      options.store,
      host,
      this.#alarms,
      () => this.#manager.standingOverrides,
    );
    this.#marks = new SendMarks(options.marks ?? null);
    this.#replayMarks = options.replayMarks === undefined ? null : new ReplayMarkStore({
      ...{ store: options.replayMarks, host, journal: this.journal },
      marks: () => this.#marksHeard(),
      restore: (marks) => this.#restoreMarks(marks),
    });
    this.#manager = new InstanceManager(config, {
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
      overridesChanged: () => this.#keeper.changed(),
      starts: (pending) => this.#stale.removeConfigured([pending]),
      departed: (member) => this.#departed(member),
    });
  }

  /** Removes what an earlier run left behind, then lets checks and instances run. */
  start(): void {
    // What is opened now has heard nobody before.
    if (!this.#ports.complete) this.#listensSinceMs = this.#listen();
    this.#running = true;
    this.#owners.want(this.#config.instances);
    this.#stale.removeAll(this.#config.instances);
    this.#macs.watch(this.#config.instances);
    this.#host.watchInterfaces((name) => this.#interfaceChanged(name));
    this.#host.watchRouting(() => this.#routingChanged());
    this.#checks.start();
    const entries = this.journal.since();
    for (const { instance } of this.#manager.managed) instance.damping.restore(entries);
    for (const kept of this.#keeper.take()) this.#resume(kept);
    this.#replayMarks?.start();
    this.#manager.start(this.#listensSinceMs);
    const { startDelayMs } = this.#config;
    if (startDelayMs === 0) return;
    this.#cancelStartDelay = this.#host.setTimer(
      this.#startedMs + startDelayMs,
      () => this.#manager.evaluateAll(),
    );
  }

  /** Hands over what this node is master of, removes its addresses, ends. Bounded by the hand-over's limit. */
  async stop(): Promise<void> {
    if (!this.#running || this.#stopping) return;
    this.#stopping = true;
    this.#cancelStartDelay();
    // Checks end with the instances, so that a check which fails meanwhile changes nothing.
    this.#checks.stop();
    await new Promise<void>((resolve) => this.#manager.stop(resolve));
    this.#close();
    await Promise.all([this.#keeper.close(), this.#marks.close(), this.#replayMarks?.close()]);
  }

  /** Lets go of everything at once, without waiting for another master: for a crash or a second signal. */
  abandon(): void {
    if (!this.#running) return;
    this.#cancelStartDelay();
    this.#checks.stop();
    this.#manager.abandon();
    for (const member of this.#manager.all) this.#leaveHost(member);
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
    const dropped = this.#manager.reconfigure(config, plan);
    this.#claims.reconfigured();
    this.#strays.changed();
    this.#macs.watch(config.instances);
    this.#peers.reconfigure(config);
    this.#checks.retain(config.checks.map(({ name }) => name));
    for (const kept of dropped) this.#dropOverride(kept);
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
    return this.#manager.all.map(({ instance: { config, resources: resources, conditions } }) => ({
      config,
      held: resources.addresses.somePut,
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
      instances: this.#manager.all.map((member) => ({
        name: member.instance.config.name,
        make: () => instanceStatus(member.instance, member.overrides.status()),
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
    for (const { instance } of this.#manager.managed) instance.candidacy.letBetterServe();
    return againMs;
  }

  promote(instance: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command(instance, (overrides) => overrides.promote(options));
  }

  demote(instance: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command(instance, (overrides) => overrides.demote(options));
  }

  release(instance: string): Promise<CommandResult> {
    return this.#command(instance, (overrides) => overrides.release());
  }

  setPriority(instance: string, priority: number): Promise<CommandResult> {
    return this.#command(instance, (overrides) => overrides.setPriority(priority));
  }

  clearPriority(instance: string): Promise<CommandResult> {
    return this.#command(instance, (overrides) => overrides.clearPriority());
  }

  async #command(
    name: string,
    command: (target: OverrideTarget) => CommandResult | Promise<CommandResult>,
  ): Promise<CommandResult> {
    this.#checkLeases();
    const member = this.#manager.get(name);
    if (member) {
      const result = await command(this.#overrideTarget(member));
      const notKept = await this.#keeper.kept();
      return result.ok && notKept !== null ? { ...result, notKept: notKept.message } : result;
    }
    if (this.#manager.isPending(name)) {
      const message = `${name} hands over for the new configuration; try again in a moment`;
      return { ok: false, code: "instance_not_ready", message };
    }
    const known = this.#config.instances.map((instance) => instance.name).join(", ");
    const message = `there is no instance "${name}"; there is: ${known}`;
    return { ok: false, code: "instance_unknown", message };
  }

  #overrideTarget({ instance, overrides: overrides }: ManagedInstance): OverrideTarget {
    const { group } = instance;
    if (!group) return overrides;
    const members = this.#manager.managed.filter((member) => member.instance.group === group);
    return new GroupOverrides(overrides, members.map((member) => member.overrides));
  }

  #checkLeases(): void {
    for (const { instance } of this.#manager.all) instance.checkLease();
  }

  /** Opens the ports; returns since when they have heard everything. */
  #listen(): number {
    this.#ports.want(portUsers(this.#config.instances));
    return this.#host.nowMs();
  }

  #resume(kept: StoredOverride): void {
    const member = this.#manager.get(kept.instance);
    if (member) member.overrides.resume(kept);
    else this.#dropOverride(kept);
  }

  #marksHeard(): ReplayMark[] {
    return this.#manager.managed.flatMap(({ instance: { config, receiver } }) =>
      Array.from(
        receiver.replayMarks,
        ([sender, sequence]) => ({ instance: config.name, sender, sequence }),
      )
    );
  }

  #restoreMarks(marks: readonly ReplayMark[]): void {
    for (const { instance, sender, sequence } of marks) {
      this.#manager.get(instance)?.instance.receiver.restoreMark(sender, sequence);
    }
  }

  #dropOverride({ instance, override: command }: StoredOverride): void {
    const message = `${instance}: ${command.kind} by hand is dropped: there is no such instance ` +
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
    const instance = vrid === null
      ? undefined
      : this.#manager.receiver(interfaceName, family, vrid);
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
      this.#manager.get(name)?.instance.receiver.alarms.otherVrid(source, advertisement);
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
    for (const { instance } of this.#manager.all) {
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
    for (const { instance } of this.#manager.managed) {
      const { track } = instance.config;
      if (track.some((tracked) => tracked.kind === "check" && tracked.check === name)) {
        instance.evaluate();
      }
    }
  }

  #routingChanged(): void {
    if (!this.#running) return;
    for (const { instance } of this.#manager.all) instance.routingChanged();
  }

  #departed(member: ManagedInstance): void {
    this.#leaveHost(member);
    this.#claims.forget(member.instance);
    const { name } = member.instance.config;
    if (!this.#stopping) this.#alarms.forget(name);
  }

  #leaveHost({ instance: { resources: resources, config: { name } } }: ManagedInstance): void {
    const { addresses, routing, virtualMac } = resources;
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
    this.#stale.close();
    this.#claims.close();
    this.#strays.close();
    this.#alarms.close();
  }
}
