/**
 * Hears which hosts on the link claim certain addresses: ARP for IPv4 (RFC 826, RFC 5227), neighbour discovery for IPv6
 * (RFC 4861).
 *
 * @module
 */

import type { ClaimPort } from "../../host/claims.ts";
import type { HostError } from "../../host/errors.ts";
import type { InterfaceState } from "../../host/interfaces.ts";
import {
  type AddressClaim,
  type Family,
  familyOf,
  type IpAddress,
  isIpv6LinkLocal,
} from "../../wire/address.ts";
import { decodeArpSender, encodeArpProbe, ETHERTYPE_ARP } from "../../wire/arp.ts";
import { ETHERTYPE_IPV6 } from "../../wire/ethernet.ts";
import { claimFilter } from "../../wire/filters/frame_filter.ts";
import { decodeNeighbourAdvertisement, encodeNeighbourSolicitation } from "../../wire/ndp.ts";
import type { SysContext } from "../sys/context.ts";
import { ENODEV, hostError } from "../sys/errors.ts";
import { PacketSocket } from "../sys/packet_socket.ts";

const ETHERNET_MAC_OCTETS = 6;
/**
 * vipd asks for claims of an address at most once a second, so this has room for the answers of a pair's other node.
 */
const BUDGET = { frames: 16, bufferOctets: 32 * 1024 };
const BUDGET_OF_ADDRESS = { frames: 1, bufferOctets: 1024 };

export interface ClaimSocketOptions {
  readonly target: InterfaceState;
  readonly family: Family;
  /** Of that family. */
  readonly addresses: readonly IpAddress[];
  /** The present interface with that name. */
  readonly state: (name: string) => InterfaceState | null;
  readonly heard: (claim: AddressClaim) => void;
}

export class ClaimSocket implements ClaimPort {
  readonly #interface: string;
  readonly #addresses: ReadonlySet<IpAddress>;
  readonly #state: (name: string) => InterfaceState | null;
  readonly #socket: PacketSocket;

  /** @throws {SysError} */
  constructor(
    context: SysContext,
    { target, family, addresses, state, heard }: ClaimSocketOptions,
  ) {
    this.#interface = target.name;
    this.#addresses = new Set(addresses);
    this.#state = state;
    const ipv4 = family === "ipv4";
    const decode = ipv4 ? decodeArpSender : decodeNeighbourAdvertisement;
    this.#socket = new PacketSocket(context, {
      action: `listen for claims on ${target.name}`,
      interfaceIndex: target.index,
      etherType: ipv4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6,
      filter: claimFilter(family, addresses),
      budget: {
        frames: BUDGET.frames + addresses.length * BUDGET_OF_ADDRESS.frames,
        bufferOctets: BUDGET.bufferOctets + addresses.length * BUDGET_OF_ADDRESS.bufferOctets,
      },
    }, (frame) => {
      const claim = decode(frame);
      if (claim && this.#addresses.has(claim.address)) heard(claim);
    });
  }

  probe(address: IpAddress): HostError | null {
    const action = `ask for ${address} on ${this.#interface}`;
    const state = this.#state(this.#interface);
    if (!state) return hostError(action, "rtnetlink", ENODEV);
    // A link without Ethernet addresses has no such requests.
    if (state.mac.length !== ETHERNET_MAC_OCTETS) return null;
    const frame = familyOf(address) === "ipv4"
      ? encodeArpProbe(address, state.mac)
      : encodeNeighbourSolicitation(address, this.#source(state), state.mac);
    const errno = -this.#socket.send(frame);
    return errno === 0 ? null : hostError(action, "write", errno);
  }

  close(): void {
    this.#socket.close();
  }

  /** The source of a solicitation: never an address that another node may have too. */
  #source({ addresses }: InterfaceState): IpAddress | null {
    return addresses.find(({ address }) =>
      familyOf(address) === "ipv6" && isIpv6LinkLocal(address) && !this.#addresses.has(address)
    )?.address ?? null;
  }
}
