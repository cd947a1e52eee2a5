/**
 * One VRRP instance on a host: feeds its virtual router with events, performs the effects in order, counts.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Host, Timer, VrrpDatagram } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { InstanceCounters } from "../../status/status.ts";
import { type Override, PRIORITY_UNWILLING } from "../../vrrp/priority.ts";
import { VirtualRouter } from "../../vrrp/router.ts";
import type {
  RouterEffect,
  RouterEvent,
  RouterState,
  TimerName,
  TransitionReason,
} from "../../vrrp/router_events.ts";
import type { OtherRouters, SoleBackupVerdict } from "../../vrrp/sole_backup.ts";
import {
  adverEarlyMs,
  adverStepMs,
  centisecondsToMs,
  TAKEOVER_EARLY_MS,
} from "../../vrrp/timers.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import { PRIORITY_OWNER, PRIORITY_RELEASE } from "../../wire/vrrp.ts";
import type { Checks } from "../checks/checks.ts";
import type { Alarms } from "../journal/alarms.ts";
import type { Links } from "../link_states.ts";
import type { VrrpPorts } from "../ports.ts";
import type { AcceptMode } from "../resources/accept_mode.ts";
import { InstanceResources } from "../resources/instance_resources.ts";
import { reportOwnAddresses } from "../resources/own_address.ts";
import { RETRY_MS } from "../resources/reconciler.ts";
import { RefusedResources } from "../resources/refused_resources.ts";
import type { ResourceOwners } from "../resources/resource_owners.ts";
import { AdvertReceiver } from "./advert_receiver.ts";
import { AdvertSender, type SendOutcome } from "./advert_sender.ts";
import { AdvertSource } from "./advert_source.ts";
import { authenticationField } from "./authentication_field.ts";
import { assessConditions, type Conditions } from "./conditions.ts";
import { Damping } from "./damping.ts";
import { InstanceLog } from "./instance_log.ts";
import { LastResort, type OtherNodesSeen } from "./last_resort.ts";
import { LinkRecovery } from "./link_recovery.ts";
import type { MoveEntry } from "./moves.ts";
import { Reassertion } from "./reassertion.ts";
import type { SendMarks } from "./send_marks.ts";
import { SendStall } from "./send_stall.ts";
import { SoleBackupWatch } from "./sole_backup_watch.ts";
import { type GroupMember, sameForGroup, type SyncGroup } from "./sync_group.ts";
import { type TakeoverWait, waitForGroup, waitForPeer } from "./takeover_wait.ts";
import type { ThirdRouters } from "./third_routers.ts";

/** What an instance shares with the rest of its load balancer. */
export interface InstanceContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly alarms: Alarms;
  readonly ports: VrrpPorts;
  readonly links: Links;
  readonly checks: Checks;
  readonly refusals: AcceptMode;
  readonly owners: ResourceOwners;
  readonly marks: SendMarks;
  /** Monotonic milliseconds: before that, no instance takes part in an election. */
  readonly electionsFromMs: number;
  /** True for an address of a node in `peers`. */
  readonly isPeer: (address: IpAddress) => boolean;
  /** The nodes of `peers`. */
  readonly nodes: () => OtherRouters["nodes"];
  /** What the other nodes' APIs say of an instance. */
  readonly others: (instance: Pick<Instance, "config">) => OtherNodesSeen;
  readonly thirdRouters: ThirdRouters;
  /** Tells the virtual addresses of all instances of this node. */
  readonly isVirtual: (address: IpAddress) => boolean;
  /** Is told of each change of state, when everything that belongs to it is done. */
  readonly stateChanged: (instance: Instance) => void;
  /** The other node that says it is the instance's master, or `null`. */
  readonly masterElsewhere: (instance: Instance) => string | null;
  /** All instances of this node, also those that are on their way out. */
  readonly instances: () => readonly Instance[];
}

