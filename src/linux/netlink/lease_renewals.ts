/**
 * Renews the leases of addresses that are on their interfaces: one call to the kernel for all instances whose adverts
 * leave at the same time, each encoded once. It runs with adverts, so every microsecond counts.
 *
 * @module
 */

import type { VirtualAddress } from "../../host/addresses.ts";
import type { HostError } from "../../host/errors.ts";
import type { IpAddress } from "../../wire/address.ts";
import {
  encodeMessage,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  RTM_NEWADDR,
} from "../../wire/netlink/netlink.ts";
import { encodeAddress } from "../../wire/netlink/rtnetlink.ts";
import { asHostError, ENODEV, hostError } from "../sys/errors.ts";
import type { Octets } from "../sys/libc.ts";
import {
  DATAGRAM_OCTETS,
  datagramsOf,
  type NetlinkRequester,
  QUIET_SEQUENCE,
} from "./netlink_socket.ts";

/**
 * IFA_PROTO of the addresses that vipd adds, which distinguishes them from all others. The kernel stores it unchanged
 * (since Linux 5.18; before, it ignores it); `ip -d address` shows it as `proto 0x76`.
 */
export const VIPD_ADDRESS_PROTOCOL = 118;

/** The payload that adds an address to its device or changes its lifetime, with vipd's mark. */
export function encodePut(
  address: VirtualAddress,
  index: number,
  leaseSeconds: number | undefined,
): Octets {
  const lifetime = leaseSeconds === undefined ? {} : { validSeconds: leaseSeconds };
  return encodeAddress({ ...address, ...lifetime, index, protocol: VIPD_ADDRESS_PROTOCOL });
}

/** The request of one instance. */
export interface Renewal {
  readonly addresses: readonly VirtualAddress[];
  readonly leaseSeconds: number;
  /** Called some time after `perform`, never during it. */
  readonly failed: (error: HostError) => void;
}

/** The messages that renew some addresses, as long as their devices keep their indices. */
interface Batch {
  readonly leaseSeconds: number;
  readonly indices: ReadonlyMap<string, number>;
  /** `HostAddresses.foreignChanges` when it was made. */
  readonly foreignChanges: number;
  readonly datagrams: readonly Octets[];
}

/** The facts about the host's addresses that renewals need. */
export interface HostAddresses {
  indexOf(device: string): number | undefined;
  /** True for an address that only the host itself has added: vipd gives it no lease. */
  isForeign(index: number, address: IpAddress): boolean;
  /** Grows when the answers of `isForeign` may change. */
  foreignChanges(): number;
}

export class LeaseRenewals {
  readonly #requester: NetlinkRequester;
  readonly #host: HostAddresses;
  readonly #nowMs: () => number;
  /**
   * By the array that was given, which its type forbids to change: a master gives the same one until its addresses
   * change, and the batch goes with it. A key of hundreds of addresses would cost more than the renewal.
   */
  readonly #batches = new WeakMap<readonly VirtualAddress[], Batch>();
  readonly #datagram: Octets = new Uint8Array(DATAGRAM_OCTETS);
  #asked: Renewal[] = [];
  /** The time of the first request among them. */
  #askedMs = 0;

  constructor(requester: NetlinkRequester, host: HostAddresses, nowMs: () => number) {
    this.#requester = requester;
    this.#host = host;
    this.#nowMs = nowMs;
  }

  /** True if no renewal is requested. */
  get none(): boolean {
    return this.#asked.length === 0;
  }

  add(renewal: Renewal): void {
    if (this.none) this.#askedMs = this.#nowMs();
    this.#asked.push(renewal);
  }

  /** Drops all requests. */
  forget(): void {
    this.#asked = [];
  }

  /**
   * Equivalent to `ip address replace ADDRESS/PREFIX dev DEVICE valid_lft SECONDS` for each requested address; an IPv6
   * address stays deprecated.
   */
  perform(): void {
    const ageMs = this.#nowMs() - this.#askedMs;
    // The program was stopped in the middle of a turn, and the kernel has removed the addresses. Renewing them would
    // add them again, at the same time as another master's. The requester notices that by its own clock.
    const renewals = this.#asked.filter(({ leaseSeconds }) => ageMs < leaseSeconds * 1000);
    this.#asked = [];
    if (this.#renewTogether(renewals)) return;
    // Separate requests show which of them the kernel refuses; renewing the others twice does no harm.
    for (const renewal of renewals) {
      const error = this.#renewAlone(renewal);
      if (error) queueMicrotask(() => renewal.failed(error));
    }
  }

  /** True if all are renewed. */
  #renewTogether(renewals: readonly Renewal[]): boolean {
    let used = 0;
    const post = () => used === 0 || !this.#requester.post(this.#datagram.subarray(0, used));
    try {
      for (const renewal of renewals) {
        const batch = this.#batchOf(renewal);
        if (!batch) return false;
        for (const octets of batch.datagrams) {
          if (used + octets.length > DATAGRAM_OCTETS) {
            if (!post()) return false;
            used = 0;
          }
          this.#datagram.set(octets, used);
          used += octets.length;
        }
      }
      return post();
    } catch {
      // The separate requests report each error.
      return false;
    }
  }

  #renewAlone(renewal: Renewal): HostError | null {
    const action = `renew the lease of ${renewal.addresses.length} addresses`;
    try {
      const batch = this.#batchOf(renewal);
      if (!batch) return hostError(action, "rtnetlink", ENODEV, "an interface is gone");
      for (const octets of batch.datagrams) {
        const refusal = this.#requester.post(octets);
        if (refusal) return hostError(action, "rtnetlink", refusal.errno, refusal.text);
      }
      return null;
    } catch (error) {
      return asHostError(error);
    }
  }

  /** `null` while one of the devices does not exist. */
  #batchOf({ addresses, leaseSeconds }: Renewal): Batch | null {
    const known = this.#batches.get(addresses);
    if (known?.leaseSeconds === leaseSeconds && this.#isCurrent(known)) return known;
    const indices = new Map<string, number>();
    for (const { device } of addresses) {
      const index = this.#host.indexOf(device);
      if (index === undefined) return null;
      indices.set(device, index);
    }
    const renewed = addresses.filter(({ device, address }) =>
      !this.#host.isForeign(indices.get(device)!, address)
    );
    const messages = renewed.map((address) => {
      const payload = encodePut(address, indices.get(address.device)!, leaseSeconds);
      const flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
      return encodeMessage(RTM_NEWADDR, flags, QUIET_SEQUENCE, payload);
    });
    const foreignChanges = this.#host.foreignChanges();
    const batch = { leaseSeconds, indices, foreignChanges, datagrams: datagramsOf(messages) };
    this.#batches.set(addresses, batch);
    return batch;
  }

  #isCurrent({ indices, foreignChanges }: Batch): boolean {
    if (foreignChanges !== this.#host.foreignChanges()) return false;
    for (const [device, index] of indices) {
      if (this.#host.indexOf(device) !== index) return false;
    }
    return true;
  }
}
