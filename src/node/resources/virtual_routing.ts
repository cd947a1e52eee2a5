/**
 * The routes and policy rules of one instance on the host, next to its addresses.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { RoutingStatus } from "../../status/status.ts";
import {
  findRouting,
  routingDrift,
  type RoutingEntry,
  type RoutingFinding,
  routingIdentity,
  routingText,
  sameRouting,
} from "../../vip/routing.ts";
import { AlteredLog, listText } from "../journal/altered_log.ts";
import { Reconciler, RETRY_MS } from "./reconciler.ts";
import type { RefusedResources } from "./refused_resources.ts";

/** The rest of an instance as its routes and rules need it. */
export interface VirtualRoutingContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly refused: RefusedResources;
  /** Whether another instance of this node has added the same to the host; then it stays there. */
  readonly heldElsewhere: (entry: RoutingEntry) => boolean;
  /** Whether an address or interface that a route may need comes back in a moment, after which `again` is called. */
  readonly awaitsAddresses: () => boolean;
}

export class VirtualRouting {
  #entries: readonly RoutingEntry[];
  readonly #host: Host;
  readonly #altered: AlteredLog;
  readonly #refused: RefusedResources;
  readonly #reconciler: Reconciler<RoutingEntry>;
  readonly #awaitsAddresses: () => boolean;
  /** By identity. For the kernel one with further selectors is another rule, which would stay. */
  readonly #alteredRules = new Set<string>();
  /** True between `acquire` and `release`. */
  #active = false;

  constructor(config: InstanceConfig, context: VirtualRoutingContext) {
    const { host, journal, refused, heldElsewhere, awaitsAddresses } = context;
    this.#entries = config.routing;
    this.#host = host;
    this.#refused = refused;
    this.#awaitsAddresses = awaitsAddresses;
    this.#altered = new AlteredLog(config.name, journal, () => host.nowMs());
    this.#reconciler = new Reconciler({
      same: sameRouting,
      alike: (a, b) => routingDrift(a, b).length === 0,
      add: (entry) => {
        if (this.#alteredRules.delete(routingIdentity(entry))) host.removeRouting(entry);
        return host.addRouting(entry);
      },
      remove: (entry) => heldElsewhere(entry) ? null : host.removeRouting(entry),
      done: (_, entry) => refused.settled(routingIdentity(entry)),
      refused: (action, entry, error) => {
        const message = refusedText(action, entry, error);
        refused.refused(action, routingIdentity(entry), "routing_failed", message);
      },
      awaits: awaitsAddresses,
    }, host);
  }

  /** True when no route or rule is on the host any more. */
  get none(): boolean {
    return this.#reconciler.actual.length === 0;
  }

  holds(entry: RoutingEntry): boolean {
    return this.#reconciler.has(entry);
  }

  /** The addresses must be there: a route may need them as its source or to reach its gateway. */
  acquire(): void {
    this.#active = true;
    this.#reconciler.desire(this.#entries);
  }

  /** Other entries from now on; while they are on the host, what differs is put or taken at once. */
  reconfigure(config: InstanceConfig): void {
    this.#entries = config.routing;
    if (this.#active) this.acquire();
  }

  release(): void {
    this.#active = false;
    this.#reconciler.desire([]);
  }

  /** The addresses that the entries need may be back. */
  again(): void {
    this.#reconciler.again();
  }

  /**
   * Something changed on an interface or among the host's routes: with an address or a link the kernel drops the routes
   * that need it, and another program may take or change what it likes.
   */
  hostChanged(): void {
    this.again();
    if (this.none) return;
    const { actual: added, desired } = this.#reconciler;
    const actual = this.#host.ownRouting();
    const found = added.map((entry) => ({ entry, kind: findRouting(entry, actual).kind }));
    const of = (sought: RoutingFinding["kind"]) =>
      found.filter(({ kind }) => kind === sought).map(({ entry }) => entry);
    const [gone, altered] = [of("absent"), of("altered")];
    if (gone.length + altered.length === 0) return;
    if (gone.length > 0 && desired.length > 0) {
      const what = listText(gone.map(routingText));
      const message = `${what}: gone with an address or interface, or removed by another program`;
      this.#altered.record("routing_vanished", what, message);
    }
    if (altered.length > 0 && desired.length > 0) {
      const what = listText(altered.map(routingText));
      this.#altered.record("routing_altered", what, `another program changed ${what}`);
    }
    for (const entry of altered) {
      if (entry.kind === "rule") this.#alteredRules.add(routingIdentity(entry));
    }
    this.#reconciler.lost(gone, altered);
    // An entry that went with an address is not undone by anybody.
    if (desired.length === 0 || this.#awaitsAddresses()) return;
    for (const entry of [...gone, ...altered]) {
      this.#refused.undone(routingIdentity(entry), undoneText(entry));
    }
  }

  status(): RoutingStatus[] {
    const actual = this.none ? [] : this.#host.ownRouting();
    return this.#entries.map((entry) => ({
      entry: routingText(entry),
      held: this.#reconciler.has(entry) && findRouting(entry, actual).kind === "present",
    }));
  }
}

function refusedText(action: "add" | "remove", entry: RoutingEntry, error: HostError): string {
  const what = action === "add" ? "added" : "removed";
  return `${routingText(entry)} cannot be ${what}: ${error.message}; ` +
    `tried again every ${RETRY_MS / 1000} s`;
}

function undoneText(entry: RoutingEntry): string {
  return `${routingText(entry)} is removed or changed again and again by another program`;
}
