/**
 * Virtual addresses: added and removed through netlink, drained and blocked through nf_tables, announced by frames.
 *
 * @module
 */

import type { Addresses } from "../../host/addresses.ts";
import { familyOf } from "../../wire/address.ts";
import type { Announcer } from "../link/announcer.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { Drain } from "../nftables/drain.ts";
import type { PacketFilter } from "../nftables/packet_filter.ts";
import { missingInterface } from "../sys/errors.ts";

/** The parts that change addresses, each in its own way. */
export interface AddressParts {
  readonly netlink: Netlink;
  readonly drain: Drain;
  readonly filter: PacketFilter;
  readonly announcer: Announcer;
}

export function linuxAddresses({ netlink, drain, filter, announcer }: AddressParts): Addresses {
  return {
    addAddress(address, leaseSeconds) {
      const error = netlink.addAddress(address, leaseSeconds);
      if (!error) drain.release(address.address);
      return error;
    },

    addNewAddresses(addresses, leaseSeconds) {
      const added = netlink.addNewAddresses(addresses, leaseSeconds);
      for (const { address } of added) drain.release(address);
      return added;
    },

    demoteAddress: (address, leaseSeconds) => netlink.demoteAddress(address, leaseSeconds),

    renewAddresses: (addresses, leaseSeconds, failed) =>
      netlink.renewAddresses({ addresses, leaseSeconds, failed }),

    removeAddress(address) {
      const error = netlink.removeAddress(address);
      if (!error) drain.release(address.address);
      return error;
    },

    drainAddress: (address, forMs) => drain.drainAddress(address, forMs),

    forwardConnections(address, interfaceName, peer, forMs) {
      const state = netlink.interfaceState(interfaceName);
      if (!state) return missingInterface(`forward connections to ${peer}`, interfaceName);
      return drain.forward(address, { address: peer, interfaceIndex: state.index }, forMs);
    },

    markedAddresses: () => netlink.markedAddresses(),

    blockPackets: (addresses) => filter.block(addresses),

    announce({ address, device }) {
      const link = netlink.link(device);
      if (!link) return missingInterface(`announce ${address}`, device);
      const forwards = familyOf(address) === "ipv6" && netlink.forwardsIpv6(link.index);
      return announcer.announce(address, link, forwards);
    },
  };
}
