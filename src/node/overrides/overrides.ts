/**
 * Overrides: promote, demote, release, priority. Each says at its end whether it came true.
 *
 * @module
 */

import { type CancelTimer, type Clock, clockSetByMs } from "../../host/clock.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import type {
  CommandErrorCode,
  CommandResult,
  CommandSuccess,
} from "../../status/commands/commands.ts";
import type { Journal } from "../../status/journal.ts";
import { type CommandOrigin, originOf } from "../../status/schemas/command_origin.ts";
import type { OverrideStatus } from "../../status/status.ts";
import { clientText, reasonText } from "../../status/text/override_text.ts";
import { outranks } from "../../vrrp/election.ts";
import { type Override, PRIORITY_MAX } from "../../vrrp/priority.ts";
import type { HandOverOutcome } from "../instance/departure.ts";
import type { Instance } from "../instance/instance.ts";
import { instanceStatus, type OverridesNow, type OwnStatus } from "../instance/instance_status.ts";
import type { Peers } from "../pair/peers.ts";
import type { StoredOverride } from "./stored_override.ts";

/** The outcome of a command as an instance knows it. */
export type OverrideResult =
  | Exclude<CommandResult, CommandSuccess>
  | (Omit<CommandSuccess, "instance"> & { readonly instance: OwnStatus });

/** How often the end of an override is compared with the wall clock, in milliseconds. */
const CLOCK_LOOK_MS = 10_000;

/** How long an override stands, who gives it, and why. */
export interface OverrideTerms extends CommandOrigin {
  /** Milliseconds after which it ends by itself; until released if absent. */
  readonly forMs?: number | undefined;
}

/** An instance as the other nodes show it. */
export type OtherNodes = Pick<Peers, "counterparts" | "noneAble">;

/**
 * The override of one instance, and how it came and ends. It ends by the monotonic clock. Its times of the wall clock are
 * for people and for the next run: if that clock is set, they are set with it.
 */
export class Overrides {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #peers: OtherNodes;
  readonly #changed: () => void;
  #sinceMs = 0;
  #untilMs: number | null = null;
  /** When it ends by itself, on the monotonic clock. */
  #endsMs = Infinity;
  #origin: CommandOrigin = {};
  #cancelExpiry: CancelTimer = () => {};
  #handOverRuns = false;

  /** `changed` is called after an override was given or has ended. */
  constructor(
    instance: Instance,
    clock: Clock,
    journal: Journal,
    peers: OtherNodes,
    changed: () => void,
  ) {
    this.#instance = instance;
    this.#clock = clock;
    this.#journal = journal;
    this.#peers = peers;
    this.#changed = changed;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  promote(options: OverrideTerms): OverrideResult {
    const startedMs = this.nowMs();
    const obstacle = this.promoteObstacle();
    if (obstacle) return obstacle;
    this.endHold();
    this.#set({ kind: "promoted" }, options);
    this.#instance.takeOver("promote");
    if (!this.#instance.resources.addresses.complete) {
      const message =
        "is master, but not every address could be added to its interface; see the journal";
      return this.#refusal("instance_not_ready", message);
    }
    return this.#success(startedMs);
  }

  /** A promoted instance is not held back, whatever its moves were. */
  endHold(): void {
    this.#instance.damping.end("promoted manually");
  }

  /** Why a promote would be refused now; `null` when it would not. A resource that the kernel refused is tried out again. */
  promoteObstacle(): OverrideResult | null {
    this.#instance.tryAgain();
    return this.#notReady() ?? this.#notOutbid();
  }

  async demote(options: OverrideTerms): Promise<OverrideResult> {
    const startedMs = this.nowMs();
    const obstacle = this.demoteObstacle();
    if (obstacle) return obstacle;
    this.beginDemote(options);
    const failed = await this.handOver();
    if (failed === null) return this.standDemoted(options, startedMs);
    this.demoteFailed();
    return failed;
  }

  /** Records the demote, before what it brings about. */
  beginDemote(options: OverrideTerms): void {
    this.#recordGiven({ kind: "demoted" }, options);
  }

  /** The demote that has begun came to nothing. */
  demoteFailed(): void {
    const stays = this.#instance.router.state === "master" ? "; this node stays master" : "";
    this.#record("order_failed", `the demote had no effect${stays}`);
  }

  /** Why a demote would be refused now; `null` when it would not. */
  demoteObstacle(): OverrideResult | null {
    const { router, serving } = this.#instance;
    if (router.state !== "master") return null;
    if (this.#handOverRuns || !serving) {
      return this.#refusal("superseded", "is handing over already");
    }
    const unable = this.#peers.noneAble(this.#instance);
    return unable === null
      ? null
      : this.#refusal("no_other_master", `stays master, because nobody could take over: ${unable}`);
  }

