/**
 * The state machine of one virtual router (RFC 9568 section 6.4, RFC 3768 section 6.4), without I/O:
 * `handle(event, nowMs)` returns what is to be done, in order. RFC 9568 calls the master "Active".
 *
 * Some things go beyond the RFC:
 *
 * - `fault`: a router that cannot or should not serve (link down, check failed), as every deployed
 *   implementation has it.
 * - Hand-over (hand_over.ts): while a master waits for the next one its state is still `master`, and `handingOver` is true.
 * - Sole backup: Skew_Time ranks several backups, so that the only one does not wait for it.
 * - Last resort: a router that is not well, or is held back, replaces nobody. After priority 0 it waits until every other
 *   backup would have spoken, and the master that nobody relieves has spoken again.
 * - Sync groups: a router can be made to go where the others of its group went.
 * - Lease: a master whose host has removed the addresses, because nothing was heard of it for too long, is backup
 *   without a word; and one that was silent for as long as its backups bear, but not for so long, yields to any router that
 *   has taken over meanwhile, weaker or not.
 * - Split brain: a master can learn of a stronger one that it does not hear, and to wait for as long as that one
 *   is seen.
 * - Farewell: a master that yields to a stronger one sends one more advert, so that the stronger one learns
 *   that there was another and announces its addresses again.
 * - Crossing adverts: of two masters each may yield to what the other said before it yielded or became weaker. The one
 *   that hears of it first takes over again at once.
 *
 * Timers are absolute deadlines inside effects, at most one per name; a late or doubled `timerFired` is harmless.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import { type Advertisement, PRIORITY_RELEASE, type VrrpVersion } from "../wire/vrrp.ts";
import { Backup } from "./backup.ts";
import { Election } from "./election.ts";
import { HandOver, type MasterExit } from "./hand_over.ts";
import type {
  AnnouncementCause,
  MasterSeen,
  RouterEffect,
  RouterEvent,
  RouterParameters,
  RouterState,
  TimerName,
  TransitionReason,
} from "./router_events.ts";
import { RouterTimers } from "./router_timers.ts";

/** Takeovers from a master that lives, which then says farewell. */
const REPLACING: ReadonlySet<TransitionReason> = new Set([
  "preempted_lower_priority",
  "promote",
  "sync_group",
]);

export class VirtualRouter {
  readonly #version: VrrpVersion;
  readonly #timers: RouterTimers;
  readonly #election: Election;
  readonly #handOver: HandOver;

  readonly #backup: Backup;

  #state: RouterState = "init";
  /** It has replaced a master that lives, and has neither heard that one nor advertised itself again since. */
  #farewellDue = false;

  constructor(parameters: RouterParameters) {
    this.#version = parameters.version;
    this.#timers = new RouterTimers(parameters);
    this.#election = new Election(parameters);
    this.#handOver = new HandOver(this.#timers);
    this.#backup = new Backup(this.#timers, this.#election);
  }

  /** Effective priority now. */
  get priority(): number {
    return this.#election.priority;
  }

  get state(): RouterState {
    return this.#state;
  }

  /** True while a master waits for the next one to speak. */
  get handingOver(): boolean {
    return this.#handOver.way !== null;
  }

  /** The other router that is master, as far as this one has heard; `null` when none was heard or it is this one. */
  get masterSeen(): MasterSeen | null {
    return this.#backup.master;
  }

  /** When a backup last heard an advert, or began to wait for one; monotonic. */
  get masterHeardMs(): number {
    return this.#backup.heardMs;
  }

  /** True while this router is backup and hears no master, for too long to be by chance. */
  advertsMissing(nowMs: number): boolean {
    return this.#state === "backup" && this.#timers.advertsMissing(this.masterHeardMs, nowMs);
  }

  /** True while a weaker master is followed, within the preempt delay. */
  waitsToPreempt(nowMs: number): boolean {
    return this.#state === "backup" && this.#election.waits(nowMs);
  }

  /** True while this backup hears a master that it does not want to replace. */
  follows(nowMs: number): boolean {
    return this.#state === "backup" && this.#backup.follows(nowMs);
  }

  /** Why this backup would become master if Master_Down_Interval ended now. */
  get takeoverReason(): TransitionReason {
    return this.#backup.takeoverReason;
  }

  /** Skew_Time now, in milliseconds. */
  get skewTimeMs(): number {
    return this.#timers.skewTimeMs(this.priority);
  }

  /** Master_Down_Interval now, in milliseconds. */
  get masterDownIntervalMs(): number {
    return this.#timers.masterDownIntervalMs(this.priority);
  }

