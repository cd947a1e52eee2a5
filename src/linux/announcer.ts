/**
 * Gratuitous ARP onto the link, through a packet socket that receives nothing (packet(7)).
 *
 * @module
 */

import type { HostError, InterfaceState } from "../node/host.ts";
import { familyOf, type IpAddress } from "../wire/address.ts";
import { BROADCAST_MAC, encodeGratuitousArp, ETHERTYPE_ARP } from "../wire/arp.ts";
import { AF_PACKET, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./constants.ts";
import { hostError, must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/** Protocol 0: the socket is given no packets. */
const NOTHING = 0;

export class Announcer {
  readonly #libc: Libc;
  readonly #fd: number;

  /** @throws {SysError} */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = must(
      "open a packet socket for gratuitous ARP",
      "socket",
      libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NOTHING),
    );
  }

  /** Broadcasts that `address` is at this interface. Done once; a link without Ethernet addresses needs none. */
  announce(address: IpAddress, target: InterfaceState): HostError | null {
    const action = `announce ${address} on ${target.name}`;
    if (familyOf(address) === "ipv6") {
      const message = `Cannot ${action}: IPv6 announcements are not supported`;
      return { code: "unsupported", message };
    }
    if (target.mac.length !== BROADCAST_MAC.length) return null;
    const frame = encodeGratuitousArp(address, target.mac);
    const sent = this.#libc.sendto(this.#fd, frame, MSG_DONTWAIT, linkAddress(target.index));
    return sent < 0 ? hostError(action, "sendto", -sent) : null;
  }

  close(): void {
    this.#libc.closeFd(this.#fd);
  }
}

/**
 * struct sockaddr_ll { unsigned short sll_family; __be16 sll_protocol; int sll_ifindex; unsigned short sll_hatype;
 *                      unsigned char sll_pkttype; unsigned char sll_halen; unsigned char sll_addr[8]; };
 */
function linkAddress(interfaceIndex: number): Octets {
  const octets = new Uint8Array(20);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETHERTYPE_ARP);
  view.setInt32(4, interfaceIndex, true);
  octets[11] = BROADCAST_MAC.length;
  octets.set(BROADCAST_MAC, 12);
  return octets;
}
