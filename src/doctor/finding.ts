/**
 * The findings of an examination.
 *
 * @module
 */

import type { Fix } from "./fix.ts";

/** Each code with its meaning, for the reference. */
export const FINDINGS = {
  config_invalid: "The configuration is not valid, so what it wants cannot be examined.",
  config_unreadable: "This user may not read what the examination needs.",
  capability_missing: "This process lacks a capability, so part of the examination cannot be made.",
  interface_missing: "An instance names an interface that does not exist.",
  interface_down: "The interface is down or has no carrier: the instance is in fault.",
  interface_without_address: "The interface has no address of its own: adverts have no source.",
  own_address: "A virtual address is this host's own: both nodes answer for it.",
  multicast_off: "The interface does not do multicast, and the adverts are multicast.",
  vrrp_refused: "The kernel refuses VRRP on the interface.",
  firewall_drops_vrrp: "The packet filter drops the other node's adverts: both become master.",
  firewall_drops_own_adverts: "The packet filter drops this node's adverts: both become master.",
  firewall_unknown: "It is not known whether the packet filter lets adverts pass.",
  address_in_use: "Another machine has the virtual address, and no advert of this pair says why.",
  vrid_in_use: "Another pair uses this VRID on this network.",
  peer_differs: "The other node's settings do not match: adverts are refused, or both serve.",
  adverts_unusable: "Adverts with this VRID arrive that every router discards.",
  arp_unanswered: "The kernel is set to answer no ARP for the virtual address.",
  arp_from_two: "Two interfaces lie in one network: both answer for the virtual address.",
  virtual_mac_arp: "Neighbours learn another MAC address than the virtual one.",
  reverse_path_strict:
    "The kernel may drop what arrives at the interface that it would not reply from.",
  keepalived_running: "keepalived runs next to vipd: two programs move one address.",
  keepalived_enabled: "keepalived starts at the next boot.",
  nginx_config_invalid: "nginx refuses its configuration: it will not survive a restart.",
  nginx_not_running: "nginx is installed and does not run.",
  nginx_cannot_bind: "nginx listens on the virtual address, which a backup does not have.",
  nginx_not_listening: "Nothing listens where the virtual address needs it.",
  clock_not_synchronised: "The clock follows no time source: logs of two nodes cannot be compared.",
  clock_unknown: "It is not known whether the clock is synchronised.",
  source_ambiguous:
    "Unicast adverts could come from several own addresses, and the other node accepts one.",
  unit_missing: "systemd knows no vipd.service: vipd does not start at boot.",
  unit_disabled: "vipd does not start at boot.",
  front_unit_missing: "systemd knows no vipd-front.service: no API, page or notifications.",
  service_refused:
    "The user that runs vipd cannot use all that the configuration names, although root can.",
  folder_unusable: "A folder that vipd writes cannot be used.",
  token_readable: "Other users can read a token of the API.",
  daemon_unreachable: "No vipd answers on this machine.",
  api_down: "vipd runs on this machine, and its API does not answer.",
} as const;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  /** `error`: it does not work; `warning`: it will not work in some case; `info`: vipd could not check this. */
  readonly severity: "error" | "warning" | "info";
  /** The instance, or another subject of the finding. */
  readonly subject: string;
  readonly message: string;
  /** The command that fixes it, or shows more. */
  readonly command: string;
  /** The change that `vipd doctor --fix` makes; absent if a person has to decide. */
  readonly fix?: Fix;
}
