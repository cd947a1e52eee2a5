/**
 * The metrics of keepalived-exporter with its names and labels, for existing dashboards and alerts.
 *
 * @module
 */

import type {
  AddressStatus,
  DropReason,
  InstanceStatus,
  NodeStatus,
  RouterState,
} from "../../status/status.ts";
import { type Family, type Labels, single } from "./exposition.ts";

/** The numbers of keepalived's states. */
const STATE_NUMBER: Readonly<Record<RouterState, number>> = {
  init: 0,
  backup: 1,
  master: 2,
  fault: 3,
};

type Count = (instance: InstanceStatus) => number;

/** Counts discarded packets; keepalived has one name for reasons that vipd distinguishes. */
function dropped(...reasons: DropReason[]): Count {
  return ({ counters }) =>
    reasons.reduce((sum, reason) => sum + (counters.dropped[reason] ?? 0), 0);
}

const COUNTERS: readonly (readonly [name: string, help: string, count: Count])[] = [
  [
    "advertisements_received",
    "Advertisements received",
    ({ counters }) => counters.advertisements_received,
  ],
  ["advertisements_sent", "Advertisements sent", ({ counters }) => counters.advertisements_sent],
  ["become_master", "Became master", ({ counters }) => counters.became_master],
  ["release_master", "Released master", ({ counters }) => counters.released_master],
  ["packet_length_errors", "Packet length errors", dropped("packet_length")],
  [
    "advertisements_interval_errors",
    "Advertisement interval errors",
    dropped("interval_mismatch", "interval_zero"),
  ],
  ["ip_ttl_errors", "TTL errors", dropped("ttl")],
  ["invalid_type_received", "Invalid type errors", dropped("invalid_type")],
  [
    "address_list_errors",
    "Address list errors",
    dropped("address_list", "address_count_zero"),
  ],
  [
    "authentication_invalid",
    "Unknown authentication type; vipd counts it as a mismatch, so this stays 0",
    dropped(),
  ],
  ["authentication_mismatch", "Authentication type mismatch", dropped("authentication_type")],
  ["authentication_failure", "Authentication failure", dropped("authentication_failed")],
  [
    "priority_zero_received",
    "Priority zero received",
    ({ counters }) => counters.priority_zero_received,
  ],
  ["priority_zero_sent", "Priority zero sent", ({ counters }) => counters.priority_zero_sent],
  [
    "gratuitous_arp_delay",
    "Gratuitous ARP delay, in seconds",
    ({ timers }) => timers.announce_delay_ms / 1000,
  ],
];

export function* keepalivedFamilies({ instances, checks }: NodeStatus): Generator<Family> {
  yield { name: "keepalived_up", type: "gauge", help: "Status", samples: single(1) };
  yield stateFamily(
    "keepalived_vrrp_state",
    "State of vrrp: 0 init, 1 backup, 2 master, 3 fault",
    instances,
    ({ advertised }) => advertised,
  );
  yield stateFamily(
    "keepalived_vrrp_excluded_state",
    "State of vrrp with excluded VIP",
    instances,
    ({ advertised }) => !advertised,
  );
  for (const [name, help, count] of COUNTERS) {
    yield {
      name: `keepalived_${name}_total`,
      type: "counter",
      help,
      samples: instances.map((instance) => ({
        labels: labelsOf(instance, instance.interface),
        value: count(instance),
      })),
    };
  }
  yield {
    name: "keepalived_script_status",
    type: "gauge",
    help: "Tracker Script Status of a check: 1 good, 0 bad",
    samples: checks.map(({ name, state }) => ({
      labels: { name },
      value: Number(state === "up"),
    })),
  };
}

function labelsOf({ name, vrid }: InstanceStatus, intf: string): Labels {
  return { iname: name, intf, vrid };
}

/** One sample for each address, with the device of the address. */
function stateFamily(
  name: string,
  help: string,
  instances: readonly InstanceStatus[],
  belongs: (address: AddressStatus) => boolean,
): Family {
  const samples = instances.flatMap((instance) =>
    instance.addresses.filter(belongs).map(({ address, device }) => ({
      labels: { ...labelsOf(instance, device), ip_address: address },
      value: STATE_NUMBER[instance.state],
    }))
  );
  return { name, type: "gauge", help, samples };
}
