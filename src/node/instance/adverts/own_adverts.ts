/**
 * The adverts of one instance: sends them, renews the lease with those that leave, and ends a mastership whose adverts
 * do not.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { HostError } from "../../../host/errors.ts";
import type { Host } from "../../../host/host.ts";
import type { DroppedBy } from "../../../status/status.ts";
import type { VirtualRouter } from "../../../vrrp/router.ts";
import { centisecondsToMs } from "../../../vrrp/timers.ts";
import type { AuthenticationField } from "../../../wire/vrrp.ts";
import type { Alarms } from "../../journal/alarms.ts";
import type { VrrpPorts } from "../../links/ports.ts";
import type { InstanceResources } from "../../resources/instance_resources.ts";
import type { Conditions } from "../conditions.ts";
import type { InstanceLog } from "../instance_log.ts";
import { AdvertSender, type SendOutcome, type SentCounters } from "./advert_sender.ts";
import type { SendMarks } from "./send_marks.ts";
import { SendStall } from "./send_stall.ts";
import { WayOut } from "./way_out.ts";

/** A master whose adverts do not leave yields so long before the kernel removes its addresses, in milliseconds. */
const LEASE_EARLY_MS = 20;

/** The instance whose adverts they are. */
export interface AdvertisingInstance {
  readonly config: InstanceConfig;
  readonly router: Pick<
    VirtualRouter,
    "state" | "handingOver" | "priority" | "masterDownIntervalMs"
  >;
  readonly conditions: Pick<Conditions, "primaryAddress">;
  readonly resources: Pick<InstanceResources, "addresses" | "virtualMac">;
  readonly log: InstanceLog;
  /** On the way out. */
  readonly stopping: boolean;
  evaluate(): void;
}

/** The way out of the adverts, and who hears if they do not leave. */
export interface AdvertContext {
  readonly host: Host;
  readonly ports: VrrpPorts;
  readonly marks: SendMarks;
  readonly alarms: Alarms;
  /** The rules of this machine's firewall that drop them. */
  readonly droppedBy: () => DroppedBy | null;
}

export class OwnAdverts {
  /** Adverts that do not leave, and the consequences. */
  readonly stall: SendStall;
  readonly #wayOut = new WayOut();
  readonly #instance: AdvertisingInstance;
  readonly #sender: AdvertSender;

  constructor(
    instance: AdvertisingInstance,
    authentication: AuthenticationField,
    { host, ports, marks, alarms, droppedBy }: AdvertContext,
  ) {
    const { config, log, resources } = instance;
    this.#instance = instance;
    this.stall = new SendStall({
      ...{ host, alarms, log, instance: config.name, droppedBy },
      changed: () => this.#stallChanged(),
    });
    this.#sender = new AdvertSender(config, authentication, {
      ...{ host, ports, marks },
      virtualMac: resources.virtualMac?.mac ?? null,
      outcome: (outcome) => this.#sent(outcome),
    });
  }

  get counters(): SentCounters {
    return this.#sender.counters;
  }

  /** Why this machine does not let adverts out, one sentence; `null` if it does, or nothing is known. */
  get blocked(): string | null {
    return this.#wayOut.problem ?? this.stall.blocked;
  }

  /** True if the kernel can be asked whether an advert would leave, and no advert says it. */
  get asks(): boolean {
    const { router: { state }, conditions, stopping } = this.#instance;
    const silent = state === "backup" || state === "fault";
    return silent && !stopping && conditions.primaryAddress !== null && this.#sender.asks;
  }

  /** The kernel's answer, only where {@link asks}. */
  ask(): HostError | null {
    const { router, conditions } = this.#instance;
    return this.#sender.ask(router.priority, conditions.primaryAddress!);
  }

  /** Takes the kernel's answer. */
  answered(error: HostError | null): void {
    if (!this.#wayOut.answered(error)) return;
    this.stall.opened(() => this.#instance.evaluate());
  }

  /** The next advert is one of the new configuration. */
  reconfigure(config: InstanceConfig, authentication: AuthenticationField): void {
    this.#sender.reconfigure(config, authentication);
  }

  /** Sends one advert of this priority. */
  send(priority: number): void {
    const { config, conditions } = this.#instance;
    const source = conditions.primaryAddress;
    if (source !== null) this.#sender.send(priority, source);
    else if (!config.trackInterface) this.#sent({ left: true, error: null });
  }

  /** If the last adverts did not leave, one must leave before the addresses are added, so that the present master hears it. */
  canSpeak(): boolean {
    if (!this.stall.suspect) return true;
    this.send(this.#instance.router.priority);
    this.stall.stall();
    return !this.stall.suspect;
  }

  /** An advert that did not leave renews nothing: the others see a silent node. */
  #sent(outcome: SendOutcome): void {
    const { config, router, resources: { addresses } } = this.#instance;
    const silentMs = config.downTimerAdverts * centisecondsToMs(config.advertIntervalCs);
    const deadlineMs = addresses.leaseEndsMs ?? this.stall.lastLeftMs + silentMs;
    const master = router.state === "master";
    this.#wayOut.sent(outcome);
    this.stall.sent(outcome, master ? deadlineMs - LEASE_EARLY_MS : Infinity);
    if (outcome.left) addresses.advertLeaves(router.handingOver);
  }

  #stallChanged(): void {
    if (this.#instance.stopping) return;
    this.stall.mayTryWithin(this.#instance.router.masterDownIntervalMs);
    this.#instance.evaluate();
  }
}
