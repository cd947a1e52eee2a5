/**
 * Rules that must hold for a cluster at every moment, whatever happens to it.
 *
 * @module
 */

import { RESOLUTION_MS } from "../node/instance/link_recovery.ts";
import type { InstanceStatus } from "../status/status.ts";
import type { RouterState } from "../vrrp/router_events.ts";
import { EXPIRY_LATE_MS } from "./carried_addresses.ts";
import type { SimCluster, SimNode } from "./cluster.ts";

export type InvariantName =
  /** The address is on a node exactly while its process is master. */
  | "address_follows_state"
  /** Nodes that hear each other have one master, once everything has settled. */
  | "one_master"
  /** A node that is able to serve hears a master or is it, at the latest after Master_Down_Interval. */
  | "somebody_serves"
  /** In peace, on a link that loses nothing, nobody becomes master or ceases to be. */
  | "no_flapping"
  /** The address of a process that is gone or hangs is gone when its lease ends. */
  | "lease_ends"
  /** A master that stood still for longer than its lease is none when it wakes, unless it was promoted. */
  | "woken_is_backup";

export interface Violation {
  readonly atMs: number;
  readonly invariant: InvariantName;
  readonly message: string;
}

/** An address that another program took is back after so long (node/resources/virtual_addresses.ts), in milliseconds. */
const PUT_BACK_MS = 1001;
/** Delay and jitter of a good link, and the order of things that are due at one time. */
const MARGIN_MS = 50;

/** Looks after every event; reports each problem once. */
export class Invariants {
  readonly #cluster: SimCluster;
  readonly #violations: Violation[] = [];
  readonly #reported = new Set<string>();
  /** Since when something has been so. */
  #since = new Map<string, number>();
  readonly #states = new Map<SimNode, RouterState>();
  #calmSinceMs = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Something was done to the cluster just now: it may need time to settle. */
  disturbed(): void {
    this.#calmSinceMs = this.#cluster.time.nowMs;
    this.#since.clear();
  }

  /** The caller calls it after every event. */
  check(): void {
    const { nodes } = this.#cluster;
    const running = nodes.filter((node) => node.running);
    const states = new Map(running.map((node) => [node, node.status]));
    for (const [node, status] of states) {
      this.#checkAddress(node, status.state);
      this.#checkWake(node, status);
    }
    for (const node of nodes) this.#checkLease(node);
    const able = (node: SimNode) => {
      const status = states.get(node);
      return status !== undefined && status.faults.length === 0 && status.state !== "init";
    };
    const masters = nodes.filter((node) => states.get(node)?.state === "master" && able(node));
    const since = new Map<string, number>();
    const lasts = (what: string) => {
      const atMs = this.#since.get(what) ?? this.#cluster.time.nowMs;
      since.set(what, atMs);
      return this.#cluster.time.nowMs - atMs;
    };
    for (const node of nodes) {
      if (!able(node) || masters.some((master) => this.#cluster.hears(node, master))) continue;
      const { network } = this.#cluster;
      // After its link came up a node waits at least as long as neighbours may need to find each other.
      const takeoverMs = Math.max(this.#cluster.takeoverMs, RESOLUTION_MS);
      // The last adverts of the old master may still be on their way.
      if (lasts(`none ${node.name}`) <= takeoverMs + network.longestMs + MARGIN_MS) continue;
      this.#violated("somebody_serves", `${node.name} hears no master and does not become it`);
    }
    if (masters.length > 1) {
      for (const side of this.#cluster.sides()) {
        const found = side.filter((node) => masters.includes(node)).map(({ name }) => name);
        if (found.length < 2 || lasts(`two ${found}`) <= this.#cluster.settleMs) continue;
        this.#violated("one_master", `${found.join(" and ")} are master and hear each other`);
      }
    }
    this.#since = since;
  }

  #checkAddress(node: SimNode, state: RouterState): void {
    const { nowMs } = this.#cluster.time;
    if (node.holds && state !== "master") {
      this.#violated("address_follows_state", `${node.name} holds the address as ${state}`);
    }
    const justStolen = nowMs - node.stolenAtMs <= PUT_BACK_MS;
    if (!node.holds && state === "master" && !justStolen) {
      this.#violated("address_follows_state", `${node.name} is master without the address`);
    }
    const before = this.#states.get(node);
    this.#states.set(node, state);
    if (before === undefined || before === state) return;
    const calm = nowMs - this.#calmSinceMs > this.#cluster.settleMs;
    if (calm && this.#cluster.network.lossless) {
      this.#violated("no_flapping", `${node.name} goes from ${before} to ${state}`);
    }
  }

  #checkLease(node: SimNode): void {
    const { leaseMs, stillSinceMs } = node;
    if (!node.holds || stillSinceMs === null) return;
    if (this.#cluster.time.nowMs - stillSinceMs <= leaseMs + EXPIRY_LATE_MS) return;
    this.#violated(
      "lease_ends",
      `${node.name} holds the address although its process stands still`,
    );
  }

  #checkWake({ name, leaseMs, woke }: SimNode, { state, reason }: InstanceStatus): void {
    if (woke?.atMs !== this.#cluster.time.nowMs || woke.hungForMs < leaseMs || !woke.held) return;
    if (state !== "master" || reason.code === "promote") return;
    this.#violated(
      "woken_is_backup",
      `${name} is still master after ${Math.round(woke.hungForMs)} ms of sleep`,
    );
  }

  #violated(invariant: InvariantName, message: string): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.#violations.push({ atMs: this.#cluster.time.nowMs, invariant, message });
  }
}
