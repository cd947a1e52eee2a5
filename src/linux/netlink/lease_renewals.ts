/**
 * Renews the leases of addresses that are on their interfaces: one call to the kernel for all instances whose adverts
 * leave at one time, each encoded once. It rides on adverts, so every microsecond counts.
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
} from "../../wire/netlink.ts";
import { encodeAddress } from "../../wire/rtnetlink.ts";
import { asHostError, ENODEV, hostError } from "../sys/errors.ts";
import type { Octets } from "../sys/libc.ts";
import {
  DATAGRAM_OCTETS,
  datagramsOf,
  type NetlinkRequester,
  QUIET_SEQUENCE,
} from "./netlink_socket.ts";

/**
 * IFA_PROTO of the addresses that vipd adds, so that they can be told from all others. The kernel keeps it as it is
 * given (since Linux 5.18; before, it ignores it); `ip -d address` shows it as `proto 0x76`.
 */
export const VIPD_ADDRESS_PROTOCOL = 118;

/** The payload that puts an address on its device or changes its lifetime, with vipd's mark. */
export function encodePut(
  address: VirtualAddress,
  index: number,
  leaseSeconds: number | undefined,
): Octets {
  const lifetime = leaseSeconds === undefined ? {} : { validSeconds: leaseSeconds };
  return encodeAddress({ ...address, ...lifetime, index, protocol: VIPD_ADDRESS_PROTOCOL });
}

/** What one instance asks for. */
export interface Renewal {
  readonly addresses: readonly VirtualAddress[];
  readonly leaseSeconds: number;
  /** Called some time after `perform`, never during it. */
  readonly failed: (error: HostError) => void;
}

/** What renews some addresses, as long as their devices keep their indices. */
interface Batch {
  readonly leaseSeconds: number;
  readonly indices: ReadonlyMap<string, number>;
  /** `HostAddresses.foreignChanges` when it was made. */
  readonly foreignChanges: number;
  readonly datagrams: readonly Octets[];
}

/** What renewals must know of the host's addresses. */
export interface HostAddresses {
  indexOf(device: string): number | undefined;
  /** True of an address that the host has of its own alone: it has no lease from here. */
  isForeign(index: number, address: IpAddress): boolean;
  /** Grows when `isForeign` may answer otherwise than before. */
  foreignChanges(): number;
}

export class LeaseRenewals {
  readonly #requester: NetlinkRequester;
  readonly #host: HostAddresses;
  readonly #nowMs: () => number;
  readonly #batches = new WeakMap<readonly VirtualAddress[], Batch>();
  readonly #datagram: Octets = new Uint8Array(DATAGRAM_OCTETS);
  #asked: Renewal[] = [];
  /** When the first of them was asked for. */
  #askedMs = 0;

  constructor(requester: NetlinkRequester, host: HostAddresses, nowMs: () => number) {
    this.#requester = requester;
    this.#host = host;
    this.#nowMs = nowMs;
  }

  /** True when no renewal is asked for. */
  get none(): boolean {
    return this.#asked.length === 0;
  }

  add(renewal: Renewal): void {
    if (this.none) this.#askedMs = this.#nowMs();
    this.#asked.push(renewal);
  }

  /** Nothing is asked for any more. */
  forget(): void {
    this.#asked = [];
  }

  /**
   * Equivalent to `ip address replace ADDRESS/PREFIX dev DEVICE valid_lft SECONDS` for each address of all that was asked
   * for; an IPv6 address stays deprecated.
   */
  perform(): void {
    const ageMs = this.#nowMs() - this.#askedMs;
    // The program was stopped in the middle of a turn, and the kernel has taken the addresses off: to renew them would put
    // them back, beside another master's. Whoever asked finds out by its own clock.
    const renewals = this.#asked.filter(({ leaseSeconds }) => ageMs < leaseSeconds * 1000);
    this.#asked = [];
    if (this.#renewTogether(renewals)) return;
    // Who it is that the kernel refuses shows when each asks alone; to renew the others twice does no harm.
    for (const renewal of renewals) {
      const error = this.#renewAlone(renewal);
      if (error) queueMicrotask(() => renewal.failed(error));
    }
  }

  /** True when all are renewed. */
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
      // Each is told when it is tried alone.
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
