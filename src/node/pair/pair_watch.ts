/**
 * Keeps the verdict on each instance: looks at it once a second and when its state changes, lets reasons last, and
 * reports a verdict that is another one than before.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../host/clock.ts";
import { setTurn } from "../../host/regular_work.ts";
import type { Journal, Severity } from "../../status/journal.ts";
import type {
  AddressConflictStatus,
  ClientCheckStatus,
  DroppedBy,
  InstancePair,
  PeerStatus,
  StrayAddress,
  Verdict,
} from "../../status/status.ts";
import { asSaidOf } from "../../status/remedies/remedies.ts";
import { reasonCause, type ReasonNow } from "../../status/pair/standby_reasons.ts";
import { judge, type ServiceNow, verdictOf, verdictSentence } from "../../status/pair/verdict.ts";
import { PAIR_REASONS, type PairReasonCode } from "../../status/codes/verdicts.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Instance } from "../instance/instance.ts";
import {
  type AlarmCode,
  HOLD_ALARMS,
  SPLIT_BRAIN_ALARMS,
  UNHEARD_ALARMS,
} from "../../status/codes/alarms.ts";
import type { AlarmPlace, Alarms, StandingAlarm } from "../journal/alarms.ts";
import { ConflictEvidence } from "./conflict_evidence.ts";
import { KnownPeer, pairView } from "./pair_facts.ts";
import { type CountedReason, ReasonHolds } from "./reason_holds.ts";

/** Each instance is looked at so often, some at a time, in milliseconds. */
const ROUND_MS = 1000;
/** Time between two turns, in milliseconds: each wakes the program, and with many instances each takes long. */
const GAP_MS = 500;
const GAP_OF_MANY_MS = 250;
const MANY = 250;
/** The advert interval that the hold times suit, in milliseconds; a longer one makes each of them longer. */
const USUAL_INTERVAL_MS = 1000;

const SEVERITIES: Readonly<Record<Verdict, Severity>> = {
  unserved: "error",
  contested: "error",
  unprotected: "warning",
  unverified: "notice",
  protected: "notice",
};

/**
 * A verdict that has been open for longer is unknown, in milliseconds; but a reason may take longer to count. It counts
 * once more if a peer answers again after a restart: while a busy machine starts vipd, each step is short enough, but their
 * sum may not be.
 */
const OPEN_MS = 5000;

/** `peer_config_differs` reports settings; an override of a person is no alarm. */
const WITHOUT_ALARM: readonly PairReasonCode[] = ["settings_differ", "standby_demoted"];

/** The alarms of this node that report the cause of a reason: if it is about this node, and about any node. */
const REPORTED_BY: Partial<
  Record<
    PairReasonCode,
    { readonly own?: readonly AlarmCode[]; readonly any?: readonly AlarmCode[] }
  >
> = {
  adverts_blocked: {
    own: ["adverts_not_sent"],
    any: SPLIT_BRAIN_ALARMS,
  },
  standby_deaf: { any: UNHEARD_ALARMS },
  standby_fault: { own: ["adverts_not_sent", "resource_refused", "refusal_failed", "fault"] },
};

/** The reasons for which adverts that are refused may be the cause, and the alarms about those, the most certain first. */
const NOT_HEARD: readonly PairReasonCode[] = ["two_holders", "standby_deaf"];
const REFUSES = ["vrid_differs", "peer_mismatch"] as const satisfies readonly AlarmCode[];

