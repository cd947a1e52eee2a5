/**
 * Connections that outlive a hand-over. The old master keeps an address for its connected clients, silently; the new
 * one forwards their packets to it (wire/nftables/nft_drain.ts).
 *
 * Nothing of it outlives the program: the tables end with their socket, the silent address with its lifetime.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import type { HostError } from "../../host/errors.ts";
import { type Family, familyOf, type IpAddress } from "../../wire/address.ts";
import {
  type DrainPeer,
  type DrainTable,
  forwardTable,
  silentTable,
} from "../../wire/nftables/nft_drain.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { Libc } from "../sys/libc.ts";
import type { Timers } from "../sys/timers.ts";
import { NftSocket } from "./nft_socket.ts";

/** One table with its addresses. */
class Table {
  readonly #socket: NftSocket;
  readonly #named: (suffix: string) => DrainTable;
  readonly #addresses = new Set<IpAddress>();
  #created = false;

  constructor(libc: Libc, action: string, named: (suffix: string) => DrainTable) {
    this.#socket = new NftSocket(libc, action);
    this.#named = named;
  }

  add(address: IpAddress, peer?: DrainPeer): HostError | null {
    const error = this.#socket.change((suffix) => {
      const table = this.#named(suffix);
      return [
        ...(this.#created ? [] : table.create()),
        ...(this.#addresses.has(address) ? [table.remove(address)] : []),
        table.add(address, peer),
      ];
    }, !this.#created);
    if (error) return error;
    this.#created = true;
    this.#addresses.add(address);
    return null;
  }

  /** Removes the address from the table in any case, because a new master must not stay silent. */
  remove(address: IpAddress): void {
    if (!this.#addresses.delete(address)) return;
    const error = this.#socket.change((suffix) => [this.#named(suffix).remove(address)], false);
    if (error) this.close();
  }

  /** Removes the table with its owner; the next address creates it again. */
  close(): void {
    this.#socket.close();
    this.#created = false;
    this.#addresses.clear();
  }
}

export class Drain {
  readonly #timers: Timers;
  readonly #netlink: Netlink;
  readonly #forward: Readonly<Record<Family, Table>>;
  readonly #silent: Readonly<Record<Family, Table>>;
  /** Functions that end the draining or forwarding of an address, by address. */
  readonly #draining = new Map<IpAddress, () => void>();
  readonly #forwarding = new Map<IpAddress, () => void>();
  #idle: (() => void) | null = null;

  constructor(libc: Libc, timers: Timers, netlink: Netlink) {
    this.#timers = timers;
    this.#netlink = netlink;
    const action = "forward connections to the node that was master";
    this.#forward = {
      ipv4: new Table(libc, action, (suffix) => forwardTable("ipv4", suffix)),
      ipv6: new Table(libc, action, (suffix) => forwardTable("ipv6", suffix)),
    };
    const silent = "be silent about an address that is handed over";
    this.#silent = {
      ipv4: new Table(libc, silent, (suffix) => silentTable("ipv4", suffix)),
      ipv6: new Table(libc, silent, (suffix) => silentTable("ipv6", suffix)),
    };
  }

  /** Forwards packets of connections that did not begin here to `peer` for `forMs`. */
  forward(address: VirtualAddress, peer: DrainPeer, forMs: number): HostError | null {
    const table = this.#forward[familyOf(address.address)];
    const error = table.add(address.address, peer);
    if (error) return error;
    this.#forwarding.get(address.address)?.();
    const end = () => {
      cancel();
      this.#forwarding.delete(address.address);
      table.remove(address.address);
    };
    const cancel = this.#timers.set(performance.now() + forMs, end);
    this.#forwarding.set(address.address, cancel);
    return null;
  }

  /**
   * Keeps an address on its device for another `forMs`, unknown to the neighbours. On an error nothing has changed: the
   * caller must remove the address.
   */
  drainAddress(address: VirtualAddress, forMs: number): HostError | null {
    this.#stopForwarding(address.address);
    const silent = this.#silent[familyOf(address.address)];
    // The kernel removes it if this program is not there to do it.
    const leaseSeconds = Math.ceil(forMs / 1000) + 1;
    const error = silent.add(address.address) ??
      this.#netlink.addAddress(address, leaseSeconds);
    if (error) {
      silent.remove(address.address);
      return error;
    }
    this.#draining.get(address.address)?.();
    const cancel = this.#timers.set(performance.now() + forMs, () => {
      this.#netlink.removeAddress(address);
      this.release(address.address);
    });
    this.#draining.set(address.address, cancel);
    return null;
  }

  /** The address is used again, or is removed: ends its draining. */
  release(address: IpAddress): void {
    const cancel = this.#draining.get(address);
    if (!cancel) return;
    cancel();
    this.#draining.delete(address);
    this.#silent[familyOf(address)].remove(address);
    if (this.#draining.size === 0) this.#idle?.();
  }

  /** Resolves when no address is drained any more. */
  async settled(): Promise<void> {
    if (this.#draining.size > 0) await new Promise<void>((resolve) => this.#idle = resolve);
  }

  close(): void {
    for (const tables of [this.#forward, this.#silent]) {
      for (const table of Object.values(tables)) table.close();
    }
  }

  #stopForwarding(address: IpAddress): void {
    const cancel = this.#forwarding.get(address);
    if (!cancel) return;
    cancel();
    this.#forwarding.delete(address);
    this.#forward[familyOf(address)].remove(address);
  }
}
