/**
 * The port to the rules of the machine's own firewall.
 *
 * @module
 */

import type { Advert, FilterDrop } from "../firewall/packet_filter.ts";

/** An advert that the firewall may drop; `unicast`: it goes to one host, or comes to this one. */
export interface FilteredAdvert extends Advert {
  readonly unicast: boolean;
}

export interface Firewall {
  /**
   * The rules that certainly drop such an advert; none also if vipd cannot know it, as with the legacy rules of iptables.
   * It reads the rules, some milliseconds' worth of them at most.
   */
  droppingRules(advert: FilteredAdvert): readonly FilterDrop[];
}
