/**
 * Renews the leases of addresses that are on their interfaces: one call to the kernel for all instances whose adverts
 * leave at the same time, each encoded once. It runs with adverts, so every microsecond counts, and the call waits for the
 * kernel on a thread of its own (`RenewalSocket`).
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
import { packed } from "./netlink_socket.ts";
import { RENEWAL_SEQUENCE, type RenewalSocket } from "./renewal_socket.ts";

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
  /** Called some time after the request, never during it. */
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

/** A request, and its monotonic time in milliseconds. */
interface Asked {
  readonly renewal: Renewal;
  readonly atMs: number;
}

/**
 * A call that no thread has begun for so long is made at once, in milliseconds: operations that do not end may have all
 * threads of the pool, and a lease lasts two seconds at least.
 */
const BEGIN_MS = 250;

export class LeaseRenewals {
  readonly #socket: RenewalSocket;
  readonly #host: HostAddresses;
  readonly #nowMs: () => number;
  /**
   * By the array that was given, which its type forbids to change: a master gives the same one until its addresses
   * change, and the batch goes with it. A key of hundreds of addresses would cost more than the renewal.
   */
  readonly #batches = new WeakMap<readonly VirtualAddress[], Batch>();
  /** The last request for each array. */
  readonly #asked = new Map<readonly VirtualAddress[], Asked>();
  /** The requests of the call that is under way, and when that began. */
  #underWay: readonly Asked[] = [];
  #underWayMs = 0;

  constructor(socket: RenewalSocket, host: HostAddresses, nowMs: () => number) {
    this.#socket = socket;
    this.#host = host;
    this.#nowMs = nowMs;
  }

  /** True if no renewal is requested that is not under way. */
  get none(): boolean {
    return this.#asked.size === 0;
  }

  add(renewal: Renewal): void {
    this.#asked.set(renewal.addresses, { renewal, atMs: this.#nowMs() });
  }

  /** Drops all requests, and waits for the end of a call that is under way. */
  async close(): Promise<void> {
    this.#asked.clear();
    this.#underWay = [];
    await this.#socket.close();
  }

  /**
   * Begins what is equivalent to `ip address replace ADDRESS/PREFIX dev DEVICE valid_lft SECONDS` for each requested
   * address; an IPv6 address stays deprecated. If another call is under way, this begins when that ends.
   */
  begin(): void {
    if (this.#socket.busy) {
      const isLate = this.#nowMs() - this.#underWayMs > BEGIN_MS;
      if (isLate && !this.#socket.hasBegun()) this.performNow();
      return;
    }
    const asked = this.#takeAsked();
    const batches = this.#batchesOf(asked);
    if (batches === null) return this.#renewEach(asked);
    if (batches.length === 0) return;
    this.#underWay = asked;
    this.#underWayMs = this.#nowMs();
    this.#socket.post(batches.flatMap(({ datagrams }) => datagrams)).then((renewed) => {
      const recalled = this.#underWay !== asked;
      if (!recalled) this.#underWay = [];
      if (!recalled && !renewed) this.#renewEach(asked);
      this.begin();
    });
  }

  /**
   * Makes the requests, and those that are under way, before it returns: nothing of them reaches the kernel later than
   * what the caller does next.
   */
  performNow(): void {
    if (this.none && !this.#socket.busy) return;
    this.#socket.recall();
    const asked = [...this.#underWay, ...this.#takeAsked()];
    this.#underWay = [];
    const batches = this.#batchesOf(asked);
    if (batches === null || !this.#renewTogether(batches)) this.#renewEach(asked);
  }

  #takeAsked(): readonly Asked[] {
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    return asked;
  }

  /** `null` if one of them has no device, or cannot be encoded: separate requests show which. */
  #batchesOf(asked: readonly Asked[]): readonly Batch[] | null {
    const batches: Batch[] = [];
    try {
      for (const renewal of this.#standing(asked)) {
        const batch = this.#batchOf(renewal);
        if (!batch) return null;
        batches.push(batch);
      }
    } catch {
      return null;
    }
    return batches;
  }

  /**
   * Without those whose addresses the kernel may have removed, because the program was stopped in the middle of a turn:
   * renewing them would add them again, at the same time as another master's. The requester notices that by its own
   * clock.
   */
  #standing(asked: readonly Asked[]): Renewal[] {
    const nowMs = this.#nowMs();
    return asked
      .filter(({ renewal, atMs }) => nowMs - atMs < renewal.leaseSeconds * 1000)
      .map(({ renewal }) => renewal);
  }

  /** True if all are renewed. */
  #renewTogether(batches: readonly Batch[]): boolean {
    try {
      return this.#socket.postNow(batches.flatMap(({ datagrams }) => datagrams)) === null;
    } catch {
      return false;
    }
  }

  /** Separate requests show which of them the kernel refuses; renewing the others twice does no harm. */
  #renewEach(asked: readonly Asked[]): void {
    for (const renewal of this.#standing(asked)) {
      const error = this.#renewAlone(renewal);
      if (error) queueMicrotask(() => renewal.failed(error));
    }
  }

  #renewAlone(renewal: Renewal): HostError | null {
    const action = `renew the lease of ${renewal.addresses.length} addresses`;
    try {
      const batch = this.#batchOf(renewal);
      if (!batch) return hostError(action, "rtnetlink", ENODEV, "an interface is gone");
      const refusal = this.#socket.postNow(batch.datagrams);
      return refusal && hostError(action, "rtnetlink", refusal.errno, refusal.text);
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
      return encodeMessage(RTM_NEWADDR, flags, RENEWAL_SEQUENCE, payload);
    });
    const foreignChanges = this.#host.foreignChanges();
    const batch = { leaseSeconds, indices, foreignChanges, datagrams: packed(messages) };
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
