/**
 * Sends gratuitous ARP and neighbour advertisements, through a packet socket that receives nothing (packet(7)).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { familyOf, type IpAddress } from "../../wire/address.ts";
import { BROADCAST_MAC, encodeGratuitousArp, ETHERTYPE_ARP } from "../../wire/arp.ts";
import { ETHERTYPE_IPV6 } from "../../wire/ethernet.ts";
import { ALL_NODES_MAC, encodeNeighbourAdvertisement } from "../../wire/ndp.ts";
import type { LinkMessage } from "../../wire/netlink/rtnetlink.ts";
import {
  AF_PACKET,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from "../sys/constants.ts";
import { hostError, must } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";
import { linkAddress } from "../sys/link_address.ts";

/** Protocol 0: the socket gets no packets. */
const NOTHING = 0;

export class Announcer {
  readonly #libc: Libc;
  readonly #fd: number;

  /** @throws {SysError} */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = must(
      "open a packet socket for announcements",
      "socket",
      libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NOTHING),
    );
  }

  /**
   * Announces on the link that `address` is at this interface: one gratuitous ARP, or one unsolicited neighbour
   * advertisement. A link without Ethernet addresses needs none.
   *
   * @param forwards whether the host routes IPv6 from this interface.
   */
  announce(address: IpAddress, target: LinkMessage, forwards: boolean): HostError | null {
    const action = `announce ${address} on ${target.name}`;
    if (target.mac.length !== BROADCAST_MAC.length) return null;
    const ipv4 = familyOf(address) === "ipv4";
    const frame = ipv4
      ? encodeGratuitousArp(address, target.mac)
      : encodeNeighbourAdvertisement(address, target.mac, forwards);
    const to = ipv4
      ? linkAddress(target.index, ETHERTYPE_ARP, BROADCAST_MAC)
      : linkAddress(target.index, ETHERTYPE_IPV6, ALL_NODES_MAC);
    const sent = this.#libc.sendto(this.#fd, frame, MSG_DONTWAIT, to);
    return sent < 0 ? hostError(action, "sendto", -sent) : null;
  }

  close(): void {
    this.#libc.closeFd(this.#fd);
  }
}
