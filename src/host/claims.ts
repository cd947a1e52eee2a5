/**
 * The port to what other machines on the link claim: addresses, by ARP and NDP.
 *
 * @module
 */

import type { AddressClaim, Family, IpAddress } from "../wire/address.ts";
import type { HostError } from "./errors.ts";

/** A claim to an address, heard on an interface. */
export interface HeardClaim extends AddressClaim {
  readonly interface: string;
  /** True when the MAC address is one of this machine's own interfaces. */
  readonly own: boolean;
}

/** Listens on one interface for hosts that claim certain addresses, and asks for them. */
export interface ClaimPort {
  /** Asks the link who has the address, so that nobody but the one who answers learns anything from it. */
  probe(address: IpAddress): HostError | null;
  close(): void;
}

/** Listens for claims to addresses. */
export interface Claims {
  /**
   * Calls `heard` with what another machine says on the link about one of `addresses`, all of one family: ARP or NDP. When
   * very many say so, only some are heard.
   */
  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError;
}
