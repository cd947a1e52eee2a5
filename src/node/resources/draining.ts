/**
 * Connections that outlive a hand-over between two nodes that both drain: the node that takes the addresses from a master that
 * was heard just now passes on to it what belongs to its connections.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import { familyOf, type IpAddress, isInNetwork, isIpv6LinkLocal } from "../../wire/address.ts";

/** A master that was silent for longer did not hand over: there is nobody to pass anything on to. */
const HEARD_WITHIN_ADVERTS = 2;

export class Draining {
  readonly #host: Host;
  readonly #journal: Journal;
  #heard: { readonly address: IpAddress; readonly atMs: number } | null = null;
  /** The last problem: reported once until it changes. */
  #problem = "";

  constructor(host: Host, journal: Journal) {
    this.#host = host;
    this.#journal = journal;
  }

  /** An advert of another master was accepted. */
  heard(address: IpAddress): void {
    this.#heard = { address, atMs: this.#host.nowMs() };
  }

  /** The addresses are on and about to be announced. */
  taken(config: InstanceConfig): void {
    const peer = this.#peerOf(config);
    if (peer === null) return;
    const drainMs = this.drainMs(config);
    // The peer is known by its address of the adverts' family only.
    const passed = config.addresses.filter(({ address }) => familyOf(address) === config.family);
    const errors = passed.map((address) =>
      this.#host.forwardConnections(address, config.interface, peer, drainMs)
    );
    this.#report(config, errors.find((error) => error !== null) ?? null);
  }

  /** How long the addresses serve on for those who are connected, now that another master was heard; 0 for not at all. */
  drainMs({ drainMs, virtualInterface }: InstanceConfig): number {
    // With a MAC address of its own the interface goes with the addresses.
    return virtualInterface === undefined ? drainMs : 0;
  }

  /** An address could not be kept. */
  notDrained(config: InstanceConfig, error: HostError): void {
    this.#report(config, error);
  }

  #peerOf(config: InstanceConfig): IpAddress | null {
    const heard = this.#heard;
    this.#heard = null;
    if (!heard || this.drainMs(config) === 0) return null;
    const recentMs = HEARD_WITHIN_ADVERTS * centisecondsToMs(config.advertIntervalCs);
    if (this.#host.nowMs() - heard.atMs > recentMs) return null;
    // Packets reach a neighbour as they are; behind a router they would be sent back here.
    const own = this.#host.interfaceState(config.interface)?.addresses ?? [];
    const isNeighbour = isIpv6LinkLocal(heard.address) ||
      own.some(({ address, prefixLength }) => isInNetwork(heard.address, address, prefixLength));
    return isNeighbour ? heard.address : null;
  }

  #report({ name }: InstanceConfig, error: HostError | null): void {
    const problem = error?.message ?? "";
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem === "") return;
    const message = `${name}: connections do not outlive this hand-over: ${problem}`;
    this.#journal.record("warning", "drain_failed", message, name);
  }
}
