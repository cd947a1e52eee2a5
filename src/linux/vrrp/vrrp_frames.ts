/**
 * VRRP messages in Ethernet frames whose source is not the interface's MAC address but a virtual router's, through a
 * packet socket that receives nothing (packet(7)).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { familyOf, type IpAddress, type MacAddress } from "../../wire/address.ts";
import {
  encodeEthernetFrame,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  multicastMac,
} from "../../wire/ethernet.ts";
import { encodeIpv4Datagram } from "../../wire/ipv4.ts";
import { encodeIpv6Datagram } from "../../wire/ipv6.ts";
import { VRRP_PROTOCOL, VRRP_TTL } from "../../wire/vrrp.ts";
import {
  AF_PACKET,
  MSG_DONTWAIT,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from "../sys/constants.ts";
import { must } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";
import { linkAddress } from "../sys/link_address.ts";
import { TRAFFIC_CLASS } from "./ip_layer.ts";
import { sendError } from "./send_error.ts";

/** Protocol 0: the socket gets no packets. */
const NOTHING = 0;
/** Before all other traffic in the interface's queue (TC_PRIO_CONTROL, tc-prio(8)). */
const QUEUE_PRIORITY = 7;

export class VrrpFrames {
  readonly #libc: Libc;
  readonly #fd: number;

  /** @throws {SysError} */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = must(
      "open a packet socket for adverts",
      "socket",
      libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NOTHING),
    );
    libc.setsockoptInt(this.#fd, SOL_SOCKET, SO_PRIORITY, QUEUE_PRIORITY);
  }

  /**
   * Sends one multicast message through the interface (RFC 9568 section 7.2: the source is the virtual router's MAC).
   */
  send(
    target: { readonly name: string; readonly index: number },
    mac: MacAddress,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    const ipv4 = familyOf(destination) === "ipv4";
    const datagram = ipv4
      ? encodeIpv4Datagram({
        source,
        destination,
        ttl: VRRP_TTL,
        typeOfService: TRAFFIC_CLASS,
        protocol: VRRP_PROTOCOL,
      }, payload)
      : encodeIpv6Datagram({
        source,
        destination,
        hopLimit: VRRP_TTL,
        trafficClass: TRAFFIC_CLASS,
        nextHeader: VRRP_PROTOCOL,
      }, payload);
    const group = multicastMac(destination);
    const etherType = ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    const frame = encodeEthernetFrame(group, mac, etherType, datagram);
    const address = linkAddress(target.index, etherType, group);
    const sent = this.#libc.sendto(this.#fd, frame, MSG_DONTWAIT, address);
    return sent < 0 ? sendError(target.name, -sent, datagram.length) : null;
  }

  close(): void {
    this.#libc.closeFd(this.#fd);
  }
}
