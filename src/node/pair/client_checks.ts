/**
 * The answers that the front, as a client, got from the virtual addresses that other nodes hold.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import { CLIENT_EVERY_MS, CLIENT_GAP_MS, type ClientReport } from "../../status/client_report.ts";
import type { ClientCheckStatus } from "../../status/status.ts";
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

  constructor(clock: Clock, instances: () => readonly Instance[]) {
    this.#clock = clock;
    this.#instances = instances;
  }

  /** The names of the instances whose address the front asks now. */
  get wanted(): string[] {
    return this.#instances().filter(isAsked).map(({ config }) => config.name);
  }

  /** Takes a result and returns its instance; `null` if that is not backup any more: the question was an older one's. */
  take({ instance: name, target, ok, detail }: ClientReport): Instance | null {
    const instance = this.#instances().find(({ config }) => config.name === name);
    if (instance === undefined || !isAsked(instance)) return null;
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
    const asked = this.#asked.get(instance);
    if (asked) asked.last = null;
  }

  /**
   * The last result, while it says something about the node that has the address: it is recent, the adverts of that
   * node are not overdue, and a question that vipd derived from the checks has been answered before.
   */
  status(instance: Instance): ClientCheckStatus | null {
    const asked = this.#asked.get(instance);
    if (!asked?.last || !isAsked(instance) || this.#isOverdue(instance)) return null;
    const { target, answered, last: { ok, detail, atMs, wallMs } } = asked;
    if (this.#clock.nowMs() - atMs > this.#roundMs + SLACK_MS) return null;
    if (!answered && instance.config.clientCheck === "auto") return null;
    return { target, ok, at: new Date(wallMs).toISOString(), detail };
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

function isAsked({ config, router }: Instance): boolean {
  return router.state === "backup" && config.clientCheck !== "off";
}