  /** Lets another become master if this one is; resolves with `null`, or with why it did not come to that. */
  async handOver(): Promise<OverrideResult | null> {
    if (this.#instance.router.state !== "master") return null;
    const startedMs = this.nowMs();
    this.#handOverRuns = true;
    const outcome = await this.#instance.handOver();
    this.#handOverRuns = false;
    return outcome === "taken" ? null : this.#handOverFailed(outcome, startedMs);
  }

  /** The demote that has begun stands from now on. */
  standDemoted(options: OverrideTerms, startedMs: number): OverrideResult {
    this.#put({ kind: "demoted" }, options);
    return this.#success(startedMs);
  }

  /** The hand-over of another member of the sync group came to nothing: this one is master again too. */
  takeBack(): void {
    this.#instance.follow("master", "the demote found no other master for all of its members");
  }

  release(origin: CommandOrigin): OverrideResult {
    const startedMs = this.#clock.nowMs();
    this.#end("released manually", origin);
    return this.#success(startedMs);
  }

  setPriority(priority: number, origin: CommandOrigin): OverrideResult {
    const startedMs = this.#clock.nowMs();
    this.#set({ kind: "priority", priority }, origin);
    return this.#success(startedMs);
  }

  clearPriority(origin: CommandOrigin): OverrideResult {
    const startedMs = this.#clock.nowMs();
    if (this.#instance.override?.kind === "priority") {
      this.#end("priority put back manually", origin);
    }
    return this.#success(startedMs);
  }

  /** The override that stands, to outlive this run; `null` if there is none. */
  kept(): StoredOverride | null {
    const { override, config } = this.#instance;
    return override && {
      ...{ instance: config.name, override, origin: this.#origin },
      ...{ sinceMs: this.#sinceMs, untilMs: this.#untilMs },
    };
  }

  /**
   * Puts an override of the last run in force again, before the instance takes part in an election. One whose time went
   * by meanwhile is over. It lasts no longer than it was given for, whatever the clock says after a boot.
   */
  resume({ override, sinceMs, untilMs, origin }: StoredOverride): void {
    const restMs = untilMs === null
      ? Infinity
      : Math.min(untilMs - this.#clock.wallClockMs(), untilMs - sinceMs);
    if (restMs <= 0) {
      const message = `${override.kind} ended at ${new Date(untilMs!).toISOString()}, ` +
        "while vipd was not running";
      return this.#record("order_ended", message);
    }
    const nowMs = this.#clock.wallClockMs();
    // The clock was set back while vipd did not run: it is not known how long the override has stood.
    const isOfFuture = sinceMs > nowMs;
    this.#sinceMs = isOfFuture ? nowMs : sinceMs;
    this.#untilMs = untilMs === null ? null : nowMs + restMs;
    this.#origin = origin;
    this.#expireAfter(restMs);
    const since = `since ${new Date(sinceMs).toISOString()}` +
      (isOfFuture ? ", before the clock was set back," : "");
    this.#record(
      "order_resumed",
      `${overrideText(override)} manually${clientText(origin.by)} ${since} still stands, ` +
        `${untilText(this.#untilMs)}${reasonText(origin.reason)}`,
      origin,
    );
    this.#instance.resumeOverride(override);
    if (isOfFuture) this.#changed();
  }

  /** The instance is no more: nothing is left to expire. */
  close(): void {
    this.#cancelExpiry();
    // The next run knows the wall clock alone.
    this.#followClock();
  }

  /** For the status. */
  now(): OverridesNow {
    return { override: this.#status(), promoteRefused: this.#promoteRefused() };
  }

  #status(): OverrideStatus | null {
    const override = this.#instance.override;
    return override && {
      kind: override.kind,
      priority: this.#instance.conditions.priority.effective,
      since: new Date(this.#sinceMs).toISOString(),
      until: this.#untilMs === null ? null : new Date(this.#untilMs).toISOString(),
      ...this.#origin,
    };
  }

  /** Why a promote would be rejected, as far as that is known: it would try again what the kernel refused. */
  #promoteRefused(): string | null {
    const { together } = this.#instance;
    const tries = together.some(({ resources: { refused } }) =>
      refused.fault !== null || refused.unwell !== null
    );
    const obstacle = tries ? null : this.#notReady() ?? this.#notOutbid();
    return obstacle === null || obstacle.ok ? null : obstacle.message;
  }

  #set(override: Override, options: OverrideTerms): void {
    this.#recordGiven(override, options);
    this.#put(override, options);
  }

  #recordGiven(override: Override, { forMs, by, reason }: OverrideTerms): void {
    const before = this.#instance.override;
    const end = forMs === undefined ? "until released" : `for ${forMs / 1000} s`;
    const replaced = before
      ? `, instead of ${overrideText(before)} ${untilText(this.#untilMs)}`
      : "";
    this.#record(
      "order_given",
      `${overrideText(override)} manually${clientText(by)}, ${end}${replaced}${reasonText(reason)}`,
      { by, reason },
    );
  }

