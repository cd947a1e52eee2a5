/**
 * The rules of the machine's own firewall.
 *
 * @module
 */

import type { Firewall } from "../../host/firewall.ts";
import { nftDrops } from "../../firewall/nft_drops.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { withNftLists } from "../nftables/nft_lists.ts";
import { SysError } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";

export function linuxFirewall(libc: Libc, netlink: Pick<Netlink, "interfaceState">): Firewall {
  return {
    droppingRules(advert) {
      const state = netlink.interfaceState(advert.interface);
      if (!state) return [];
      try {
        const known = { ...advert, interfaceIndex: state.index };
        return withNftLists(libc, (lists) => nftDrops(known, lists));
      } catch (error) {
        // A kernel without nf_tables has no rules there.
        if (error instanceof SysError) return [];
        throw error;
      }
    },
  };
}