/** The sources of the verdicts, in addition to the instances themselves. */
export interface PairContext {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly alarms: Alarms;
  /** This node's name. */
  readonly node: () => string;
  readonly instances: () => readonly Instance[];
  readonly peers: () => readonly PeerStatus[];
  /** Monotonic: when a peer last answered for the first time after a restart in order; `-Infinity` if none has. */
  readonly restartedMs: () => number;
  /** The peer that has an address from which adverts come; `null` if none is known to. */
  readonly peerAt: (address: IpAddress) => string | null;
  /** Its address that is on this machine although it is not master. */
  readonly stray: (instance: Instance) => StrayAddress | null;
  /** The rules of this machine's firewall that drop its adverts. */
  readonly droppedBy: (instance: Instance) => DroppedBy | null;
  readonly clientCheck: (instance: Instance) => ClientCheckStatus | null;
  readonly clientUnknown: (instance: Instance) => string | null;
}

interface Standing {
  readonly holds: ReasonHolds;
  readonly conflict: ConflictEvidence;
  /** Since when there is neither a reason that has lasted nor a ready standby, monotonic; `null` while there is one. */
  openSinceMs: number | null;
  /** As it was when the verdict was last known to hold. */
  service: ServiceNow;
  reasons: readonly CountedReason[];
  /** `null` until a reason has lasted, or there is none. */
  verdict: Verdict | null;
  /** Wall clock. */
  sinceMs: number;
  cancelDue: CancelTimer;
}

export class PairWatch {
  readonly #context: PairContext;
  readonly #standing = new Map<Instance, Standing>();
  #cancelTurn: CancelTimer | null = null;
  #next = 0;
  #peers: readonly KnownPeer[] = [];

  constructor(context: PairContext) {
    this.#context = context;
  }

  start(): void {
    this.#nextTurn();
  }

  /** The instance changed its state, or its client check its outcome. */
  changed(instance: Instance): void {
    if (this.#cancelTurn === null || !this.#standing.has(instance)) return;
    this.#askPeers();
    this.#look(instance);
  }

  /** The instance is no more. */
  forget(instance: Instance): void {
    this.#standing.get(instance)?.cancelDue();
    this.#standing.delete(instance);
  }

  /** No timer runs any more; the verdicts stay as they are. */
  stop(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = null;
    for (const { cancelDue } of this.#standing.values()) cancelDue();
  }

  /** Another machine that has an address of the instance, as this node sees it; `null` if it sees none. */
  conflict(instance: Instance): AddressConflictStatus | null {
    return this.#standing.get(instance)?.conflict.now() ?? null;
  }

  /** The address of another master that this one hears; `null` if it hears none. */
  otherMaster(instance: Instance): string | null {
    return this.#standing.get(instance)?.conflict.otherMaster() ?? null;
  }

  /** The verdict for the status. */
  status(instance: Instance): InstancePair {
    const { name } = instance.config;
    const standing = this.#standing.get(instance);
    if (!standing || standing.verdict === null) return unknownYet(name, this.#context.clock);
    const { service, reasons, verdict, sinceMs } = standing;
    return {
      verdict,
      since: new Date(sinceMs).toISOString(),
      sentence: verdictSentence(name, { ...service, reasons }),
      served_by: service.servedBy,
      ready: [...service.ready],
      reasons: reasons.map(({ code, node, message, hint, sinceWallMs }) => ({
        ...{ code, verdict: PAIR_REASONS[code].verdict, node, message, hint },
        since: new Date(sinceWallMs).toISOString(),
      })),
    };
  }

  #nextTurn(): void {
    const { clock, instances } = this.#context;
    const count = instances().length;
    const gapMs = count > MANY ? GAP_OF_MANY_MS : GAP_MS;
    this.#cancelTurn = setTurn(clock, gapMs, () => {
      this.#takeTurn(Math.ceil(count * gapMs / ROUND_MS));
      this.#nextTurn();
    });
  }

