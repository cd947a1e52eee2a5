/**
 * The sources that a simulated process listens to on its machine: VRRP ports, taps, claims to addresses, changes of interfaces.
 *
 * @module
 */

import type { HeardClaim } from "../host/claims.ts";
import type { VrrpDatagram } from "../host/vrrp.ts";
import {
  type Family,
  familyOf,
  type IpAddress,
  isMulticast,
  type MacAddress,
} from "../wire/address.ts";

/** An open port. */
interface Receiver {
  readonly family: Family;
  /** The multicast groups that it has joined. */
  readonly groups: readonly IpAddress[];
  readonly receive: (datagram: VrrpDatagram) => void;
}

/** A part that listens for claims to some addresses. */
interface ClaimListener {
  readonly addresses: readonly IpAddress[];
  readonly heard: (claim: HeardClaim) => void;
}

export class Listeners {
  readonly #receivers = new Set<Receiver>();
  readonly #claims = new Set<ClaimListener>();
  readonly #taps = new Set<(datagram: VrrpDatagram, from: MacAddress) => void>();
  readonly #watchers = new Set<(name: string) => void>();
  readonly #routing = new Set<() => void>();

  /** Its process is gone. */
  clear(): void {
    this.#receivers.clear();
    this.#claims.clear();
    this.#taps.clear();
    this.#watchers.clear();
    this.#routing.clear();
  }

  /** The answer ends it, here and below. */
  onDatagram(receiver: Receiver): () => void {
    return added(this.#receivers, receiver);
  }

  onClaim(listener: ClaimListener): () => void {
    return added(this.#claims, listener);
  }

  onFrame(heard: (datagram: VrrpDatagram, from: MacAddress) => void): () => void {
    return added(this.#taps, heard);
  }

  onChange(watcher: (name: string) => void): void {
    this.#watchers.add(watcher);
  }

  onRouting(watcher: () => void): void {
    this.#routing.add(watcher);
  }

  /** A datagram reaches the ports of its family; one to a group, those that joined it. */
  datagram(datagram: VrrpDatagram): void {
    const family = familyOf(datagram.destination);
    for (const receiver of this.#receivers) {
      const { destination } = datagram;
      const joined = !isMulticast(destination) || receiver.groups.includes(destination);
      if (receiver.family === family && joined) receiver.receive(datagram);
    }
  }

  /** A frame passes on the wire. */
  frame(datagram: VrrpDatagram, from: MacAddress): void {
    for (const heard of this.#taps) heard(datagram, from);
  }

  claim(claim: HeardClaim): void {
    for (const { addresses, heard } of this.#claims) {
      if (addresses.includes(claim.address)) heard(claim);
    }
  }

  routing(): void {
    for (const watcher of this.#routing) watcher();
  }

  change(name: string): void {
    for (const watcher of this.#watchers) watcher(name);
  }
}

function added<T>(all: Set<T>, one: T): () => void {
  all.add(one);
  return () => void all.delete(one);
}
