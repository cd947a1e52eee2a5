/**
 * The texts of an alarm about others that claim an instance's addresses.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import { DROP_MESSAGES, LET_VRRP_IN } from "../../status/codes/messages.ts";
import { type DroppingNode, rulesRemedy } from "../../status/remedies/remedies.ts";
import { familyOf, formatMac, type IpAddress } from "../../wire/address.ts";
import { virtualRouterMac } from "../../wire/ethernet.ts";
import type { AlarmText } from "../journal/alarms.ts";
import type { Claimant, Claimants } from "./claimants.ts";

export type ConflictAlarm = AlarmText & {
  readonly code: "split_brain_address" | "address_conflict";
};

/** The pair's other nodes, as far as they are known. */
export interface KnownPeers {
  /** The peer that says that it has an address of the instance without being master; `null` for none. */
  peerWithAddress(): string | null;
  /** The name of the peer that advertises from this address; `null` if no peer is known to. */
  peerAt(address: IpAddress): string | null;
  /** The nodes, this one among them, whose firewalls are known to drop the instance's adverts. */
  dropping(): readonly DroppingNode[];
}

/** The MAC address that every master of this virtual router may have (RFC 9568 section 7.3). */
export function virtualMacOf({ family, vrid }: InstanceConfig): string {
  return formatMac(virtualRouterMac(family, vrid));
}

/**
 * The alarm about `otherMaster`, one of the claimants; about all of them if none of very many stands out. A peer is
 * named instead of its MAC address.
 */
export function conflictAlarm(
  config: InstanceConfig,
  claimants: Claimants,
  otherMaster: Claimant | null,
  peers: KnownPeers,
): ConflictAlarm {
  const isMaster = otherMaster !== null &&
    (otherMaster.advert.kind !== "none" || otherMaster.mac === virtualMacOf(config));
  if (!otherMaster || claimants.isCrowd && !isMaster) return crowd(claimants);
  const alarm = isMaster
    ? secondMaster(config, otherMaster, peers)
    : otherHost(otherMaster, peers.peerWithAddress());
  return claimants.isCrowd
    ? { ...alarm, message: `${alarm.message}; ${counted(claimants.count - 1)} claim it too` }
    : alarm;
}

function crowd({ address, count }: Claimants): ConflictAlarm {
  const how = familyOf(address) === "ipv4" ? "ARP" : "neighbour advertisements";
  return {
    code: "address_conflict",
    message: `${counted(count)} claim ${address}: somebody forges ${how}; this node keeps it`,
    hint: "find the port that they come from (the switch's MAC table) and shut it; a switch that " +
      "inspects ARP and neighbour discovery refuses them",
  };
}

/** Another master in half a sentence. */
export function claimantText({ mac, advert }: Claimant): string {
  return advert.kind === "good" ? `${advert.source} with priority ${advert.priority}` : mac;
}

function secondMaster(
  config: InstanceConfig,
  { address, mac, advert }: Claimant,
  peers: KnownPeers,
): ConflictAlarm {
  const code = "split_brain_address" as const;
  const peer = advert.kind === "none" ? null : peers.peerAt(advert.source);
  const who = peer === null
    ? `another master answers for ${address} too, at ${mac}`
    : `${peer} answers for ${address} too, as another master`;
  switch (advert.kind) {
    case "refused":
      return {
        code,
        message: `${who}; its adverts are refused (${advert.why})`,
        hint: DROP_MESSAGES[advert.why],
      };
    case "good":
      return {
        code,
        message: `${who}; its adverts (${advert.source}, priority ${advert.priority}) arrive at ` +
          `${config.interface}`,
        hint: rulesRemedy(peers.dropping()) ??
          `if this node's firewall drops them, ${LET_VRRP_IN}; else do so on ${
            peer ?? advert.source
          }`,
      };
    case "otherVrid":
      return {
        code,
        message: `${who}; it is ${advert.source}, which advertises it under VRID ` +
          `${advert.vrid}, this node under VRID ${config.vrid}`,
        hint:
          "give the instance the same `vrid` on both nodes, and reload vipd where you changed " +
          `it; if ${advert.source} is none of this pair, remove the address from one of the two`,
      };
    case "none":
      return {
        code,
        message: `${who}; no advert of it arrives`,
        hint: rulesRemedy(peers.dropping()) ??
          `VRRP is filtered between the nodes: ${LET_VRRP_IN} on both`,
      };
  }
}

function otherHost({ address, mac }: Claimant, peer: string | null): ConflictAlarm {
  if (peer !== null) {
    return {
      code: "address_conflict" as const,
      message: `${peer} answers for ${address} too: it is not master and has the address all ` +
        "the same",
      hint: `on ${peer}: remove the address (\`ip address del\`), also from its own network ` +
        "configuration; its alarm `address_on_backup` says where it is",
    };
  }
  return {
    code: "address_conflict" as const,
    message: `another host answers for ${address} too, at ${mac}; no VRRP of it arrives`,
    hint: `find ${mac} (\`ip neigh | grep ${mac}\` shows another address of it if it has one ` +
      "that this node knows, the switch's MAC table its port) and remove the address there " +
      `(\`ip address del\`); if it is the other load balancer, ${LET_VRRP_IN} on both`,
  };
}

/** Rounded down, because it changes all the time while they come. */
function counted(count: number): string {
  if (count < 10) return `${count} MAC addresses`;
  const power = 10 ** Math.floor(Math.log10(count));
  return `at least ${Math.floor(count / power) * power} MAC addresses`;
}