  #takeTurn(atOnce: number): void {
    const all = this.#context.instances();
    this.#askPeers();
    for (let looked = 0; looked < Math.min(atOnce, all.length); looked++) {
      this.#next = (this.#next + 1) % all.length;
      this.#look(all[this.#next]!);
    }
  }

  #askPeers(): void {
    const before = new Map(this.#peers.map((peer) => [peer.status.name, peer]));
    this.#peers = this.#context.peers().map((peer) => new KnownPeer(peer, before.get(peer.name)));
  }

  #look(instance: Instance): void {
    const { clock, node, peerAt, stray, droppedBy, clientCheck, clientUnknown } = this.#context;
    const nowMs = clock.nowMs();
    const wallMs = clock.wallClockMs();
    const intervalMs = centisecondsToMs(instance.config.advertIntervalCs);
    const standing = this.#standing.get(instance) ?? this.#begin(instance);
    const view = pairView(instance, this.#peers, {
      ...{ node: node(), peerAt, nowMs, wallMs },
      stray: stray(instance),
      conflict: standing.conflict.now(),
      droppedBy: droppedBy(instance),
      clientCheck: clientCheck(instance),
      clientUnknown: clientUnknown(instance),
    });
    standing.conflict.explainedBy(view.peers);
    const slackMs = Math.max(0, intervalMs - USUAL_INTERVAL_MS);
    const judged = judge(view);
    const reasons = judged.reasons.map((reason) => this.#explained(instance, reason));
    const service = { ...judged, reasons };
    const { servedBy } = service;
    const moved = hasMoved(standing.service, servedBy);
    standing.holds.observe(service.reasons, { nowMs, wallMs, slackMs, servedBy, moved });
    this.#conclude(instance, standing, service, { nowMs, slackMs });
    standing.cancelDue();
    const dueMs = standing.holds.dueMs(slackMs);
    standing.cancelDue = dueMs === Infinity ? () => {} : clock.setTimer(dueMs, () => {
      this.#askPeers();
      this.#look(instance);
    });
  }

  /** Adverts that a peer sends and this node refuses explain why two nodes do not hear each other. */
  #explained(instance: Instance, reason: ReasonNow): ReasonNow {
    const { alarms, node, peerAt } = this.#context;
    if (!NOT_HEARD.includes(reason.code) || reason.hasRemedy) return reason;
    for (const code of REFUSES) {
      const alarm = alarms.standing(code, instance.config.name);
      const sender = alarm?.causes?.[0];
      if (alarm === null || sender === undefined || peerAt(sender) === null) continue;
      const why = asSaidOf(node(), alarm.message);
      return { ...reason, message: `${reason.message}: ${why}`, hint: alarm.hint };
    }
    return reason;
  }

  #begin(instance: Instance): Standing {
    const standing: Standing = {
      holds: new ReasonHolds(),
      conflict: new ConflictEvidence(instance, this.#context),
      openSinceMs: null,
      service: { servedBy: null, ready: [], reasons: [] },
      ...{ reasons: [], verdict: null, sinceMs: this.#context.clock.wallClockMs() },
      cancelDue: () => {},
    };
    this.#standing.set(instance, standing);
    return standing;
  }

  #conclude(
    instance: Instance,
    standing: Standing,
    service: ServiceNow,
    { nowMs, slackMs }: { readonly nowMs: number; readonly slackMs: number },
  ): void {
    const counted = standing.holds.counted;
    const before = standing.verdict;
    const known = verdictOf({ ...service, reasons: counted });
    const open = known === null || known === "protected" && service.reasons.length > 0;
    standing.openSinceMs = open ? standing.openSinceMs ?? nowMs : null;
    const limitMs = Math.max(
      OPEN_MS,
      ...service.reasons.map(({ code }) => PAIR_REASONS[code].holdMs),
    ) + slackMs;
    const waits = open && nowMs < this.#openUntilMs(standing.openSinceMs!, limitMs);
    if (waits && !hasLostCause(standing, service)) {
      this.#remain(standing, service);
      return this.#alarm(instance, { ...standing, service });
    }
    const now = open ? "unverified" : known;
    // A node that is ready now and then is none to rely on.
    standing.service = open ? { ...service, ready: [] } : service;
    standing.reasons = counted;
    this.#alarm(instance, standing);
    if (now === before) return;
    standing.verdict = now;
    standing.sinceMs = this.#context.clock.wallClockMs();
    // The first verdict is news only if it is a bad one.
    if (before === null && (now === "protected" || now === "unverified")) return;
    const { name } = instance.config;
    const sentence = verdictSentence(name, { ...standing.service, reasons: standing.reasons });
    this.#context.journal.record(
      SEVERITIES[now],
      "verdict_changed",
      `${name}: ${before ?? "unknown"} -> ${now}: ${sentence}`,
      name,
      { verdict: { from: before, to: now } },
    );
  }

  /** Of a second restart, as of one that was no stop in order, nothing is waited for. */
  #openUntilMs(sinceMs: number, limitMs: number): number {
    const restartedMs = this.#context.restartedMs();
    const restarted = restartedMs >= sinceMs && restartedMs < sinceMs + limitMs;
    return (restarted ? restartedMs : sinceMs) + limitMs;
  }

  /**
   * A reason that has not lasted, or is not known yet, is neither good nor bad news: the old verdict stands until then,
   * but for the node that serves.
   */
  #remain(standing: Standing, { servedBy, ready }: ServiceNow): void {
    if (!hasMoved(standing.service, servedBy)) return;
    standing.service = { servedBy, ready, reasons: [] };
    standing.reasons = [];
  }

  /** One cause, one alarm: if another alarm reports the cause, this one is its evidence. */
  #alarm(instance: Instance, { reasons, service }: Standing): void {
    const { alarms } = this.#context;
    const { name } = instance.config;
    const cause = reasons.find(({ code }) =>
      PAIR_REASONS[code].verdict === "unprotected" && !WITHOUT_ALARM.includes(code)
    );
    if (!cause) return alarms.withdraw("unprotected", name);
    const { code, message, hint, hasRemedy = false } = cause;
    const causes = [reasonCause(cause)];
    const evidenceFor = this.#reportedBy(instance, cause);
    // A reason that is over and only stays for a second raises nothing, but may become evidence of another alarm.
    const stands = ({ subject, causes: [it] }: StandingAlarm) =>
      subject === name && it === causes[0];
    const isThere = service.reasons.some((reason) => reason.code === code) ||
      evidenceFor !== null && alarms.find(["unprotected"], stands) !== null;
    if (!isThere) return;
    alarms.raise("unprotected", name, {
      message: code === "serves_less" ? message : `no node is ready to take over: ${message}`,
      ...{ hint, causes, evidenceFor },
      hasRemedy,
    });
  }

  /** The alarm that reports the cause of a reason itself; `null` without one. */
  #reportedBy(instance: Instance, { code, node }: CountedReason): AlarmPlace | null {
    const { alarms, node: ownName } = this.#context;
    const isOwn = node === ownName();
    const held = code === "standby_unwell" && instance.damping.limits.length > 0 ? HOLD_ALARMS : [];
    const { own = held, any = [] } = REPORTED_BY[code] ?? {};
    const names = instance.together.map(({ config }) => config.name);
    return alarms.find(
      isOwn ? [...own, ...any] : any,
      ({ subject }) => subject === null || names.includes(subject),
    );
  }
}

/** The verdict has the reasons for which it was given; those of a node that serves no more are over with that. */
function hasLostCause({ verdict, service }: Standing, { servedBy }: ServiceNow): boolean {
  return verdict !== null && verdict !== "protected" && hasMoved(service, servedBy);
}

function hasMoved(before: ServiceNow, servedBy: string | null): boolean {
  return servedBy !== null && servedBy !== before.servedBy;
}

function unknownYet(name: string, clock: Clock): InstancePair {
  return {
    verdict: "unverified",
    since: new Date(clock.wallClockMs()).toISOString(),
    sentence: `${name} has just started on this node and has no verdict yet`,
    ...{ served_by: null, ready: [], reasons: [] },
  };
}
