/**
 * The node's words for a person: one sentence for each transition and each reason to discard a packet.
 *
 * @module
 */

import type { DropReason, Mismatch } from "../../vrrp/receive.ts";
import type { TransitionReason } from "../../vrrp/router_events.ts";

/** Why the state changed, by reason. `detail`: the faults, the other master or the like; may be empty. */
const TRANSITION_MESSAGES: Readonly<Record<TransitionReason, (detail: string) => string>> = {
  startup: () => "started, listens for a master",
  recovered: () => "all faults cleared; waiting to hear a master",
  owner: () => "owns the addresses (priority 255)",
  master_silent: (detail) => `no master was heard for Master_Down_Interval${about(detail)}`,
  master_released: (detail) => `the master gave the addresses up (priority 0)${about(detail)}`,
  preempted_lower_priority: (detail) => `preempts a master of lower priority${about(detail)}`,
  higher_priority_master: (detail) => `another master goes first${about(detail)}`,
  promote: () => "promoted manually",
  demote: (detail) => `demoted manually${about(detail)}`,
  unwell: (detail) => `lets a better node serve${about(detail)}`,
  sync_group: (detail) => `goes with its sync group${about(detail)}`,
  lease_lapsed: (detail) =>
    `stood still for longer than its lease, so it has no addresses any more${about(detail)}`,
  overslept: (detail) =>
    `stood still for Master_Down_Interval, and another has become master${about(detail)}`,
  split_brain: (detail) =>
    `gives way, because there is another master that it does not hear${about(detail)}`,
  fault: (detail) => `cannot serve${about(detail)}`,
  shutdown: (detail) => detail === "" ? "vipd stops" : detail,
};

function about(detail: string): string {
  return detail === "" ? "" : `: ${detail}`;
}

export const TRANSITION_REASONS = Object.keys(TRANSITION_MESSAGES) as TransitionReason[];

export function transitionMessage(reason: TransitionReason, detail: string): string {
  return TRANSITION_MESSAGES[reason](detail);
}

/** Why a packet was discarded, and what to do about it. */
export const DROP_MESSAGES: Readonly<Record<DropReason, string>> = {
  packet_length:
    "its length does not fit its contents; it may be another protocol, such as CARP, or have an HMAC trailer that `authentication` here does not expect",
  version: "it speaks another VRRP version; set `version` to the same on both nodes",
  invalid_type: "it is no advertisement",
  checksum: "its checksum is wrong; it was damaged on the way or computed in an unknown form",
  ttl:
    "its TTL is not 255 (with `unicast`: below `min_ttl`), so it may come from beyond the link; a router must not forward VRRP",
  multicast_group:
    "it came to another multicast group; write the same `multicast_group` on all nodes",
  unicast_mode:
    "it came by unicast to an instance that uses multicast, or the other way round; set `unicast` on all nodes or on none",
  unicast_source: "its sender is not among the instance's `unicast.peers`",
  own_packet: "it carries this node's own address; the link loops or another host has the address",
  unread:
    "more came at once than vipd reads; somebody floods the link with protocol 112: look with `tcpdump -ni INTERFACE proto 112`",
  unknown_vrid: "no instance here has its VRID; another cluster uses the same link",
  foreign_vrid:
    "another pair uses the same VRID on this link, for other addresses; choose another `vrid` for one of the two pairs",
  address_count_zero: "it names no address",
  address_list: "its first address is not link-local",
  authentication_type:
    "its authentication type differs; set `authentication` to the same on both nodes",
  authentication_failed:
    "its password differs; set `authentication.password` to the same on both nodes",
  hmac_missing: "it is not signed; set `authentication` with `type: hmac` on both nodes",
  hmac_malformed: "its HMAC trailer is of an unknown kind; compare the versions of both nodes",
  hmac_stale:
    "its time differs from ours by more than `authentication.window`; synchronise both clocks, or somebody sends an old advert again",
  hmac_unknown_key: "it is signed with a key that `authentication.keys` here does not have",
  hmac_failed:
    "its signature is wrong; give the key the same octets on both nodes, or somebody changes adverts",
  hmac_replayed:
    "it was heard before, or a later one was: somebody sends old adverts again, or its sender was restarted with a clock that was set back; then correct that clock and restart vipd on this node",
  interval_zero: "it advertises an interval of 0",
  interval_mismatch:
    "its advert interval differs; set `advert_interval` to the same on both nodes (version 2 demands it)",
};

/** The difference between an accepted advert and this node's configuration. */
export const MISMATCH_MESSAGES: Readonly<Record<Mismatch, string>> = {
  interval: "its advert interval differs from ours",
  addresses: "its list of addresses differs from ours",
  owner: "it says, as this node does, that it owns the addresses (priority 255)",
};

/** The remedy where a firewall drops adverts: a rule of iptables does not override one of nft, so vipd looks first. */
export const LET_VRRP_IN =
  "let VRRP in (`vipd doctor` names the rule that drops it and the command that helps)";