/** Lower than any other, until the interface has an address: in a tie the other router goes first. */
const UNKNOWN_ADDRESS: Readonly<Record<Family, IpAddress>> = { ipv4: "0.0.0.0", ipv6: "::" };

/** The events of the timers: thousands a second, so they are made once. */
const TIMER_FIRED: Readonly<Record<TimerName, RouterEvent>> = {
  adver: { kind: "timerFired", timer: "adver" },
  masterDown: { kind: "timerFired", timer: "masterDown" },
  handOver: { kind: "timerFired", timer: "handOver" },
};

/** How much before the kernel takes the addresses off a master lets go whose adverts do not leave, in milliseconds. */
const LEASE_EARLY_MS = 20;

type HandOverEnded = Extract<RouterEffect, { kind: "handOverEnded" }>;

/** How a hand-over by order ended. */
export type HandOverOutcome = "taken" | "nobody" | "superseded";

export class Instance implements GroupMember {
  readonly router: VirtualRouter;
  readonly resources: InstanceResources;
  readonly receiver: AdvertReceiver;
  readonly log: InstanceLog;

  #config: InstanceConfig;
  #group: SyncGroup | null = null;
  readonly #context: InstanceContext;
  readonly #sender: AdvertSender;
  readonly #reassertion: Reassertion;
  readonly #soleBackupWatch: SoleBackupWatch;
  readonly #stall: SendStall;
  readonly #source: AdvertSource;
  readonly #recovery: LinkRecovery;
  readonly #lastResort: LastResort;
  readonly #damping: Damping;
  readonly #timers: Readonly<Record<TimerName, Timer>>;
  readonly #queue: RouterEvent[] = [];
  #dispatching = false;
  #ownConditions: Conditions;
  #conditions: Conditions;
  #override: Override | null = null;
  #stopping = false;
  /** Whom this instance followed last, and why; whom it waits for. */
  #leader = "";
  #waitsFor = "";
  #handOverWaiter: ((outcome: HandOverOutcome) => void) | null = null;
  #stopWaiter: (() => void) | null = null;
  /** Why it stops, if that is not the end of vipd. */
  #stopCause = "";

