/**
 * One instance as a candidate for master: its conditions over time, and what they mean for its router. A fault keeps it
 * out of the election, its priority decides its rank there, and an instance that is not well lets another node serve.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Host } from "../../host/host.ts";
import type { RouterEvent } from "../../vrrp/router_events.ts";
import { faultRemedy } from "../../status/remedies/fault_remedy.ts";
import { PRIORITY_UNWILLING, type PriorityLimit } from "../../vrrp/priority.ts";
import { PRIORITY_OWNER, PRIORITY_RELEASE } from "../../wire/vrrp.ts";
import type { Alarms } from "../journal/alarms.ts";
import type { AcceptMode } from "../resources/accept_mode.ts";
import type { InstanceResources } from "../resources/instance_resources.ts";
import { type HostsOwn, reportOwnAddresses } from "../resources/device_addresses.ts";
import type { ResourceOwners } from "../resources/resource_owners.ts";
import { AdvertSource } from "./adverts/advert_source.ts";
import type { OwnAdverts } from "./adverts/own_adverts.ts";
import { assessConditions, type Conditions, type Surroundings } from "./conditions.ts";
import type { Damping } from "./damping.ts";
import type { InstanceLog } from "./instance_log.ts";
import { LastResort, type OtherNodesSeen } from "./last_resort.ts";
import type { LinkRecovery } from "./link_recovery.ts";
import { type GroupMember, sameForGroup, type SyncGroup } from "./sync_group.ts";

export interface Candidate extends GroupMember {
  readonly config: InstanceConfig;
  readonly group: SyncGroup | null;
  readonly resources: InstanceResources;
  /** On the way out. */
  readonly stopping: boolean;
  /** The instances that move as one, this one among them. */
  readonly together: readonly Candidate[];
}

/** The parts of a candidate, apart from its conditions. */
export interface CandidateParts {
  readonly adverts: OwnAdverts;
  readonly damping: Damping;
  readonly recovery: LinkRecovery;
  readonly log: InstanceLog;
  /** Gives the router an event. */
  readonly dispatch: (event: RouterEvent) => void;
}

/** The parts outside a candidate on which its conditions depend. */
export interface CandidacyContext extends Omit<Surroundings, "isVirtualInterface" | "held"> {
  readonly hostsOwn: HostsOwn;
  readonly host: Host;
  readonly alarms: Alarms;
  readonly acceptMode: AcceptMode;
  readonly owners: ResourceOwners;
  /** Monotonic milliseconds: before that, no instance takes part in an election. */
  readonly electionsFromMs: number;
  /** An instance as the other nodes' APIs show it. */
  readonly others: (instance: Pick<Candidate, "config">) => OtherNodesSeen;
  /** All instances of this node, also those that are on their way out. */
  readonly instances: () => readonly Pick<Candidate, "resources">[];
}

export class Candidacy {
  readonly #instance: Candidate;
  readonly #parts: CandidateParts;
  readonly #context: CandidacyContext;
  readonly #source: AdvertSource;
  readonly #lastResort: LastResort;
  #own: Conditions;
  #conditions: Conditions;

  constructor(instance: Candidate, parts: CandidateParts, context: CandidacyContext) {
    this.#instance = instance;
    this.#parts = parts;
    this.#context = context;
    this.#source = new AdvertSource(context.host, () => instance.evaluate());
    this.#lastResort = new LastResort(instance.config.name, context.alarms);
    this.#own = this.#assess();
    this.#conditions = this.#own;
  }

  get conditions(): Conditions {
    return this.#conditions;
  }

  /** The conditions without what the sync group adds. */
  get own(): Conditions {
    return this.#own;
  }

  /** Looks at its own conditions, before those of a sync group's members are put together for the first time. */
  refresh(): void {
    this.#own = this.#assess();
  }

