/**
 * VRRP messages in Ethernet frames whose source is not the interface's MAC address but a virtual router's.
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
import { TC_PRIO_CONTROL } from "../sys/constants.ts";
import { FrameSender, linkAddress } from "../sys/frame_sender.ts";
import type { Libc } from "../sys/libc.ts";
import { TRAFFIC_CLASS } from "./ip_layer.ts";
import { sendError } from "./vrrp_sender.ts";

export class VrrpFrames {
  readonly #frames: FrameSender;

  /** @throws {SysError} */
  constructor(libc: Libc) {
    this.#frames = new FrameSender(libc, "adverts", TC_PRIO_CONTROL);
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
    const sent = this.#frames.send(frame, linkAddress(target.index, etherType, group));
    return sent < 0 ? sendError(target.name, -sent, datagram.length) : null;
  }

  close(): void {
    this.#frames.close();
  }
}
