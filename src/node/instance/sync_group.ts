/**
 * Sync groups: instances that are master on the same node or not at all. A node with one leg in the clients'
 * network and one in the servers' must hold the addresses of both, or traffic goes in here and out there.
 *
 * - A reason that keeps one member from serving keeps all from it.
 * - Weights of one member move the priority of all, so that the same node goes first everywhere. The reason that makes one the
 *   last resort makes all of them that.
 * - A member that is elected takes the others along; one that loses its election makes the others give way.
 * - A member does not replace a silent master while another hears a master that it would lose to.
 *
 * @module
 */

import type { SyncGroupConfig } from "../../config/model.ts";
import { mayReplace } from "../../vrrp/election.ts";
import {
  effectivePriority,
  type Override,
  type PriorityLimit,
  type WeightedPart,
} from "../../vrrp/priority.ts";
import type { VirtualRouter } from "../../vrrp/router.ts";
import type { RouterState, TransitionReason } from "../../vrrp/router_events.ts";
import type { SoleBackupVerdict } from "../../vrrp/sole_backup.ts";
import type { Conditions } from "./conditions.ts";

/** An instance as its group sees it. */
export interface GroupMember {
  readonly config: { readonly name: string; readonly priority: number };
  readonly router: VirtualRouter;
  /** The conditions of the member itself; `conditions` of the whole are made by `SyncGroup.combine`. */
  readonly ownConditions: Conditions;
  readonly override: Override | null;
  readonly takeover: { readonly ownSoleBackup: SoleBackupVerdict };
  /** Master and not on the way out. */
  readonly serving: boolean;
  /** Looks at the conditions again. */
  evaluate(): void;
  /** Goes where `leader` went. */
  follow(to: "master" | "backup", leader: string): void;
}

/** Elections won by a member: the others come along. Overrides move all members themselves, a fault all by its conditions. */
const ELECTED: ReadonlySet<TransitionReason> = new Set([
  "owner",
  "master_silent",
  "master_released",
  "preempted_lower_priority",
]);

/** Another node serves a member now: the others let it serve them too. */
const LOST: ReadonlySet<TransitionReason> = new Set(["higher_priority_master", "unwell"]);

/** The beginnings of a member that may find the others serving already. */
const STARTED: ReadonlySet<TransitionReason> = new Set(["startup", "recovered"]);

export class SyncGroup {
  readonly name: string;
  readonly #members: GroupMember[] = [];
  #settling = false;
  #unsettled = false;

  constructor(name: string) {
    this.name = name;
  }

  get members(): readonly GroupMember[] {
    return this.#members;
  }

  join(member: GroupMember): void {
    this.#members.push(member);
  }

  leave(member: GroupMember): void {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
  }

  /**
   * The members were put together again and may be master on different nodes: where one follows a master that it
   * would lose to, the others give way; else all come along with the one that serves.
   */
  align(): void {
    const serving = this.#members.filter((member) => member.serving);
    const idle = this.#members.filter(({ router }) => router.state === "backup");
    if (serving.length === 0 || idle.length === 0) return;
    const loser = idle.find(({ router }) =>
      router.masterSeen && !mayReplace(router, router.masterSeen)
    );
    if (loser) {
      const why = `${loser.config.name} follows ${loser.router.masterSeen?.address}`;
      for (const member of serving) member.follow("backup", why);
    } else {
      const why = `${serving[0]!.config.name} is master`;
      for (const member of idle) member.follow("master", why);
    }
  }

  /** A member's own conditions with what the others add to them. */
  combine(member: GroupMember, own: Conditions): Conditions {
    const others = this.#othersOf(member);
    // Faults of others are reported only if nothing is to be repaired here.
    const orOthers = (verb: string, sentences: (conditions: Conditions) => readonly string[]) =>
      sentences(own).length > 0
        ? sentences(own)
        : others.flatMap(({ config, ownConditions }) =>
          sentences(ownConditions).map((sentence) =>
            `sync group ${this.name}: ${config.name} ${verb}: ${sentence}`
          )
        );
    const all = [own, ...others.map(({ ownConditions }) => ownConditions)];
    const [parts, limits] = [distinctParts(all), distinctLimits(all)];
    return {
      ...own,
      faults: orOthers("cannot serve", ({ faults }) => faults),
      unwell: orOthers("is not well", ({ unwell }) => unwell),
      pending: orOthers("waits", ({ pending }) => pending),
      limits,
      priority: effectivePriority(member.config.priority, parts, member.override, limits),
    };
  }

  /** A member's own conditions changed: all look at theirs, until nothing changes any more. */
  conditionsChanged(): void {
    this.#unsettled = true;
    if (this.#settling) return;
    this.#settling = true;
    try {
      while (this.#unsettled) {
        this.#unsettled = false;
        for (const member of this.#members) member.evaluate();
      }
    } finally {
      this.#settling = false;
    }
  }

  /**
   * The member for which `member`, whose Master_Down_Timer has fired, must wait; `null` when it need not.
   * A master that released its addresses means all of its group: it is followed at once.
   */
  waitsFor(member: GroupMember, nowMs: number): GroupMember | null {
    if (member.router.takeoverReason === "master_released") return null;
    return this.#othersOf(member).find(({ router }) => router.follows(nowMs)) ?? null;
  }

  /** A member's state changed: takes the others along. */
  moved(member: GroupMember, to: RouterState, reason: TransitionReason): void {
    const { name } = member.config;
    const others = this.#othersOf(member);
    if (to === "master" && ELECTED.has(reason)) {
      for (const other of others) other.follow("master", `${name} became master`);
    } else if (to === "backup" && LOST.has(reason)) {
      for (const other of others) other.follow("backup", `${name} lost its election`);
    } else if (to === "backup" && STARTED.has(reason)) {
      const serving = others.find((other) => other.serving);
      if (serving) member.follow("master", `${serving.config.name} is master`);
    }
  }

  #othersOf(member: GroupMember): GroupMember[] {
    return this.#members.filter((other) => other !== member);
  }
}

/** The weighted parts of all members; what several track in the same way counts once. */
function distinctParts(conditions: readonly Conditions[]): WeightedPart[] {
  const parts = conditions.flatMap(({ weighted }) => weighted);
  return parts.filter((part, index) =>
    parts.findIndex(({ what, weight, reverse }) =>
      what === part.what && weight === part.weight && reverse === part.reverse
    ) === index
  );
}

/** The limits of all members, each once. */
function distinctLimits(conditions: readonly Conditions[]): PriorityLimit[] {
  const limits = conditions.flatMap((each) => each.limits);
  return limits.filter(({ what }, index) =>
    limits.findIndex((limit) => limit.what === what) === index
  );
}

/** The sync group of each instance that has one, by the instance's name; groups of `known` names stay the same. */
export function syncGroupsOf(
  configs: readonly SyncGroupConfig[],
  known: Iterable<SyncGroup> = [],
): ReadonlyMap<string, SyncGroup> {
  const byName = new Map(Array.from(known, (group) => [group.name, group]));
  return new Map(configs.flatMap(({ name, instances }) => {
    const group = byName.get(name) ?? new SyncGroup(name);
    return instances.map((member): [string, SyncGroup] => [member, group]);
  }));
}

/** True when the other members of a sync group would find the same in both. */
export function sameForGroup(a: Conditions, b: Conditions): boolean {
  const concern = ({ faults, unwell, pending, weighted, limits }: Conditions) =>
    JSON.stringify([faults, unwell, pending, weighted, limits]);
  return concern(a) === concern(b);
}
