/**
 * VRRP as it arrives at an interface, before netfilter: a packet socket gets frames that the firewall then drops.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import type { VrrpDatagram, VrrpTap } from "../../host/vrrp.ts";
import type { Family, MacAddress } from "../../wire/address.ts";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "../../wire/ethernet.ts";
import { NOTHING_PASSES, vrrpFrameFilter } from "../../wire/filters/frame_filter.ts";
import { parseIpv4Datagram } from "../../wire/ipv4.ts";
import { parseIpv6Datagram } from "../../wire/ipv6.ts";
import type { SysContext } from "../sys/context.ts";
import { asHostError } from "../sys/errors.ts";
import { PacketSocket } from "../sys/packet_socket.ts";

const ETHERNET_OCTETS = 14;
/** A thousand adverts a second, and as many at once as the usual receive buffer holds. */
const BUDGET = { frames: 100, bufferOctets: 256 * 1024 };

export class VrrpTapSocket implements VrrpTap {
  readonly #socket: PacketSocket;
  readonly #family: Family;

  /**
   * Opens it; `heard` gets each datagram and the MAC address that it came from.
   *
   * @throws {SysError}
   */
  constructor(
    context: SysContext,
    target: InterfaceState,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ) {
    this.#family = family;
    const ipv4 = family === "ipv4";
    const parse = ipv4 ? parseIpv4Datagram : parseIpv6Datagram;
    this.#socket = new PacketSocket(context, {
      action: `listen for VRRP on ${target.name}`,
      interfaceIndex: target.index,
      etherType: ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
      filter: vrrpFrameFilter(family),
      budget: BUDGET,
    }, (frame) => {
      const datagram = parse(frame.subarray(ETHERNET_OCTETS));
      if (!datagram) return;
      const { source, destination, ttl, payload } = datagram;
      heard({ interface: target.name, source, destination, ttl, payload }, frame.slice(6, 12));
    });
  }

  listen(listening: boolean): HostError | null {
    try {
      this.#socket.setFilter(listening ? vrrpFrameFilter(this.#family) : NOTHING_PASSES);
      return null;
    } catch (error) {
      return asHostError(error);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
