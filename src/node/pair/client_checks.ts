/**
 * The answers that the front, as a client, got from the virtual addresses that other nodes hold.
 *
 * @module
 */

import { clientTargets, targetText } from "../../config/client_target.ts";
import type { Config } from "../../config/model.ts";
import type { Clock } from "../../host/clock.ts";
import {
  ADDRESS_NOT_ASKED,
  CLIENT_EVERY_MS,
  CLIENT_GAP_MS,
  type ClientReport,
} from "../../status/reports/client_report.ts";
import type { ClientCheckStatus, StrayAddress } from "../../status/status.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Instance } from "../instance/instance.ts";

/** A result counts for so much longer than it takes until the next question, in milliseconds. */
const SLACK_MS = 4000;
/** An advert may be late by this much, in milliseconds, or by half an interval. */
const LATE_MS = 500;

interface Result extends Pick<ClientReport, "ok" | "detail"> {
  /** Monotonic. */
  readonly atMs: number;
  readonly wallMs: number;
}

interface Asked {
  readonly target: string;
  /** The last one since the instance became backup. */
  last: Result | null;
  answered: boolean;
}

export class ClientChecks {
  readonly #clock: Clock;
  readonly #instances: () => readonly Instance[];
  readonly #asked = new WeakMap<Instance, Asked>();
  /** Monotonic: since when each is what it is. */
  readonly #changedMs = new WeakMap<Instance, number>();
  readonly #isHere: (instance: Instance) => boolean;
  readonly #hidden: (instance: Instance) => StrayAddress | null;
  /** The question of each instance that has one, by the instance's name. */
  #targets: ReadonlyMap<string, string> = new Map();

  /**
   * @param isHere this machine has an address of the instance itself
   * @param hidden the one that it has for good, and that no other machine sees
   */
  constructor(
    config: Config,
    clock: Clock,
    instances: () => readonly Instance[],
    isHere: (instance: Instance) => boolean,
    hidden: (instance: Instance) => StrayAddress | null,
  ) {
    this.#clock = clock;
    this.#instances = instances;
    this.#isHere = isHere;
    this.#hidden = hidden;
    this.reconfigure(config);
  }

  /** Another configuration from now on. */
  reconfigure(config: Config): void {
    this.#targets = new Map(
      clientTargets(config).map((target) => [target.instance, targetText(target)]),
    );
  }

  /** The names of the instances whose address the front asks now. */
  get wanted(): string[] {
    return this.#instances().filter(isAsked).map(({ config }) => config.name);
  }

  /** Takes a result and returns its instance; `null` if the question did not go to another node that serves it. */
  take({ instance: name, target, ok, detail }: ClientReport): Instance | null {
    const instance = this.#instances().find(({ config }) => config.name === name);
    // An answer of this machine itself says nothing about the node that has the address.
    if (instance === undefined || !isAsked(instance) || this.#isHere(instance)) return null;
    const known = this.#asked.get(instance);
    const asked = known?.target === target ? known : { target, last: null, answered: false };
    const [atMs, wallMs] = [this.#clock.nowMs(), this.#clock.wallClockMs()];
    asked.last = { ok, detail, atMs, wallMs };
    asked.answered ||= ok;
    this.#asked.set(instance, asked);
    return instance;
  }

  /** The instance became backup or ceased to be: what its address answered before was another node's word. */
  stateChanged(instance: Instance): void {
    this.#changedMs.set(instance, this.#clock.nowMs());
    const asked = this.#asked.get(instance);
    if (asked) asked.last = null;
  }

  /**
   * The last result, while it says something about the node that has the address: another machine was asked, it is
   * recent, the adverts of that node are not overdue, and a question that vipd derived from the checks has been answered before.
   */
  status(instance: Instance): ClientCheckStatus | null {
    const asked = this.#recent(instance);
    if (asked === null || !this.#mayJudge(instance) || !counts(asked, instance)) return null;
    const { target, last: { ok, detail, wallMs } } = asked;
    return { target, ok, at: new Date(wallMs).toISOString(), detail };
  }

  /** Why there is no result although there is a question; `null` if there is one, or is to be none. */
  unknown(instance: Instance): string | null {
    const hidden = isAsked(instance) && this.#targets.has(instance.config.name)
      ? this.#hidden(instance)
      : null;
    if (hidden) {
      return `${hidden.address} is on its own ${hidden.device}, so it would ask itself; no other ` +
        "machine sees that address there";
    }
    if (!this.#mayJudge(instance)) return null;
    const asked = this.#recent(instance);
    if (asked !== null) {
      if (counts(asked, instance)) return null;
      return `${asked.target} has not answered once: ${asked.last.detail}`;
    }
    const target = this.#targets.get(instance.config.name);
    // With very many instances it is not its turn at once.
    const ageMs = this.#clock.nowMs() - (this.#changedMs.get(instance) ?? 0);
    return target === undefined || ageMs < this.#roundMs - CLIENT_EVERY_MS
      ? null
      : `${ADDRESS_NOT_ASKED} ${target} of late`;
  }

  /** Whether there is another machine to judge now. */
  #mayJudge(instance: Instance): boolean {
    return isAsked(instance) && !this.#isOverdue(instance) && !this.#isHere(instance);
  }

  #recent(instance: Instance): (Asked & { readonly last: Result }) | null {
    const asked = this.#asked.get(instance);
    if (!asked?.last) return null;
    const { last } = asked;
    return this.#clock.nowMs() - last.atMs > this.#roundMs + SLACK_MS ? null : { ...asked, last };
  }

  /** How long the front takes to ask all. */
  get #roundMs(): number {
    return Math.max(CLIENT_EVERY_MS, this.#instances().length * CLIENT_GAP_MS);
  }

  /** A master that is silent may be gone: then the takeover is the answer. */
  #isOverdue({ config, router }: Instance): boolean {
    const intervalMs = centisecondsToMs(config.advertIntervalCs);
    const limitMs = intervalMs + Math.max(LATE_MS, intervalMs / 2);
    return this.#clock.nowMs() - router.masterHeardMs > limitMs;
  }
}

/** A client check that was derived from the checks may be none that the address could answer. */
function counts({ answered }: Asked, { config }: Instance): boolean {
  return answered || config.clientCheck !== "auto";
}

function isAsked({ config, router }: Instance): boolean {
  return router.state === "backup" && config.clientCheck !== "off";
}