  constructor(config: InstanceConfig, context: InstanceContext) {
    const { host, journal, alarms } = context;
    this.#config = config;
    this.#context = context;
    const authentication = authenticationField(config);
    this.log = new InstanceLog(config.name, host, journal);
    this.#lastResort = new LastResort(config.name, alarms);
    this.#damping = new Damping(() => this.#config, {
      ...{ host, alarms },
      ended: (why) => {
        this.log.record("notice", "hold_ended", `is not held back any more: ${why}`);
        this.evaluate();
      },
    });
    this.receiver = new AdvertReceiver(config, authentication, context);
    this.resources = new InstanceResources(
      config,
      host,
      journal,
      (holds) => context.instances().some((other) => other !== this && holds(other.resources)),
      context.isVirtual,
      new RefusedResources(config, host, journal, alarms, () => this.evaluate()),
    );
    this.#source = new AdvertSource(host, () => this.evaluate());
    this.#recovery = new LinkRecovery(host);
    this.#soleBackupWatch = new SoleBackupWatch(() => this.#config, context);
    this.#reassertion = new Reassertion(
      host,
      (source, otherPriority) => this.log.reasserted(source, otherPriority, this.router.priority),
    );
    this.#stall = new SendStall({
      ...{ host, alarms, log: this.log, instance: config.name },
      changed: () => this.#stallChanged(),
    });
    this.#sender = new AdvertSender(config, authentication, {
      ...{ host, ports: context.ports, marks: context.marks },
      virtualMac: this.resources.virtualMac?.mac ?? null,
      outcome: (outcome) => this.#sent(outcome),
    });
    const timer = (name: TimerName) => host.newTimer(() => this.#timerFired(name));
    this.#timers = {
      adver: timer("adver"),
      masterDown: timer("masterDown"),
      handOver: timer("handOver"),
    };
    this.#ownConditions = this.#assess();
    this.#conditions = this.#ownConditions;
    this.router = new VirtualRouter({
      version: config.version,
      advertIntervalCs: config.advertIntervalCs,
      priority: this.#conditions.priority.effective,
      downTimerAdverts: config.downTimerAdverts,
      preempt: config.preempt,
      preemptDelayMs: config.preemptDelayMs,
      primaryAddress: this.#conditions.primaryAddress ?? UNKNOWN_ADDRESS[config.family],
    });
  }

  /** Replaced as a whole by `reconfigure`. */
  get config(): InstanceConfig {
    return this.#config;
  }

  /** The instances that this one moves with; `null` when it moves alone. */
  get group(): SyncGroup | null {
    return this.#group;
  }

  /** From now on it moves with this group, or alone; its conditions are to be looked at afterwards. */
  moveWith(group: SyncGroup | null): void {
    if (group === this.#group) return;
    this.#group?.leave(this);
    this.#group = group;
    group?.join(this);
  }

  /**
   * Another configuration of the same virtual router: interface, family, VRID, version and virtual MAC address are
   * as before. State and timers stay; its conditions are to be looked at afterwards.
   */
  reconfigure(config: InstanceConfig): void {
    const { advertIntervalCs, downTimerAdverts } = this.#config;
    this.#config = config;
    const authentication = authenticationField(config);
    this.receiver.reconfigure(config, authentication);
    this.#sender.reconfigure(config, authentication);
    this.resources.reconfigure(config);
    if (
      config.advertIntervalCs === advertIntervalCs && config.downTimerAdverts === downTimerAdverts
    ) return;
    this.#dispatch({
      kind: "timingChanged",
      advertIntervalCs: config.advertIntervalCs,
      downTimerAdverts: config.downTimerAdverts,
    });
  }

  get counters(): Omit<InstanceCounters, "dropped"> {
    return { ...this.log.counters, ...this.#sender.counters, ...this.receiver.counters };
  }

  get conditions(): Conditions {
    return this.#conditions;
  }

  /** The conditions without what the sync group adds. */
  get ownConditions(): Conditions {
    return this.#ownConditions;
  }

  get override(): Override | null {
    return this.#override;
  }

  /** Master and not on the way out. */
  get serving(): boolean {
    return this.router.state === "master" && !this.router.handingOver;
  }

  /** What a person ordered now stands; `null` ends it. */
  setOverride(override: Override | null): void {
    this.#override = override;
    this.evaluate();
  }

  /** An order of the last run stands from the first election on; its conditions are looked at with the start. */
  resumeOverride(override: Override): void {
    this.#override = override;
  }

  /** What earlier runs have left in the journal may hold it back; before the first election. */
  resumeMoves(entries: readonly MoveEntry[]): void {
    this.#damping.restore(entries);
  }

  /** An operator wants to know whether the kernel still refuses what it refused. */
  tryAgain(): void {
    for (const { resources: resources } of this.#together) resources.refused.tryNow();
  }

  /** It takes part in elections as configured again. */
  endHold(why: string): void {
    this.#damping.end(why);
  }

  /** Other nodes may be better, or worse, than they were. */
  peersReported(): void {
    this.#letBetterServe();
  }

  /** Looks at its own conditions, before those of a sync group's members are put together for the first time. */
  refresh(): void {
    this.#ownConditions = this.#assess();
  }

  /**
   * Looks at the conditions anew and tells the router what changed. One that begins to run has listened for a master
   * since `listensSinceMs`.
   */
  evaluate(listensSinceMs = this.#context.host.nowMs()): void {
    if (this.#stopping) return;
    reportOwnAddresses(this.#config, this.#context.host, this.#context.alarms);
    const own = this.#assess();
    const concernsGroup = this.#group !== null && !sameForGroup(own, this.#ownConditions);
    this.#ownConditions = own;
    this.#apply(this.#group?.combine(this, own) ?? own, listensSinceMs);
    if (concernsGroup) this.#group?.conditionsChanged();
  }

  #apply(now: Conditions, listensSinceMs: number): void {
    const before = this.#conditions;
    this.#conditions = now;
    if (now.primaryAddress !== null && now.primaryAddress !== before.primaryAddress) {
      this.#dispatch({ kind: "primaryAddressChanged", address: now.primaryAddress });
      this.log.sourceChanged(before.primaryAddress, now.primaryAddress);
    }
    if (before.linkFault && !now.linkFault) this.#recovery.cameUp(this.#config, now.primaryAddress);
    // A promote stands for the will to be master, whatever `preempt` says; what limits the priority stands above it.
    const promoted = this.#override?.kind === "promoted";
    this.#dispatch({
      kind: "electionChanged",
      priority: now.priority.effective,
      preempt: this.#config.preempt || promoted,
      preemptDelayMs: promoted ? 0 : this.#config.preemptDelayMs,
      lastResort: now.limits.length > 0,
    });
    if (now.priority.effective !== before.priority.effective) this.log.priorityChanged(before, now);
    if (now.faults.length > 0) this.#fault(now);
    else if (now.pending.length > 0) return;
    // An owner of the addresses is master at once.
    else if (now.priority.effective === PRIORITY_OWNER && !this.#canSpeak()) this.evaluate();
    else if (this.router.state === "init") this.#dispatch({ kind: "startup", listensSinceMs });
    else this.#dispatch({ kind: "recovered", notBeforeMs: this.#recovery.notBeforeMs });
    this.#letBetterServe();
  }

  /** One that is not well lets another node serve, if there is one. */
  #letBetterServe(): void {
    if (this.#stopping) return;
    const { state, handingOver } = this.router;
    const asks = this.#lastResort.look(
      {
        unwell: this.#conditions.unwell,
        state: state !== "master" ? "other" : handingOver ? "handing_over" : "master",
        nowMs: this.#context.host.nowMs(),
      },
      () => this.#othersSeen(),
    );
    if (asks) this.#dispatch({ kind: "handOver", reason: "unwell" });
  }

  /** Of a sync group all members move or none does. */
  #othersSeen(): OtherNodesSeen {
    const seen = this.#together.map((instance) => this.#context.others(instance));
    return {
      noneAble: seen.some(({ noneAble }) => noneAble),
      better: seen.every(({ better }) => better),
    };
  }

  /** The instances that move as one. */
  get #together(): readonly Instance[] {
    const { instances } = this.#context;
    return this.#group === null ? [this] : instances().filter(({ group }) => group === this.#group);
  }

  #fault({ silent }: Conditions): void {
    const stalled = this.#stall.fault !== null;
    // The others have taken over, or do so now: nobody is waited for.
    if (stalled && this.serving) this.#send(PRIORITY_RELEASE);
    this.#dispatch({ kind: "fault", silent: silent || stalled });
  }

  /**
   * After a sleep, before anything else is done: an instance whose addresses were not renewed in time is backup. Every
   * event looks here first; this is for what is no event, such as being asked how it is.
   */
  checkLease(): void {
    if (this.resources.addresses.leaseLapsed) this.#dispatch({ kind: "leaseLapsed" });
  }

  /** One of the interfaces that this instance uses changed. */
  interfaceChanged(): void {
    this.checkLease();
    this.resources.virtualMac?.interfaceChanged();
    this.resources.refused.hostChanged();
    // A fault first: it takes the addresses off, and nothing is missed that is not wanted.
    this.evaluate();
    this.resources.addresses.interfaceChanged();
    this.resources.routing.hostChanged();
  }

  /** One of the host's routes or rules that vipd has put changed. */
  routingChanged(): void {
    this.checkLease();
    this.resources.routing.hostChanged();
  }

  /** An interface that it uses has another MAC address: who knows the old one learns the new one. */
  macChanged(interfaceName: string): void {
    const { primaryAddress, linkFault } = this.#conditions;
    if (interfaceName === this.#config.interface && primaryAddress !== null && !linkFault) {
      this.#recovery.announce(this.#config, primaryAddress);
    }
    this.resources.addresses.macChanged(interfaceName);
  }

  /** A datagram of this instance's virtual router, as it came from the link. */
  receive(datagram: VrrpDatagram): void {
    const advertisement = this.receiver.receive(datagram, this.#conditions.primaryAddress);
    if (!advertisement) return;
    const from = datagram.source;
    this.#recovery.over();
    this.resources.refused.masterHeard();
    const { priority } = advertisement;
    if (this.router.state === "backup") this.resources.masterHeard(from);
    this.#routerHeard(from);
    const soleBackup = priority === PRIORITY_RELEASE && this.#mayAnswerAtOnce(from);
    this.#dispatch({ kind: "advertisementReceived", from, advertisement, soleBackup });
    if (this.serving && priority !== PRIORITY_RELEASE) {
      this.receiver.alarms.otherMaster(from, priority, this.#conditions.priority.effective);
      this.#reassertion.heard(from, advertisement);
    }
  }

  /** Whether this instance, as backup, is the only one, and why or why not. */
  get soleBackup(): SoleBackupVerdict {
    return this.#soleBackupWatch.verdict;
  }

  #routerHeard(from: IpAddress): void {
    const third = this.#soleBackupWatch.heard(from);
    if (third === null) return;
    const message = `a third router, ${third}, is heard: Skew_Time orders the backups again`;
    this.log.record("notice", "third_router", message);
  }

  /** A backup that would rather not serve lets another go first, if there is one. */
  #mayAnswerAtOnce(from: IpAddress): boolean {
    const { effective } = this.#conditions.priority;
    const unwilling = effective < this.#config.priority && effective <= PRIORITY_UNWILLING;
    if (unwilling || this.#conditions.limits.length > 0) return false;
    // One whose last adverts did not leave must not begin before one does.
    if (this.#stall.suspect) return false;
    if (this.#group?.waitsFor(this, this.#context.host.nowMs())) return false;
    return this.#soleBackupWatch.mayTakeOver(from);
  }

  /** A stronger master that is not heard is there: lets go of the addresses or, as backup, waits on. */
  otherMasterSeen(otherMaster: string, waitMs: number): void {
    this.#leader = otherMaster;
    this.#dispatch({ kind: "otherMasterSeen", waitMs });
  }

  /** Becomes master now if it is backup. */
  takeOver(reason: "promote" | "sync_group"): void {
    if (this.router.state === "backup" && !this.#canSpeak()) return this.evaluate();
    this.#dispatch({ kind: "takeOver", reason });
  }

  follow(to: "master" | "backup", leader: string): void {
    if (this.#stopping) return;
    this.#leader = leader;
    if (to === "master") this.takeOver("sync_group");
    else this.#dispatch({ kind: "giveWay" });
  }

  /** Hands over by order; resolves when another is master or nobody came. Only while `serving`. */
  handOver(): Promise<HandOverOutcome> {
    return new Promise((resolve) => {
      this.#handOverWaiter = resolve;
      this.#dispatch({ kind: "handOver", reason: "demote" });
    });
  }

  /**
   * Hands over, takes the addresses off and ends in `init`, bounded by the hand-over's limit; then calls `stopped`,
   * instead of one that an earlier call gave. `cause`: why, in a few words; that vipd stops if it is empty.
   */
  stop(stopped: () => void, cause = ""): void {
    this.#stopping = true;
    this.#damping.close();
    this.#stopCause = cause;
    this.#stopWaiter = stopped;
    this.#dispatch({ kind: "shutdown" });
    this.#settleStop();
  }

  /** Lets go of everything at once, without waiting for another master: the way out when there is no time. */
  abandon(): void {
    this.#stopping = true;
    this.#damping.close();
    this.checkLease();
    for (const timer of Object.values(this.#timers)) timer.cancel();
    this.#reassertion.stateChanged();
    this.resources.refused.close();
    if (this.serving) this.#send(PRIORITY_RELEASE);
    this.resources.release(false);
  }

  #assess(): Conditions {
    const { host, refusals, owners, isVirtual, electionsFromMs, instances } = this.#context;
    const isVirtualInterface = (name: string) =>
      instances().some(({ resources: resources }) => resources.virtualMac?.interface === name);
    const surroundings = { ...this.#context, isVirtualInterface, held: this.#damping.limits };
    const state = host.interfaceState(this.#config.interface);
    const source = this.#source.look(state, this.#config, isVirtual);
    const own = assessConditions(this.#config, this.#override, surroundings, source);
    const faults = [
      this.resources.virtualMac?.fault ?? null,
      refusals.fault(this.#config),
      owners.fault(this.#config),
      this.resources.refused.fault,
      this.#stall.fault,
    ].filter((fault) => fault !== null);
    return {
      ...own,
      faults: [...own.faults, ...faults],
      pending: host.nowMs() >= electionsFromMs
        ? own.pending
        : [...own.pending, "the start delay is not over"],
    };
  }

  /** Effects may bring new events about; those wait until the effects before them are done. */
  #dispatch(event: RouterEvent): void {
    if (this.resources.addresses.leaseLapsed) this.#queue.push({ kind: "leaseLapsed" });
    this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#handle(next);
    } finally {
      this.#dispatching = false;
    }
  }

  #handle(event: RouterEvent): void {
    let handOver: HandOverEnded | null = null;
    for (const effect of this.router.handle(event, this.#context.host.nowMs())) {
      if (effect.kind === "handOverEnded") handOver = effect;
      else this.#perform(effect);
    }
    if (handOver !== null) this.#settleHandOver(handOver);
    this.#settleStop();
  }

  #perform(effect: Exclude<RouterEffect, HandOverEnded>): void {
    switch (effect.kind) {
      case "sendAdvertisement":
        return this.#send(effect.priority);
      case "acquireAddresses":
        this.#stall.begin();
        return this.resources.acquire();
      case "releaseAddresses":
        this.#stall.end();
        return this.resources.release(effect.heard);
      case "announceAddresses":
        return this.resources.addresses.announce(effect.cause);
      case "setTimer":
        return this.#setTimer(effect.timer, effect.atMs);
      case "clearTimer":
        return this.#timers[effect.timer].cancel();
      case "stateChanged":
        return this.#stateChanged(effect.from, effect.to, effect.reason);
    }
  }

  #setTimer(timer: TimerName, atMs: number): void {
    if (timer === "adver") return this.#setAdver(atMs);
    // A timer that fires earlier than the router lets it count would never lead to a takeover.
    const leadMs = Math.min(this.#context.host.leadMs, TAKEOVER_EARLY_MS);
    this.#timers[timer].set(timer === "masterDown" ? atMs - leadMs : atMs);
  }

  #setAdver(atMs: number): void {
    const { advertIntervalCs } = this.#config;
    const stepMs = adverStepMs(atMs, advertIntervalCs, this.#context.host.stepMs);
    if (stepMs === null) this.#timers.adver.set(atMs, adverEarlyMs(advertIntervalCs));
    // Whatever else wakes the program before must not lead it away from those that it leaves with.
    else this.#timers.adver.set(stepMs);
  }

  #timerFired(timer: TimerName): void {
    const waits = timer === "masterDown" ? this.#takeoverWait() : null;
    if (!waits) {
      if (timer === "masterDown" && !this.#canSpeak()) return this.evaluate();
      return this.#dispatch(TIMER_FIRED[timer]);
    }
    const { master, code, because } = waits;
    if (master !== this.#waitsFor) {
      this.#waitsFor = master;
      this.log.record("warning", code, `hears no master, but does not take over: ${because}`);
    }
    const againInMs = centisecondsToMs(this.#config.advertIntervalCs);
    this.#setTimer(timer, this.#context.host.nowMs() + againInMs);
  }

  #takeoverWait(): TakeoverWait | null {
    const { host, masterElsewhere } = this.#context;
    return waitForGroup(this, this.#group, host.nowMs()) ??
      waitForPeer(this, this.#recovery, () => masterElsewhere(this));
  }

  #send(priority: number): void {
    const source = this.#conditions.primaryAddress;
    if (source !== null) this.#sender.send(priority, source);
    else if (this.#config.trackInterface === false) this.#sent({ left: true, error: null });
  }

  /** An advert that did not leave renews nothing: to the others this node is silent. */
  #sent(outcome: SendOutcome): void {
    const { addresses } = this.resources;
    const { advertIntervalCs, downTimerAdverts } = this.#config;
    const silentMs = downTimerAdverts * centisecondsToMs(advertIntervalCs);
    const deadlineMs = addresses.leaseEndsMs ?? this.#stall.lastLeftMs + silentMs;
    const master = this.router.state === "master";
    this.#stall.sent(outcome, master ? deadlineMs - LEASE_EARLY_MS : Infinity);
    if (outcome.left) addresses.advertLeaves(this.router.handingOver);
  }

  #stallChanged(): void {
    if (this.#stopping) return;
    this.#stall.mayTryWithin(this.router.masterDownIntervalMs);
    this.evaluate();
  }

  /** If the last adverts did not leave, one must before the addresses go on: the master that is there hears it. */
  #canSpeak(): boolean {
    if (!this.#stall.suspect) return true;
    this.#send(this.router.priority);
    this.#stall.stall();
    return !this.#stall.suspect;
  }

  #stateChanged(from: RouterState, to: RouterState, code: TransitionReason): void {
    const { priority } = this.router;
    const trial = from === "master" &&
      this.#together.some(({ resources: resources }) => resources.refused.trialFailed);
    const more = { priority, ...(trial && { trial }) };
    this.log.stateChanged(from, to, code, this.#transitionDetail(code), more);
    this.#waitsFor = "";
    const ordered = this.#override !== null;
    const held = this.#damping.stateChanged(from, to, { reason: code, priority, ordered, trial });
    if (from === "master") this.receiver.alarms.mastershipEnded();
    this.#reassertion.stateChanged();
    // Set down by another program, it is down rightly now that the instance is no master any more.
    if (to === "fault" && this.resources.virtualMac) this.#evaluateSoon();
    if (to === "master") this.#recovery.over();
    this.#context.stateChanged(this);
    if (this.#stopping) return;
    this.#group?.moved(this, to, code);
    if (held) this.evaluate();
    else this.#letBetterServe();
  }

  #evaluateSoon(): void {
    const { host } = this.#context;
    host.setTimer(host.nowMs() + RETRY_MS, () => this.evaluate());
  }

  #transitionDetail(code: TransitionReason): string {
    if (code === "shutdown") return this.#stopCause;
    if (code === "fault") return this.#conditions.faults.join("; ");
    if (code === "unwell") return this.#conditions.unwell.join("; ");
    if (code === "sync_group" || code === "split_brain") return this.#leader;
    const master = this.router.masterSeen;
    return master && NAMES_MASTER.has(code)
      ? `${master.address} with priority ${master.priority}`
      : "";
  }

  #settleHandOver({ taken, nobodyCame }: HandOverEnded): void {
    const waiter = this.#handOverWaiter;
    this.#handOverWaiter = null;
    // An instance that stops obeys no order any more, however its hand-over ends.
    const ordered = taken && !this.#stopping;
    waiter?.(ordered ? "taken" : nobodyCame ? "nobody" : "superseded");
    this.#letBetterServe();
  }

  #settleStop(): void {
    const waiter = this.#stopWaiter;
    if (!waiter || this.router.state !== "init") return;
    this.#stopWaiter = null;
    this.resources.refused.close();
    waiter();
  }
}

/** Another router brought the transition about. */
const NAMES_MASTER: ReadonlySet<TransitionReason> = new Set([
  "higher_priority_master",
  "demote",
  "overslept",
]);
