/**
 * The codes of `vipd listen`.
 *
 * @module
 */

import type { ChangeCode } from "../monitor/change.ts";
import type { FindingCode, RejectReason } from "../monitor/findings.ts";
import type { DropReason } from "../vrrp/receive.ts";

/** Faults of a virtual router. */
export const LISTEN_FINDINGS: Readonly<Record<FindingCode, string>> = {
  firewall_drops: "adverts arrive, and the firewall of this machine drops them",
  two_masters: "two routers are master at the same time",
  two_owners: "two routers say that they own the addresses (priority 255)",
  version_differs: "the routers speak different VRRP versions",
  interval_differs: "their advert intervals differ",
  addresses_differ: "their lists of addresses differ",
  authentication_differs: "their authentication types differ",
  password_differs: "their passwords differ",
  signature_differs: "one signs its adverts and the other does not",
  checksum_form_differs: "their checksums cover different things",
  ipv6_first_address: "the first IPv6 address of an advert is not link-local",
  vrid_in_use: "two pairs, without an address in common, use the same VRID",
};

/** Changes on the link. */
export const LISTEN_CHANGES: Readonly<Record<ChangeCode, string>> = {
  master_appeared: "a master was heard for the first time",
  master_changed: "another router is master now",
  master_released: "the master said goodbye (priority 0)",
  master_silent: "the master has been silent for Master_Down_Interval",
  advert_changed: "a router advertises something else than before",
  finding_began: "something cannot be right from now on; `finding` names it",
  finding_ended: "it is right again",
  rejected: "a datagram that no router accepts, with the reason",
};

/** Reasons to reject a datagram, next to the reasons to discard an advert. */
export const LISTEN_REJECTS: Readonly<Record<Exclude<RejectReason, DropReason>, string>> = {
  carp: "it is CARP, which shares the protocol number 112",
};