  #put(override: Override, options: OverrideTerms): void {
    const { forMs } = options;
    this.#sinceMs = this.#clock.wallClockMs();
    this.#untilMs = forMs === undefined ? null : this.#sinceMs + forMs;
    this.#origin = originOf(options);
    this.#expireAfter(forMs ?? Infinity);
    this.#instance.setOverride(override);
    this.#changed();
  }

  #expireAfter(ms: number): void {
    this.#endsMs = this.#clock.nowMs() + ms;
    this.#awaitEnd();
  }

  #awaitEnd(): void {
    this.#cancelExpiry();
    if (this.#endsMs === Infinity) return;
    const lookMs = this.#clock.nowMs() + CLOCK_LOOK_MS;
    this.#cancelExpiry = this.#clock.setTimer(Math.min(this.#endsMs, lookMs), () => {
      if (this.#clock.nowMs() >= this.#endsMs) return this.#end("its time is over");
      this.#awaitEnd();
      this.#followClock();
    });
  }

  /** If the wall clock was set, so are the times of the override. */
  #followClock(): void {
    if (this.#untilMs === null) return;
    const setByMs = clockSetByMs(this.#clock, this.#untilMs, this.#endsMs);
    if (setByMs === 0) return;
    this.#sinceMs += setByMs;
    this.#untilMs += setByMs;
    this.#changed();
  }

  #end(why: string, origin: CommandOrigin = {}): void {
    const override = this.#instance.override;
    this.#cancelExpiry();
    this.#untilMs = null;
    if (!override) return;
    const message = `${override.kind} ends: ${why}${clientText(origin.by)}`;
    this.#record("order_ended", `${message}${reasonText(origin.reason)}`, origin);
    this.#instance.setOverride(null);
    this.#changed();
  }

  #notReady(): OverrideResult | null {
    const { router, conditions } = this.#instance;
    if (router.state === "backup" || router.state === "master") {
      if (conditions.unwell.length === 0) return null;
      const message = `is not well, which stands above a promote: ${conditions.unwell.join("; ")}`;
      return this.#refusal("instance_not_ready", message);
    }
    const why = [...conditions.faults, ...conditions.pending].join("; ") || "vipd stops";
    return this.#refusal("instance_not_ready", `is in state ${router.state}: ${why}`);
  }

  /** A promote bids 254; a router that advertises as much or more would not yield to it. */
  #notOutbid(): OverrideResult | null {
    const { router, config, conditions } = this.#instance;
    const master = router.masterSeen;
    if (router.state === "master" || !master) return null;
    const bid = Math.max(PRIORITY_MAX, config.priority);
    if (outranks({ priority: bid, address: conditions.primaryAddress }, master)) return null;
    const message =
      `cannot take over: the master ${master.address} has priority ${master.priority}, ` +
      `which ${bid} does not outbid; demote it there first`;
    return this.#refusal("master_not_outbid", message);
  }

  #handOverFailed(outcome: HandOverOutcome, startedMs: number): OverrideResult {
    const waitedMs = Math.round(this.#clock.nowMs() - startedMs);
    return outcome === "nobody"
      ? this.#refusal(
        "no_other_master",
        `stays master: no other node took the addresses within ${waitedMs} ms; ` +
          "is vipd or keepalived running there, healthy, and does VRRP pass between the nodes?",
      )
      : this.#refusal("superseded", "the hand-over was overtaken by another event; see its state");
  }

  #refusal(code: CommandErrorCode, message: string): OverrideResult {
    return { ok: false, code, message: `${this.#instance.config.name} ${message}` };
  }

  #success(startedMs: number): OverrideResult {
    const nowMs = this.#clock.nowMs();
    const tookMs = Math.round((nowMs - startedMs) * 10) / 10;
    const instance = instanceStatus(this.#instance, this.now(), nowMs);
    return { ok: true, tookMs, instance, peers: this.#peers.counterparts(this.#instance) };
  }

  #record(code: JournalCode, message: string, origin: CommandOrigin = {}): void {
    const { name } = this.#instance.config;
    this.#journal.record("notice", code, `${name}: ${message}`, name, originOf(origin));
  }
}

function untilText(untilMs: number | null): string {
  return untilMs === null ? "until released" : `until ${new Date(untilMs).toISOString()}`;
}

function overrideText(override: Override): string {
  return override.kind === "priority" ? `priority set to ${override.priority}` : override.kind;
}
