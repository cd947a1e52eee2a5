/**
 * The family in which an instance speaks.
 *
 * @module
 */

import { type Family, familyOf, type IpAddress } from "../../wire/address.ts";

/** The part of an instance that decides its family. */
interface Values {
  readonly addresses: readonly {
    readonly address: { readonly address: IpAddress };
    readonly advertise: boolean;
  }[];
  readonly source_address?: IpAddress | undefined;
  readonly unicast?: { readonly peers: readonly IpAddress[] } | undefined;
}

/**
 * That of its adverts: of the first address in them, else of their source or destination; IPv4 if nothing says it. An
 * address that is carried without being advertised says nothing of it.
 */
export function instanceFamily({ addresses, source_address: source, unicast }: Values): Family {
  const advertised = addresses.find(({ advertise }) => advertise)?.address.address;
  const known = advertised ?? source ?? unicast?.peers[0];
  return known === undefined ? "ipv4" : familyOf(known);
}
