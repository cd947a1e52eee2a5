/**
 * Receives protocol 112 on one interface, through a raw socket (raw(7)).
 *
 * @module
 */

import type { VrrpDatagram } from "../../host/vrrp.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import type { FilterInstruction } from "../../wire/filters/bpf.ts";
import { VRRP_PROTOCOL } from "../../wire/vrrp.ts";
import { SO_MEMINFO, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, SOL_SOCKET } from "../sys/constants.ts";
import type { SysContext } from "../sys/context.ts";
import { must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { attachFilter, enlargeReceiveBuffer } from "../sys/socket_options.ts";
import { WatchedSocket } from "../sys/watched_socket.ts";
import type { IncomingDatagram, IpLayer, SocketTarget } from "./ip_layer.ts";
import { bindToInterface, LAYERS, openAction } from "./layers.ts";

/** struct sk_meminfo of SO_MEMINFO: 9 numbers; SK_MEMINFO_DROPS is how many packets found no room. */
const MEMORY_INFO_OCTETS = 36;
const MEMORY_INFO_DROPS_OFFSET = 32;

/** How much of what arrives a socket takes. */
export interface Intake {
  /**
   * Size of the receive buffer, for the time while the program is busy or stopped, in octets; the kernel doubles it.
   */
  readonly bufferOctets: number;
  /** Datagrams that one wake-up reads. */
  readonly datagramsPerWake: number;
  /** How long nothing is read after a wake-up with that many, in milliseconds; 0 for no pause. */
  readonly pauseMs: number;
}

/** A socket's options. */
export interface SocketOptions {
  /** The multicast groups that it joins. */
  readonly groups: readonly IpAddress[];
  readonly intake: Intake;
  /** The filter for protocol 112; without it the kernel delivers everything. */
  readonly filter?: readonly FilterInstruction[];
  readonly receive: (datagram: VrrpDatagram) => void;
  /**
   * Called with the number of datagrams that found no room since the last call, including those that the filter
   * rejects.
   */
  readonly unread: (count: number) => void;
}

/** One raw socket of one interface and family. */
export class VrrpSocket {
  readonly #libc: Libc;
  readonly #target: SocketTarget;
  readonly #options: SocketOptions;
  readonly #read: (fd: number) => IncomingDatagram | null | undefined;
  readonly #memoryInfo: Octets = new Uint8Array(MEMORY_INFO_OCTETS);
  #unread = 0;
  readonly #socket: WatchedSocket;

  private constructor(
    context: SysContext,
    fd: number,
    layer: IpLayer,
    target: SocketTarget,
    options: SocketOptions,
  ) {
    const { libc } = context;
    this.#libc = libc;
    this.#target = target;
    this.#options = options;
    this.#read = layer.reader(libc, options.groups);
    this.#socket = new WatchedSocket(context, fd, () => this.#readWaiting());
  }

  /**
   * Opens a socket on the interface that has this name and index now. It stays with that interface: if a new one takes
   * over the name, the caller has to open it again.
   *
   * @throws {SysError}
   */
  static open(
    context: SysContext,
    target: SocketTarget,
    family: Family,
    options: SocketOptions,
  ): VrrpSocket {
    const { libc } = context;
    const action = openAction(target);
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const layer = LAYERS[family];
    const fd = must(action, "socket", libc.socket(layer.domain, type, VRRP_PROTOCOL));
    try {
      // First, so that nothing arrives unfiltered.
      if (options.filter) attachFilter(libc, fd, action, options.filter);
      bindToInterface(libc, fd, action, target);
      enlargeReceiveBuffer(libc, fd, options.intake.bufferOctets);
      layer.configureReceiver(libc, fd, action, target, options.groups);
      return new VrrpSocket(context, fd, layer, target, options);
    } catch (error) {
      libc.closeFd(fd);
      throw error;
    }
  }

  /**
   * From now on the kernel delivers what `filter` passes.
   *
   * @throws {SysError}
   */
  setFilter(filter: readonly FilterInstruction[]): void {
    const { fd } = this.#socket;
    if (fd >= 0) attachFilter(this.#libc, fd, openAction(this.#target), filter);
  }

  close(): void {
    this.#socket.close();
  }

  #readWaiting(): void {
    const { intake: { datagramsPerWake }, receive } = this.#options;
    for (let count = 0; count < datagramsPerWake && this.#socket.fd >= 0; count++) {
      const datagram = this.#read(this.#socket.fd);
      // Nothing more, or an error of the interface (ENETDOWN and similar), which reading has cleared; the netlink
      // monitor reports the interface.
      if (datagram === null) return;
      if (datagram) receive({ interface: this.#target.name, ...datagram });
    }
    if (this.#socket.fd >= 0) this.#flooded();
  }

  /** More came than one wake-up reads. */
  #flooded(): void {
    this.#countUnread();
    const { pauseMs } = this.#options.intake;
    if (pauseMs === 0) return;
    this.#socket.pause(performance.now() + pauseMs);
  }

  #countUnread(): void {
    const info = this.#memoryInfo;
    if (this.#libc.getsockopt(this.#socket.fd, SOL_SOCKET, SO_MEMINFO, info) < 0) return;
    const total = new DataView(info.buffer).getUint32(MEMORY_INFO_DROPS_OFFSET, true);
    // The kernel's counter has 32 bits.
    const count = (total - this.#unread) >>> 0;
    this.#unread = total;
    if (count > 0) this.#options.unread(count);
  }
}