  /** Looks at the conditions again and gives the router what changed. */
  evaluate(listensSinceMs: number): void {
    const { config, group } = this.#instance;
    reportOwnAddresses(config, this.#context.host, this.#context.alarms);
    const own = this.#assess();
    const concernsGroup = group !== null && !sameForGroup(own, this.#own);
    this.#own = own;
    this.#apply(group?.combine(this.#instance, own) ?? own, listensSinceMs);
    if (concernsGroup) group.conditionsChanged();
    this.reportFault();
  }

  /**
   * Raises the alarm while the instance is in fault for a cause of its own that no alarm of the node names. A
   * cause of another member of its sync group is that member's alarm.
   */
  reportFault(): void {
    const { config, router } = this.#instance;
    const { alarms, acceptMode } = this.#context;
    const named = acceptMode.fault(config);
    const faults = this.#own.faults.filter((fault) => fault !== named);
    if (router.state !== "fault" || faults.length === 0) return alarms.clear("fault", config.name);
    alarms.raise("fault", config.name, {
      message: `it is in fault and cannot serve: ${faults.join("; ")}`,
      causes: faults.map(causeOfFault),
      hint: `${faultRemedy(faults, "here")}; then the instance runs again by itself`,
    });
  }

  /** An instance that is not well lets another node serve, if there is one. */
  letBetterServe(): void {
    if (this.#instance.stopping) return;
    const { config: { name }, router: { state, handingOver }, resources } = this.#instance;
    const { unwell } = this.#conditions;
    const isRefusal = unwell.every((reason) => reason === resources.refused.unwell);
    const asks = this.#lastResort.look(
      {
        unwell,
        reportedBy: isRefusal ? { code: "resource_refused", subject: name } : null,
        state: state !== "master" ? "other" : handingOver ? "handing_over" : "master",
        nowMs: this.#context.host.nowMs(),
      },
      () => this.#othersSeen(),
    );
    if (asks) this.#parts.dispatch({ kind: "handOver", reason: "unwell" });
  }

  #apply(now: Conditions, listensSinceMs: number): void {
    const { adverts, recovery, log, dispatch } = this.#parts;
    const { config, override, router } = this.#instance;
    const before = this.#conditions;
    this.#conditions = now;
    if (now.primaryAddress !== null && now.primaryAddress !== before.primaryAddress) {
      dispatch({ kind: "primaryAddressChanged", address: now.primaryAddress });
      log.sourceChanged(before.primaryAddress, now.primaryAddress);
    }
    if (before.linkFault && !now.linkFault) recovery.cameUp(config, now.primaryAddress);
    // A promoted instance wants to be master, even if `preempt` is false; a limit of the priority stands above that.
    const promoted = override?.kind === "promoted";
    dispatch({
      kind: "electionChanged",
      priority: now.priority.effective,
      preempt: config.preempt || promoted,
      preemptDelayMs: promoted ? 0 : config.preemptDelayMs,
      lastResort: now.limits.length > 0,
    });
    if (now.priority.effective !== before.priority.effective) log.priorityChanged(before, now);
    if (now.faults.length > 0) this.#fault(now);
    else if (now.pending.length > 0) return;
    // An owner of the addresses is master at once.
    else if (now.priority.effective === PRIORITY_OWNER && !adverts.canSpeak()) {
      this.#instance.evaluate();
    } else if (router.state === "init") dispatch({ kind: "startup", listensSinceMs });
    else dispatch({ kind: "recovered", notBeforeMs: recovery.notBeforeMs });
    this.letBetterServe();
  }

  #fault({ silent }: Conditions): void {
    const { adverts, dispatch } = this.#parts;
    const stalled = adverts.stall.fault !== null;
    // The others have taken over, or do so now: there is nobody to wait for.
    if (stalled && this.#instance.serving) adverts.send(PRIORITY_RELEASE);
    dispatch({ kind: "fault", silent: silent || stalled });
  }

  /** In a sync group all members move or none does. */
  #othersSeen(): OtherNodesSeen {
    const seen = this.#instance.together.map((instance) => this.#context.others(instance));
    return {
      heldBack: seen.find(({ heldBack }) => heldBack !== null)?.heldBack ?? null,
      noneAble: seen.some(({ noneAble }) => noneAble),
      better: seen.every(({ better }) => better),
    };
  }

  #assess(): Conditions {
    const { host, acceptMode, owners, isVirtual, hostsOwn, electionsFromMs, instances } =
      this.#context;
    const { config, override, resources: { virtualMac, refused } } = this.#instance;
    const isVirtualInterface = (name: string) =>
      instances().some(({ resources }) => resources.virtualMac?.interface === name);
    const held: PriorityLimit[] = [...this.#parts.damping.limits];
    if (refused.unwell !== null) held.push({ what: refused.unwell, most: PRIORITY_UNWILLING });
    const surroundings = { ...this.#context, isVirtualInterface, held };
    const source = this.#source.look(
      host.interfaceState(config.interface),
      config,
      isVirtual,
      hostsOwn(config.interface),
    );
    const own = assessConditions(config, override, surroundings, source);
    const faults = [
      virtualMac?.fault ?? null,
      acceptMode.fault(config),
      owners.fault(config),
      refused.fault,
      this.#parts.adverts.stall.fault,
    ].filter((fault) => fault !== null);
    return {
      ...own,
      faults: [...own.faults, ...faults],
      unwell: refused.unwell === null ? own.unwell : [...own.unwell, refused.unwell],
      pending: host.nowMs() >= electionsFromMs
        ? own.pending
        : [...own.pending, "the start delay is not over"],
    };
  }
}

/** The part that fails, without what may change while it lasts, such as the last result of a check. */
function causeOfFault(fault: string): string {
  return /^(check|interface|tracked interface) [^ ,]+/.exec(fault)?.[0] ?? fault.split(": ")[0]!;
}
