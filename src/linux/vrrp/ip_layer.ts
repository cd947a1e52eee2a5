/**
 * The differences of a raw VRRP socket between IPv4 and IPv6.
 *
 * @module
 */

import type { VrrpDatagram } from "../../host/vrrp.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Libc, Octets } from "../sys/libc.ts";

/** Network control, CS6 (RFC 2474 section 4.2.2.2), as deployed routers send it. */
export const TRAFFIC_CLASS = 0xc0;

/** A datagram with its IP header as the kernel takes it, and its destination for sendto(2). */
export interface OutgoingDatagram {
  readonly octets: Octets;
  /** struct sockaddr */
  readonly address: Octets;
}

/** A received datagram; `payload` is valid until the next is read. */
export type IncomingDatagram = Omit<VrrpDatagram, "interface">;

/** The interface of a socket. */
export interface SocketTarget {
  readonly name: string;
  readonly index: number;
}

/** One address family of raw sockets. */
export interface IpLayer {
  /** As in "... is not IPv4". */
  readonly title: string;
  /** First argument of socket(2). */
  readonly domain: number;
  /**
   * Sets the options of a socket that receives; joins these multicast groups.
   *
   * @throws {SysError}
   */
  configureReceiver(
    libc: Libc,
    fd: number,
    action: string,
    target: SocketTarget,
    groups: readonly IpAddress[],
  ): void;
  /**
   * Sets the options of a socket that sends.
   *
   * @throws {SysError}
   */
  configureSender(libc: Libc, fd: number, action: string, target: SocketTarget): void;
  /** `null` if the destination is not of this family. */
  encode(
    payload: Uint8Array,
    envelope: { readonly source: IpAddress; readonly destination: IpAddress; readonly ttl: number },
    target: SocketTarget,
  ): OutgoingDatagram | null;
  /**
   * A function that reads one datagram from a socket: `null` if none is ready, `undefined` if the caller should skip
   * it.
   *
   * @param groups the multicast groups whose datagrams are wanted.
   */
  reader(
    libc: Libc,
    groups: readonly IpAddress[],
  ): (fd: number) => IncomingDatagram | null | undefined;
}
