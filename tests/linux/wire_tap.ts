/**
 * The far end of a cable: sees and sends whole Ethernet frames, and knows nothing of IP.
 *
 * @module
 */

import { AF_PACKET, MSG_DONTWAIT, SOCK_NONBLOCK, SOCK_RAW } from "../../src/linux/sys/constants.ts";
import { must } from "../../src/linux/sys/errors.ts";
import { Libc } from "../../src/linux/sys/libc.ts";
import { ip } from "./namespace.ts";

/** All EtherTypes, linux/if_ether.h; in network order. */
const ETH_P_ALL_NETWORK = 0x0300;
/** Where the IP datagram begins. */
export const ETHERNET_OCTETS = 14;

/** Makes the cable `name` - `far` and plugs a tap into `far`. */
export class WireTap implements Disposable {
  readonly #libc = Libc.open();
  readonly #fd: number;
  readonly #octets = new Uint8Array(65536);

  constructor(name: string, far: string) {
    ip(`link add ${name} type veth peer name ${far}`);
    // No autoconfigured IPv6 chatter on the cable.
    for (const end of [name, far]) {
      ip(`link set ${end} addrgenmode none`);
      ip(`link set ${end} up`);
    }
    const { ifindex } = JSON.parse(ip(`-j link show ${far}`))[0];
    const type = SOCK_RAW | SOCK_NONBLOCK;
    this.#fd = must("tap", "socket", this.#libc.socket(AF_PACKET, type, ETH_P_ALL_NETWORK));
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, ETH_P_ALL_NETWORK, true);
    view.setInt32(4, ifindex, true);
    must("tap", "bind", this.#libc.bind(this.#fd, address));
  }

  /** Puts an IPv4 datagram on the wire, in a frame to the multicast address of 224.0.0.18. */
  sendIpv4(datagram: Uint8Array): void {
    this.#send([0x01, 0x00, 0x5e, 0x00, 0x00, 0x12], [0x08, 0x00], datagram);
  }

  /** Puts an IPv6 datagram on the wire, in a frame to the multicast address of ff02::12. */
  sendIpv6(datagram: Uint8Array): void {
    this.#send([0x33, 0x33, 0x00, 0x00, 0x00, 0x12], [0x86, 0xdd], datagram);
  }

  /** Puts a whole frame on the wire. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    must("tap", "write", this.#libc.write(this.#fd, frame));
  }

  #send(destination: readonly number[], etherType: readonly number[], datagram: Uint8Array): void {
    const frame = new Uint8Array(ETHERNET_OCTETS + datagram.length);
    frame.set([...destination, 0x02, 0, 0, 0, 0, 0x99, ...etherType]);
    frame.set(datagram, ETHERNET_OCTETS);
    this.send(frame);
  }

  /** The frames of one EtherType that have arrived since the last call; those of others are lost. */
  received(etherType: number): Uint8Array[] {
    return this.receivedFrames().filter((frame) =>
      frame[12] === etherType >> 8 && frame[13] === (etherType & 0xff)
    );
  }

  /** All frames that have arrived since the last call. */
  receivedFrames(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (;;) {
      const length = this.#libc.recv(this.#fd, this.#octets, MSG_DONTWAIT);
      if (length < 0) return frames;
      frames.push(this.#octets.slice(0, length));
    }
  }

  [Symbol.dispose](): void {
    this.#libc.closeFd(this.#fd);
    this.#libc.close();
  }
}
