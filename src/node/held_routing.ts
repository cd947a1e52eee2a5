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
import type { JournalCode } from "./journal_codes.ts";
import type { RoutingStatus } from "./status.ts";

export class HeldRouting {
  readonly #name: string;
  #entries: readonly RoutingEntry[];
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #holder: Holder<RoutingEntry>;
  /** True between `acquire` and `release`. */
  #active = false;

  /** `heldElsewhere`: another instance of this node has put the same on the host; then it stays there. */
  constructor(
    config: InstanceConfig,
    host: Host,
    journal: Journal,
    heldElsewhere: (entry: RoutingEntry) => boolean,
  ) {
    this.#name = config.name;
    this.#entries = config.routing ?? [];
    this.#host = host;
    this.#journal = journal;
    this.#holder = new Holder({
      same: sameRouting,
      put: (entry) => host.addRouting(entry),
      take: (entry) => heldElsewhere(entry) ? null : host.removeRouting(entry),
      refused: (action, entry, error) => this.#refused(action, entry, error),
    }, host);
  }

  /** True when no route or rule is on the host any more. */
  get none(): boolean {
    return this.#holder.held.length === 0;
  }

  holds(entry: RoutingEntry): boolean {
    return this.#holder.holds(entry);
  }

  /** The addresses must be there: a route may need them as its source or to reach its gateway. */
  acquire(): void {
    this.#active = true;
    this.#holder.want(this.#entries);
  }

  /** Other entries from now on; while they are on the host, what differs is put or taken at once. */
  reconfigure(config: InstanceConfig): void {
    this.#entries = config.routing ?? [];
    if (this.#active) this.acquire();
  }

  release(): void {
    this.#active = false;
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

  #record(severity: "error" | "warning", code: JournalCode, message: string): void {
    this.#journal.record(severity, code, `${this.#name}: ${message}`, this.#name);
  }
}
