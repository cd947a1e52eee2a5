/**
 * The routes and policy rules of one instance on the host, beside its addresses.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { type RoutingEntry, routingText, sameRouting } from "../vip/routing.ts";
import { Holder, RETRY_MS } from "./holder.ts";
import type { Host, HostError } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { RoutingStatus } from "./status.ts";

export class HeldRouting {
  readonly #config: InstanceConfig;
  readonly #entries: readonly RoutingEntry[];
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #holder: Holder<RoutingEntry>;

  constructor(config: InstanceConfig, host: Host, journal: Journal) {
    this.#config = config;
    this.#entries = config.routing ?? [];
    this.#host = host;
    this.#journal = journal;
    this.#holder = new Holder({
      same: sameRouting,
      put: (entry) => host.addRouting(entry),
      take: (entry) => host.removeRouting(entry),
      refused: (action, entry, error) => this.#refused(action, entry, error),
    }, host);
  }

  /** True when no route or rule is on the host any more. */
  get none(): boolean {
    return this.#holder.held.length === 0;
  }

  /** The addresses must be there: a route may need them as its source or to reach its gateway. */
  acquire(): void {
    this.#holder.want(this.#entries);
  }

  release(): void {
    this.#holder.want([]);
  }

  /**
   * Something changed on an interface: with an address or a link the kernel drops the routes that need it, and
   * tells nobody.
   */
  interfaceChanged(): void {
    if (this.none) return;
    const gone = this.#holder.missing(this.#host.ownRouting());
    if (gone.length === 0) return;
    if (this.#holder.wanted.length > 0) {
      const message = `${gone.map(routingText).join(", ")}: gone with an address or interface`;
      this.#record("warning", "routing_vanished", message);
    }
    this.#holder.lost(gone);
  }

  status(): RoutingStatus[] {
    return this.#entries.map((entry) => ({
      entry: routingText(entry),
      held: this.#holder.holds(entry),
    }));
  }

  #refused(action: "put" | "take", entry: RoutingEntry, error: HostError): void {
    const what = action === "put" ? "added" : "removed";
    const message = `${routingText(entry)} cannot be ${what}: ${error.message}; ` +
      `tried again every ${RETRY_MS / 1000} s`;
    this.#record("error", "routing_failed", message);
  }

  #record(severity: "error" | "warning", code: string, message: string): void {
    this.#journal.record(severity, code, `${this.#config.name}: ${message}`, this.#config.name);
  }
}
