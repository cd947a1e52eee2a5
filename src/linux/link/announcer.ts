/**
 * Sends gratuitous ARP and neighbour advertisements.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { familyOf, type IpAddress } from "../../wire/address.ts";
import { BROADCAST_MAC, encodeGratuitousArp, ETHERTYPE_ARP } from "../../wire/arp.ts";
import { ETHERTYPE_IPV6 } from "../../wire/ethernet.ts";
import { ALL_NODES_MAC, encodeNeighbourAdvertisement } from "../../wire/ndp.ts";
import type { LinkMessage } from "../../wire/netlink/rtnetlink.ts";
import { hostError } from "../sys/errors.ts";
import { FrameSender, linkAddress } from "../sys/frame_sender.ts";
import type { Libc } from "../sys/libc.ts";

export class Announcer {
  readonly #frames: FrameSender;

  /** @throws {SysError} */
  constructor(libc: Libc) {
    this.#frames = new FrameSender(libc, "announcements");
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
    const sent = this.#frames.send(frame, to);
    return sent < 0 ? hostError(action, "sendto", -sent) : null;
  }

  close(): void {
    this.#frames.close();
  }
}
