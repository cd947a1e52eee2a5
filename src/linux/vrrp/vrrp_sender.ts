/**
 * Sends VRRP through a raw socket that receives nothing (raw(7)), and learns of each datagram whether it has left.
 *
 * The kernel reports to a raw socket a datagram that the interface's egress chains or its queue drop (`ENOBUFS`) only if
 * the socket also takes the errors of its datagrams (IP_RECVERR, ip(7)). Those include ICMP errors, which any host can
 * send. So this is a socket of its own:
 *
 * - Nothing watches it: errors that nobody reads would keep epoll(7) awake for ever.
 * - It is one of another protocol (IPPROTO_RAW) than its datagrams: ICMP errors about VRRP do not come to it.
 * - Kernels differ in whether a forged ICMP error about that other protocol comes to it. Such an error is the result of
 *   the next sendto(2), which then sends nothing. The kernel reports it once, so the datagram is sent again.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import { NOTHING_PASSES } from "../../wire/filters/frame_filter.ts";
import { VRRP_TTL } from "../../wire/vrrp.ts";
import {
  IPPROTO_RAW,
  MSG_DONTWAIT,
  SO_PRIORITY,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
  TC_PRIO_CONTROL,
} from "../sys/constants.ts";
import { EMSGSIZE, ENOBUFS, EPERM, errnoName, must } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";
import { attachFilter } from "../sys/socket_options.ts";
import type { IpLayer, OutgoingDatagram, SocketTarget } from "./ip_layer.ts";
import { bindToInterface, LAYERS, openAction } from "./layers.ts";

/** The errors that no ICMP error becomes: they are those of this datagram. */
const OF_THIS_DATAGRAM: ReadonlySet<number> = new Set([EPERM, ENOBUFS]);
/** Enough in a storm of ICMP errors, of which one may come between two calls. */
const MOST_TRIES = 4;

interface Sent {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly datagram: OutgoingDatagram;
}

export class VrrpSender {
  readonly #libc: Libc;
  readonly #layer: IpLayer;
  readonly #target: SocketTarget;
  /**
   * The last datagram of each payload; callers must not change a payload afterwards. By the object: the payload itself
   * is the only name that it has here, and its sender drops it when it encodes another advert.
   */
  readonly #sent = new WeakMap<Uint8Array, Sent>();
  /** -1 after `close`. */
  #fd: number;

  /**
   * Opens a socket on the interface that has this name and index now. It stays with that interface.
   *
   * @throws {SysError}
   */
  constructor(libc: Libc, target: SocketTarget, family: Family) {
    this.#libc = libc;
    this.#target = target;
    this.#layer = LAYERS[family];
    const action = openAction(target);
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const fd = must(action, "socket", libc.socket(this.#layer.domain, type, IPPROTO_RAW));
    try {
      attachFilter(libc, fd, action, NOTHING_PASSES);
      bindToInterface(libc, fd, action, target);
      // Helps only under load; vipd also runs on a host that refuses it.
      libc.setsockoptInt(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
      // For errors that nobody reads: the kernel takes its least size.
      libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, 0);
      this.#layer.configureSender(libc, fd, action, target);
      this.#fd = fd;
    } catch (error) {
      libc.closeFd(fd);
      throw error;
    }
  }

  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl = VRRP_TTL,
  ): HostError | null {
    if (this.#fd < 0) return this.#failed("closed", "the port is closed");
    const datagram = this.#datagram(payload, source, destination, ttl);
    if (!datagram) return this.#failed("address", `"${destination}" is not ${this.#layer.title}`);
    const errno = this.#sendOne(datagram);
    return errno === 0 ? null : sendError(this.#target.name, errno, datagram.octets.length);
  }

  /** 0, or the number of the error. */
  #sendOne({ octets, address }: OutgoingDatagram): number {
    for (let tries = 1;; tries++) {
      const sent = this.#libc.sendto(this.#fd, octets, MSG_DONTWAIT, address);
      if (sent >= 0) return 0;
      if (OF_THIS_DATAGRAM.has(-sent) || tries === MOST_TRIES) return -sent;
    }
  }

  #failed(code: string, why: string): HostError {
    return { code, message: `Cannot send VRRP on ${this.#target.name}: ${why}` };
  }

  /** A master sends the same octets again and again, so their header is made once. */
  #datagram(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl: number,
  ): OutgoingDatagram | null {
    const known = this.#sent.get(payload);
    if (known?.source === source && known.destination === destination && known.ttl === ttl) {
      return known.datagram;
    }
    const datagram = this.#layer.encode(payload, { source, destination, ttl }, this.#target);
    if (datagram) this.#sent.set(payload, { source, destination, ttl, datagram });
    return datagram;
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#libc.closeFd(this.#fd);
    this.#fd = -1;
  }
}

/** Why the kernel refuses an advert, with the cause of the error in this place; `octets`: its length, headers included. */
export function sendError(interfaceName: string, errno: number, octets: number): HostError {
  const code = errnoName(errno);
  return { code, message: `Cannot send VRRP on ${interfaceName}: sendto: ${code}${cause()}` };

  function cause(): string {
    // A process that has opened a raw or packet socket had the capability; from then on only netfilter causes EPERM.
    if (errno === EPERM) {
      return ", a firewall drops it on its way out (an OUTPUT or postrouting chain)";
    }
    if (errno === ENOBUFS) {
      return ", the interface drops it on its way out (an egress chain of nft or tc, or a full queue)";
    }
    if (errno === EMSGSIZE) {
      return `, an advert of ${octets} octets is larger than the interface's MTU`;
    }
    return "";
  }
}
