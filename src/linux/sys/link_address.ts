/**
 * The address of a packet socket (packet(7)).
 *
 * @module
 */

import type { MacAddress } from "../../wire/address.ts";
import { AF_PACKET } from "./constants.ts";
import type { Octets } from "./libc.ts";

/**
 * The destination of frames of `etherType` to `mac`, through the interface with this kernel index.
 *
 * struct sockaddr_ll { unsigned short sll_family; __be16 sll_protocol; int sll_ifindex; unsigned short sll_hatype;
 *                      unsigned char sll_pkttype; unsigned char sll_halen; unsigned char sll_addr[8]; };
 */
export function linkAddress(interfaceIndex: number, etherType: number, mac: MacAddress): Octets {
  const octets = new Uint8Array(20);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  octets[11] = mac.length;
  octets.set(mac, 12);
  return octets;
}