  /** Takes one event at the monotonic time `nowMs`; the effects are to be performed in the order given. */
  handle(event: RouterEvent, nowMs: number): RouterEffect[] {
    const effects = this.#react(event, nowMs);
    for (const effect of effects) {
      if (effect.kind === "sendAdvertisement") this.#election.spoke(effect.priority, nowMs);
    }
    return effects;
  }

  #react(event: RouterEvent, nowMs: number): RouterEffect[] {
    switch (event.kind) {
      case "startup":
        if (this.#state !== "init") return [];
        return this.#start("startup", nowMs, event.listensSinceMs);
      case "recovered":
        return this.#recovered(nowMs, event.notBeforeMs);
      case "shutdown":
        return this.#leave({ next: "init", reason: "shutdown" }, false, nowMs);
      case "fault":
        return this.#leave({ next: "fault", reason: "fault" }, event.silent, nowMs);
      case "handOver":
        if (this.#state !== "master" || this.#handOver.way) return [];
        return this.#handOver.begin(
          { next: "backup", reason: event.reason, onlyIfTaken: true },
          nowMs,
        );
      case "giveWay":
        return this.#giveWay(nowMs);
      case "leaseLapsed":
        return this.#leaseLapsed(nowMs);
      case "otherMasterSeen":
        return this.#otherMasterSeen(event.waitMs, nowMs);
      case "takeOver":
        if (this.#state === "backup") return this.#takeOver(event.reason, nowMs);
        return this.#handOver.way?.next === "backup" ? this.#resumeMaster(nowMs) : [];
      case "timerFired":
        return this.#timerFired(event.timer, nowMs);
      case "advertisementReceived":
        return this.#advertisementReceived(event, nowMs);
      case "electionChanged":
        return this.#electionChanged(event, nowMs);
      case "primaryAddressChanged":
        this.#election.setPrimaryAddress(event.address);
        return [];
      case "timingChanged":
        return this.#timingChanged(event.advertIntervalCs, event.downTimerAdverts, nowMs);
    }
  }

  /** RFC 9568 section 6.4.1 (Startup); also the way back from fault. */
  #start(
    reason: TransitionReason,
    nowMs: number,
    listensSinceMs = nowMs,
    notBeforeMs = nowMs,
  ): RouterEffect[] {
    this.#election.forgetWeaker();
    if (this.#election.isOwner) return this.#becomeMaster("owner", nowMs);
    return [
      this.#backup.begin(listensSinceMs, notBeforeMs, nowMs),
      this.#enter("backup", reason),
    ];
  }

  #recovered(nowMs: number, notBeforeMs?: number): RouterEffect[] {
    if (this.#state === "fault") return this.#start("recovered", nowMs, nowMs, notBeforeMs);
    // The cause went away before anybody took over: stay.
    const over = this.#handOver.way?.next === "fault" ||
      (this.#handOver.way?.reason === "unwell" && !this.#election.lastResort);
    return over ? this.#resumeMaster(nowMs) : [];
  }

  /** Shutdown (RFC 9568 sections 6.4.2 and 6.4.3) and fault: the ways out that do not ask whether somebody takes over. */
  #leave(way: MasterExit, silent: boolean, nowMs: number): RouterEffect[] {
    if (this.#state === way.next) return [];
    if (this.#state === "master") {
      // A shutdown is final: a fault meanwhile does not lead the router away from it.
      const final = this.#handOver.way?.next === "init" ? this.#handOver.way : way;
      if (silent) return this.#endMastership(final, nowMs);
      if (!this.#handOver.way) return this.#handOver.begin(way, nowMs);
      this.#handOver.redirect(final);
      return [];
    }
    // A router that cannot serve from the start waits in fault for its recovery; no timer runs yet.
    if (this.#state === "init" && way.next === "fault") return [this.#enter("fault", way.reason)];
    this.#backup.forgetMaster();
    return [{ kind: "clearTimer", timer: "masterDown" }, this.#enter(way.next, way.reason)];
  }

  /** The way of a sync group: like a demote, but it does not end in `master` again. */
  #giveWay(nowMs: number): RouterEffect[] {
    if (this.#state !== "master") return [];
    const way: MasterExit = { next: "backup", reason: "sync_group" };
    if (!this.#handOver.way) return this.#handOver.begin(way, nowMs);
    if (this.#handOver.way.onlyIfTaken) this.#handOver.redirect(way);
    return [];
  }

  /**
   * Nothing is said: another has become master, or will when nobody speaks. A way out that was begun is gone to its
   * end, because a router that waited for the goodbye has taken over.
   */
  #leaseLapsed(nowMs: number): RouterEffect[] {
    if (this.#state !== "master") return [];
    const leaving = this.#handOver.way && !this.#handOver.way.onlyIfTaken;
    const way: MasterExit = { next: "backup", reason: "lease_lapsed" };
    return this.#endMastership(leaving ? this.#handOver.way! : way, nowMs);
  }

  /** Two masters, and only others see both: the weaker one releases them at once, because the addresses are served already. */
  #otherMasterSeen(waitMs: number, nowMs: number): RouterEffect[] {
    if (this.#state === "backup") {
      return [this.#timers.armMasterDown(Math.max(this.#timers.masterDownAtMs, nowMs + waitMs))];
    }
    if (this.#state !== "master" || this.#handOver.way) return [];
    return [
      { kind: "sendAdvertisement", priority: PRIORITY_RELEASE },
      ...this.#endMastership({ next: "backup", reason: "split_brain" }, nowMs),
      this.#timers.armMasterDown(nowMs + Math.max(waitMs, this.masterDownIntervalMs)),
    ];
  }

  #resumeMaster(nowMs: number, nobodyCame = false): RouterEffect[] {
    return [
      ...this.#handOver.end(false, nobodyCame),
      { kind: "sendAdvertisement", priority: this.priority },
      this.#timers.armAdver(nowMs),
    ];
  }

  /** Out of `master` without another master to follow. */
  #endMastership(way: MasterExit, nowMs: number): RouterEffect[] {
    const effects: RouterEffect[] = [
      { kind: "clearTimer", timer: "adver" },
      ...this.#handOver.end(false),
      { kind: "releaseAddresses", heard: false },
    ];
    if (way.next === "backup") effects.push(this.#backup.beginAfterMastership(nowMs));
    return [...effects, this.#enter(way.next, way.reason)];
  }

  #timerFired(timer: TimerName, nowMs: number): RouterEffect[] {
    if (timer === "masterDown") {
      // RFC 9568 section 6.4.2: Active_Down_Timer fires.
      if (this.#state !== "backup" || !this.#timers.masterDownDue(nowMs)) return [];
      return this.#becomeMaster(this.takeoverReason, nowMs);
    }
    if (this.#state !== "master") return [];
    if (timer === "handOver") {
      if (!this.#handOver.way || !this.#timers.handOverDue(nowMs)) return [];
      return this.#handOver.way.onlyIfTaken
        ? this.#resumeMaster(nowMs, true)
        : this.#endMastership(this.#handOver.way, nowMs);
    }
    // RFC 9568 section 6.4.3: Adver_Timer fires.
    if (this.#handOver.way || !this.#timers.adverDue(nowMs)) return [];
    this.#farewellDue = false;
    return [
      { kind: "sendAdvertisement", priority: this.priority },
      this.#timers.rearmAdver(nowMs),
    ];
  }

  #advertisementReceived(
    { from, advertisement, soleBackup = false }: Extract<
      RouterEvent,
      { kind: "advertisementReceived" }
    >,
    nowMs: number,
  ): RouterEffect[] {
    if (this.#state === "backup") {
      return this.#backup.received(from, advertisement, soleBackup, nowMs) ??
        this.#becomeMaster("master_released", nowMs, "goodbye");
    }
    if (this.#state === "master") return this.#receivedAsMaster(from, advertisement, nowMs);
    return [];
  }

  /** RFC 9568 section 6.4.3 ("If an ADVERTISEMENT is received"), RFC 3768 section 6.4.3. */
  #receivedAsMaster(
    from: IpAddress,
    advertisement: Advertisement,
    nowMs: number,
  ): RouterEffect[] {
    if (this.#handOver.way) {
      if (advertisement.priority === PRIORITY_RELEASE) return [];
      return this.#yieldTo(from, advertisement, this.#handOver.way, nowMs);
    }
    if (advertisement.priority === PRIORITY_RELEASE) {
      return [
        { kind: "sendAdvertisement", priority: this.priority },
        this.#timers.armAdver(nowMs),
      ];
    }
    if (this.#election.yieldsTo(advertisement, from)) {
      const way: MasterExit = { next: "backup", reason: "higher_priority_master" };
      return this.#yieldTo(from, advertisement, way, nowMs);
    }
    // Deviation from RFC 9568 section 6.4.3, which has it stay: the weaker master that it hears has the addresses
    // rightly. If this router is to replace it, it does so as any backup, on time for a whole Master_Down_Interval;
    // with Preempt_Mode false it does not. The farewell of the one that it has replaced is no such master.
    const isFarewell = this.#farewellDue;
    this.#farewellDue = false;
    if (this.#timers.overslept(nowMs)) {
      if (isFarewell) return [];
      const way: MasterExit = { next: "backup", reason: "overslept" };
      return this.#yieldTo(from, advertisement, way, nowMs);
    }
    // A weaker master was there, so caches on the link may point at it: announce again. RFC 9568 also
    // answers with an advert at once; RFC 3768 does not. The Adver_Timer runs on either way.
    const answer: RouterEffect[] = this.#version === 3
      ? [{ kind: "sendAdvertisement", priority: this.priority }]
      : [];
    return [...answer, { kind: "announceAddresses", cause: "contested" }];
  }

  /** Without a wait. In a sync group the goodbye may have come for this member before it came for the one that leads. */
  #takeOver(reason: "promote" | "sync_group", nowMs: number): RouterEffect[] {
    const released = reason === "sync_group" && this.takeoverReason === "master_released";
    return this.#becomeMaster(reason, nowMs, released ? "goodbye" : "takeover");
  }

  /** Another is master: give up the addresses and go where `way` leads. */
  #yieldTo(
    from: IpAddress,
    advertisement: Advertisement,
    way: MasterExit,
    nowMs: number,
  ): RouterEffect[] {
    // One last advert, unless priority 0 was the last: the stronger master may not know that there was another,
    // after a partition for instance, and clients follow it only when it announces its addresses again. A weaker one
    // would yield to it.
    const farewell: RouterEffect[] = this.#handOver.way || way.reason === "overslept"
      ? []
      : [{ kind: "sendAdvertisement", priority: this.priority }];
    const effects: RouterEffect[] = [
      { kind: "clearTimer", timer: "adver" },
      ...this.#handOver.end(true),
      { kind: "releaseAddresses", heard: true },
      ...farewell,
    ];
    if (way.next === "backup") {
      effects.push(this.#backup.beginBehind(from, advertisement, nowMs));
    }
    return [...effects, this.#enter(way.next, way.reason)];
  }

  /**
   * RFC 9568 sections 6.4.1 (owner) and 6.4.2 (Active_Down_Timer). The place of a silent master is taken as the RFC
   * has it, the advert first: the other backups wait for it, and the kernel may keep the addresses waiting. Else the
   * advert comes last: a master that lives removes its addresses when it hears it, and by then clients must know the
   * new one.
   */
  #becomeMaster(
    reason: TransitionReason,
    nowMs: number,
    cause: AnnouncementCause = "takeover",
  ): RouterEffect[] {
    this.#farewellDue = REPLACING.has(reason);
    this.#backup.forgetMaster();
    this.#election.forgetWeaker();
    this.#timers.forgetInterval();
    const advert: RouterEffect = { kind: "sendAdvertisement", priority: this.priority };
    const addresses: RouterEffect[] = [
      { kind: "acquireAddresses" },
      { kind: "announceAddresses", cause },
    ];
    return [
      ...(reason === "master_silent" ? [advert, ...addresses] : [...addresses, advert]),
      { kind: "clearTimer", timer: "masterDown" },
      this.#timers.armAdver(nowMs),
      this.#enter("master", reason),
    ];
  }

  /** A backup that waits shifts its deadline by what Skew_Time changed; a master's next advert shows it. */
  #electionChanged(
    event: Extract<RouterEvent, { kind: "electionChanged" }>,
    nowMs: number,
  ): RouterEffect[] {
    const skewBeforeMs = this.skewTimeMs;
    const resortBefore = this.#election.lastResort;
    this.#election.change(event);
    const resortBegins = this.#election.lastResort && !resortBefore;
    if (this.#state !== "backup") return [];
    return this.#backup.electionChanged(this.skewTimeMs - skewBeforeMs, resortBegins, nowMs);
  }

  /**
   * A master speaks as planned, or sooner where the new interval is shorter: who follows it still counts by the
   * interval of the last advert. A backup gives its master the whole new Master_Down_Interval: that the
   * configuration changed is no sign of a dead master.
   */
  #timingChanged(
    advertIntervalCs: number,
    downTimerAdverts: number,
    nowMs: number,
  ): RouterEffect[] {
    const { lastAdverMs } = this.#timers;
    const following = this.#state === "backup" && this.masterSeen !== null;
    this.#timers.configure(advertIntervalCs, downTimerAdverts, following);
    if (this.#state === "master" && !this.#handOver.way) {
      const sooner = this.#timers.hurryAdver(lastAdverMs, nowMs);
      return sooner ? [sooner] : [];
    }
    return this.#state === "backup" && this.takeoverReason === "master_silent"
      ? [this.#backup.waitFromNow(nowMs)]
      : [];
  }

  #enter(to: RouterState, reason: TransitionReason): RouterEffect {
    const from = this.#state;
    this.#state = to;
    return { kind: "stateChanged", from, to, reason };
  }
}
