/**
 * One VRRP instance on a host, put together from its parts: what others ask of it, and what they report to it.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import { type ConfigSettings, configSettings } from "../../status/peer/config_settings.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { VrrpDatagram } from "../../host/vrrp.ts";
import type { DroppedBy, InstanceCounters } from "../../status/status.ts";
import type { Override } from "../../vrrp/priority.ts";
import { VirtualRouter } from "../../vrrp/router.ts";
import type {
  HandOverEnded,
  RouterEvent,
  StateChanged,
  TimerName,
} from "../../vrrp/router_events.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import { PRIORITY_RELEASE } from "../../wire/vrrp.ts";
import { InstanceResources } from "../resources/instance_resources.ts";
import { RETRY_MS } from "../resources/reconciler.ts";
import { RefusedResources } from "../resources/refused_resources.ts";
import { AdvertReceiver, type ReceiverContext } from "./adverts/advert_receiver.ts";
import { authenticationField } from "./adverts/authentication_field.ts";
import { type AdvertContext, OwnAdverts } from "./adverts/own_adverts.ts";
import { Candidacy, type CandidacyContext, type Candidate } from "./candidacy.ts";
import type { Conditions } from "./conditions.ts";
import { Damping } from "./damping.ts";
import { Departure, type HandOverOutcome } from "./departure.ts";
import { InstanceLog, transitionDetail } from "./instance_log.ts";
import { InstanceTimers } from "./instance_timers.ts";
import { LinkRecovery } from "./link_recovery.ts";
import { Reassertion } from "./reassertion.ts";
import { RouterDriver } from "./router_driver.ts";
import type { SoleBackupContext } from "./sole_backup_watch.ts";
import type { SyncGroup } from "./sync_group.ts";
import { Takeover } from "./takeover.ts";

/** The parts that an instance shares with the rest of its load balancer. */
export interface InstanceContext
  extends Omit<AdvertContext, "droppedBy">, CandidacyContext, ReceiverContext, SoleBackupContext {
  readonly host: Host;
  /** Hears of each change of state, when everything that belongs to it is done. */
  readonly stateChanged: (instance: Instance) => void;
  /** The rules of this machine's firewall that drop its adverts; `null` if none are missed, or no rule is known. */
  readonly droppedBy: (instance: Instance) => DroppedBy | null;
  /** The other node that says it is the instance's master, or `null`. */
  readonly masterElsewhere: (instance: Instance) => string | null;
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

export class Instance implements Candidate {
  readonly router: VirtualRouter;
  readonly resources: InstanceResources;
  readonly receiver: AdvertReceiver;
  readonly log: InstanceLog;
  readonly candidacy: Candidacy;
  readonly takeover: Takeover;
  readonly damping: Damping;

  #config: InstanceConfig;
  #settings: ConfigSettings;
  #group: SyncGroup | null = null;
  #override: Override | null = null;
  readonly #context: InstanceContext;
  readonly #adverts: OwnAdverts;
  readonly #reassertion: Reassertion;
  readonly #recovery: LinkRecovery;
  readonly #timers: InstanceTimers;
  readonly #driver: RouterDriver;
  readonly #departure = new Departure();
  /** The leader that this instance followed last: a node or a member of its sync group, in words. */
  #leader = "";

  constructor(config: InstanceConfig, context: InstanceContext) {
    const { host, journal, alarms } = context;
    this.#config = config;
    this.#settings = configSettings(config);
    this.#context = context;
    const authentication = authenticationField(config);
    this.log = new InstanceLog(config.name, host, journal);
    this.damping = new Damping(() => this.#config, {
      ...{ host, alarms },
      ended: (why) => {
        this.log.record("notice", "hold_ended", `is not held back any more: ${why}`);
        this.evaluate();
      },
    });
    this.receiver = new AdvertReceiver(config, authentication, context);
    this.resources = new InstanceResources(config, {
      ...{ host, journal, alarms, isVirtual: context.isVirtual, hostsOwn: context.hostsOwn },
      elsewhere: (holds) =>
        context.instances().some((other) => other !== this && holds(other.resources)),
      refused: new RefusedResources(config, {
        ...{ clock: host, journal, alarms, changed: () => this.evaluate() },
        nothingToServe: () => this.together.every(({ resources }) => resources.refused.bare),
        takesAddress: () => this.resources.addresses.areTaken(),
      }),
    });
    this.#recovery = new LinkRecovery(host);
    this.#reassertion = new Reassertion(
      host,
      (source, otherPriority) => {
        this.receiver.alarms.oneMaster();
        this.log.reasserted(source, otherPriority, this.router.priority);
      },
    );
    this.#adverts = new OwnAdverts(this, authentication, {
      ...context,
      droppedBy: () => context.droppedBy(this),
    });
    this.takeover = new Takeover(this, {
      ...{ host, nodes: context.nodes, thirdRouters: context.thirdRouters },
      ...{ recovery: this.#recovery, stall: this.#adverts.stall },
      ...{ masterElsewhere: () => context.masterElsewhere(this), isVirtual: context.isVirtual },
    });
    this.candidacy = new Candidacy(this, {
      ...{ adverts: this.#adverts, damping: this.damping, recovery: this.#recovery },
      log: this.log,
      dispatch: (event) => this.#driver.dispatch(event),
    }, context);
    this.router = new VirtualRouter({
      version: config.version,
      advertIntervalCs: config.advertIntervalCs,
      priority: this.conditions.priority.effective,
      downTimerAdverts: config.downTimerAdverts,
      preempt: config.preempt,
      preemptDelayMs: config.preemptDelayMs,
      primaryAddress: this.conditions.primaryAddress ?? UNKNOWN_ADDRESS[config.family],
    });
    this.#timers = new InstanceTimers(() => this.#config, host, (name) => this.#timerFired(name));
    this.#driver = new RouterDriver({
      ...{ host, router: this.router, timers: this.#timers },
      ...{ adverts: this.#adverts, resources: this.resources },
      stateChanged: (change) => this.#stateChanged(change),
      settled: (handOver) => this.#settled(handOver),
    });
  }

  /** Replaced as a whole by `reconfigure`. */
  get config(): InstanceConfig {
    return this.#config;
  }

  /** The part of its configuration that a pair must agree on. */
  get settings(): ConfigSettings {
    return this.#settings;
  }

  /** The instances that this one moves with; `null` if it moves alone. */
  get group(): SyncGroup | null {
    return this.#group;
  }

  /** From now on the instance moves with this group, or alone; the caller evaluates the conditions afterwards. */
  moveWith(group: SyncGroup | null): void {
    this.#group?.leave(this);
    this.#group = group;
    group?.join(this);
  }

  /**
   * Takes another configuration of the same virtual router: interface, family, VRID, version and virtual MAC address are
   * as before. State and timers stay; the caller evaluates the conditions afterwards.
   */
  reconfigure(config: InstanceConfig): void {
    const { advertIntervalCs, downTimerAdverts } = this.#config;
    this.#config = config;
    this.#settings = configSettings(config);
    const authentication = authenticationField(config);
    this.receiver.reconfigure(config, authentication);
    this.#adverts.reconfigure(config, authentication);
    this.resources.reconfigure(config);
    this.damping.reconfigured();
    if (
      config.advertIntervalCs === advertIntervalCs && config.downTimerAdverts === downTimerAdverts
    ) return;
    this.#driver.dispatch({
      kind: "timingChanged",
      advertIntervalCs: config.advertIntervalCs,
      downTimerAdverts: config.downTimerAdverts,
    });
  }

  get counters(): Omit<InstanceCounters, "dropped"> {
    return { ...this.log.counters, ...this.#adverts.counters, ...this.receiver.counters };
  }

  get conditions(): Conditions {
    return this.candidacy.conditions;
  }

  /** The conditions without what the sync group adds. */
  get ownConditions(): Conditions {
    return this.candidacy.own;
  }

  get override(): Override | null {
    return this.#override;
  }

  /** Master and not on the way out. */
  get serving(): boolean {
    return this.router.state === "master" && !this.router.handingOver;
  }

  /** On the way out. */
  get stopping(): boolean {
    return this.#departure.stopping;
  }

  /** The instances that move as one. */
  get together(): readonly Instance[] {
    const { instances } = this.#context;
    return this.#group === null ? [this] : instances().filter(({ group }) => group === this.#group);
  }

  /** The override that a person gave is in force now; `null` ends it. */
  setOverride(override: Override | null): void {
    this.#override = override;
    this.evaluate();
  }

  /** An override of the last run is in force from the first election on; the start evaluates the conditions. */
  resumeOverride(override: Override): void {
    this.#override = override;
  }

  /** Tries again now what the kernel refused: an operator wants to know whether it still does. */
  tryAgain(): void {
    for (const { resources } of this.together) resources.refused.tryNow();
  }

  /**
   * Looks at the conditions again and gives the router what changed. An instance that begins to run has listened for a
   * master since `listensSinceMs`.
   */
  evaluate(listensSinceMs = this.#context.host.nowMs()): void {
    if (!this.stopping) this.candidacy.evaluate(listensSinceMs);
  }

  /**
   * Makes an instance backup whose addresses were not renewed in time, before anything else is done after a sleep. Each
   * event does so first; this is for what is no event, such as a question about the status.
   */
  checkLease(): void {
    if (this.resources.addresses.leaseLapsed) this.#driver.dispatch({ kind: "leaseLapsed" });
  }

  /** An interface that this instance uses has changed. */
  interfaceChanged(): void {
    this.checkLease();
    this.resources.virtualMac?.interfaceChanged();
    this.resources.refused.hostChanged();
    // A fault comes first: it removes the addresses, and nothing misses an address that is not desired.
    this.evaluate();
    this.resources.addresses.interfaceChanged();
    this.resources.routing.hostChanged();
  }

  /** A route or rule of vipd on the host has changed. */
  routingChanged(): void {
    this.checkLease();
    this.resources.routing.hostChanged();
  }

  /** An interface that it uses has another MAC address: neighbours that know the old one learn the new one. */
  macChanged(interfaceName: string): void {
    this.checkLease();
    const { primaryAddress, linkFault } = this.conditions;
    if (interfaceName === this.#config.interface && primaryAddress !== null && !linkFault) {
      this.#recovery.announce(this.#config, primaryAddress);
    }
    this.resources.addresses.macChanged(interfaceName);
  }

  /** Why this machine does not let its adverts out, one sentence; `null` if it does, or nothing is known. */
  get advertsBlocked(): string | null {
    return this.#adverts.blocked;
  }

  /** True if only the kernel's answer to a question can say whether its adverts would leave. */
  get asksWayOut(): boolean {
    return this.#adverts.asks;
  }

  /** Asks that. */
  askWayOut(): HostError | null {
    return this.#adverts.ask();
  }

  /** The kernel's answer for its link. */
  wayOutAnswered(error: HostError | null): void {
    this.#adverts.answered(error);
  }

  /** Takes a datagram of this instance's virtual router, as it came from the link. */
  receive(datagram: VrrpDatagram): void {
    const advertisement = this.receiver.receive(datagram, this.conditions.primaryAddress);
    if (!advertisement) return;
    const from = datagram.source;
    this.#recovery.over();
    this.resources.refused.masterHeard();
    const { priority } = advertisement;
    if (this.router.state === "backup") this.resources.masterHeard(from);
    this.takeover.routerHeard(from, priority);
    const soleBackup = priority === PRIORITY_RELEASE && this.takeover.answersAtOnce(from);
    this.#driver.dispatch({ kind: "advertisementReceived", from, advertisement, soleBackup });
    if (this.serving && priority !== PRIORITY_RELEASE) {
      this.receiver.alarms.otherMaster(from, priority, this.conditions.priority.effective);
      this.#reassertion.heard(from, advertisement);
    }
  }

  /** Another node shows a stronger master that is not heard: a master yields, a backup waits longer. */
  otherMasterSeen(otherMaster: string, waitMs: number): void {
    this.#leader = otherMaster;
    this.#driver.dispatch({ kind: "otherMasterSeen", waitMs });
  }

  /** Becomes master now if it is backup. */
  takeOver(reason: "promote" | "sync_group"): void {
    if (this.router.state === "backup" && !this.#adverts.canSpeak()) return this.evaluate();
    this.#driver.dispatch({ kind: "takeOver", reason });
  }

  follow(to: "master" | "backup", leader: string): void {
    if (this.stopping) return;
    this.#leader = leader;
    if (to === "master") this.takeOver("sync_group");
    else this.#driver.dispatch({ kind: "giveWay" });
  }

  /** Hands over to another node; resolves when one is master or nobody came. Only while `serving`. */
  handOver(): Promise<HandOverOutcome> {
    return new Promise((resolve) => {
      this.#departure.awaitHandOver(resolve);
      this.#driver.dispatch({ kind: "handOver", reason: "demote" });
    });
  }

  /**
   * Hands over, removes the addresses and ends in `init`, within the hand-over's limit; then calls `stopped`, instead of
   * one that an earlier call gave. `cause`: why, in a few words; empty if vipd itself stops.
   */
  stop(stopped: () => void, cause = ""): void {
    this.damping.close();
    this.#departure.stop(() => {
      // The move with which it goes may have begun a hold.
      this.damping.close();
      this.resources.refused.close();
      stopped();
    }, cause);
    this.#driver.dispatch({ kind: "shutdown" });
    this.#departure.settle(this.router.state);
  }

  /** Releases everything at once and waits for no other master: the way out if there is no time. */
  abandon(): void {
    this.#departure.abandon();
    this.damping.close();
    this.checkLease();
    this.#timers.close();
    this.#reassertion.stateChanged();
    this.resources.refused.close();
    if (this.serving) this.#adverts.send(PRIORITY_RELEASE);
    this.resources.release(false);
  }

  #timerFired(timer: TimerName): void {
    if (timer === "masterDown") {
      if (this.takeover.mustWait()) {
        const againInMs = centisecondsToMs(this.#config.advertIntervalCs);
        return this.#timers.set(timer, this.#context.host.nowMs() + againInMs);
      }
      if (!this.#adverts.canSpeak()) return this.evaluate();
    }
    this.#driver.dispatch(TIMER_FIRED[timer]);
  }

  #stateChanged({ from, to, reason }: StateChanged): void {
    const { priority } = this.router;
    const trial = from === "master" &&
      this.together.some(({ resources }) => resources.refused.trialFailed);
    const more = { priority, ...(trial && { trial }) };
    const detail = transitionDetail(reason, {
      ...{ conditions: this.conditions, leader: this.#leader },
      ...{ master: this.router.masterSeen, stopCause: this.#departure.cause },
    });
    this.log.stateChanged(from, to, reason, detail, more);
    this.takeover.stateChanged();
    const overridden = this.#override !== null;
    const held = this.damping.stateChanged(from, to, { reason, priority, overridden, trial });
    if (from === "master") this.receiver.alarms.oneMaster();
    this.candidacy.reportFault();
    this.#reassertion.stateChanged();
    // If another program set the virtual interface down, that is right now: the instance is no longer master.
    if (to === "fault" && this.resources.virtualMac) this.#evaluateSoon();
    if (to === "master") this.#recovery.over();
    this.#context.stateChanged(this);
    this.#group?.moved(this, to, reason);
    if (held) this.evaluate();
    else this.candidacy.letBetterServe();
  }

  #evaluateSoon(): void {
    const { host } = this.#context;
    host.setTimer(host.nowMs() + RETRY_MS, () => this.evaluate());
  }

  #settled(handOver: HandOverEnded | null): void {
    if (handOver !== null) {
      this.#departure.handOverEnded(handOver);
      this.candidacy.letBetterServe();
    }
    this.#departure.settle(this.router.state);
  }
}
