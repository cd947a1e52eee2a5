/**
 * Asks a host of the link for its MAC address, which it answers whatever its firewall does with echo requests: ARP for
 * IPv4 (RFC 826), neighbour discovery for IPv6 (RFC 4861).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import { familyOf, type IpAddress, isIpv6LinkLocal } from "../../wire/address.ts";
import { answersArp, encodeArpProbe, ETHERTYPE_ARP } from "../../wire/arp.ts";
import { ETHERTYPE_IPV6 } from "../../wire/ethernet.ts";
import { claimFilter } from "../../wire/filters/frame_filter.ts";
import { answersSolicitation, encodeNeighbourSolicitation } from "../../wire/ndp.ts";
import type { SysContext } from "../sys/context.ts";
import { hostError } from "../sys/errors.ts";
import { PacketSocket } from "../sys/packet_socket.ts";
import type { Question } from "./question.ts";

const ETHERNET_MAC_OCTETS = 6;
const BUDGET = { frames: 8, bufferOctets: 8192 };

export class NeighbourQuestion implements Question {
  readonly #address: IpAddress;
  readonly #socket: PacketSocket;
  #answered: (() => void) | null = null;

  /**
   * @param target the interface; if its index or MAC address changes, the socket must be opened again.
   * @throws {SysError}
   */
  constructor(context: SysContext, address: IpAddress, target: InterfaceState) {
    this.#address = address;
    const ipv4 = familyOf(address) === "ipv4";
    const answers = ipv4 ? answersArp : answersSolicitation;
    this.#socket = new PacketSocket(context, {
      action: `ask for ${address} on ${target.name}`,
      interfaceIndex: target.index,
      etherType: ipv4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6,
      filter: claimFilter(familyOf(address), [address]),
      budget: BUDGET,
    }, (frame) => {
      if (answers(frame, address, target.mac)) this.#heard();
    });
  }

  ask(target: InterfaceState | null, answered: () => void): HostError | null {
    if (!target) return null;
    this.#answered = answered;
    const { name, mac } = target;
    const action = `ask for ${this.#address} on ${name}`;
    const failed = (why: string) => ({ code: "address", message: `Cannot ${action}: ${why}` });
    if (mac.length !== ETHERNET_MAC_OCTETS) return failed("it has no Ethernet addresses");
    const frame = this.#question(target);
    if (frame === null) return failed("it has no IPv6 address to ask from");
    const errno = -this.#socket.send(frame);
    return errno === 0 ? null : hostError(action, "write", errno);
  }

  close(): void {
    this.#socket.close();
  }

  /**
   * For IPv4 without a source address, so that only the asked host reacts. For IPv6 with one, so that it answers only
   * us.
   */
  #question({ mac, addresses }: InterfaceState): Uint8Array<ArrayBuffer> | null {
    if (familyOf(this.#address) === "ipv4") return encodeArpProbe(this.#address, mac);
    const own = addresses.filter(({ address }) => familyOf(address) === "ipv6");
    const source = own.find(({ address }) => isIpv6LinkLocal(address)) ?? own[0];
    return source ? encodeNeighbourSolicitation(this.#address, source.address, mac) : null;
  }

  #heard(): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.();
  }
}
