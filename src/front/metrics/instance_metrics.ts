/**
 * The instances as metrics. Their name is in the label `vrrp_instance`: Prometheus gives `instance` to the scraped
 * target and would rename ours.
 *
 * @module
 */

import { overrideKind, routerState } from "../../status/schemas/terms.ts";
import type { InstanceCounters, InstanceStatus } from "../../status/status.ts";
import { PAIR_REASONS, type PairReasonCode, VERDICTS } from "../../status/codes/verdicts.ts";
import type { Family, Labels, Sample } from "./exposition.ts";

const REASONS = Object.keys(PAIR_REASONS) as PairReasonCode[];

type Value = (instance: InstanceStatus) => number;
type Samples = (instance: InstanceStatus) => readonly Sample[];

/** Metrics with one sample for each instance. */
const GAUGES: readonly (readonly [name: string, help: string, value: Value])[] = [
  [
    "vipd_instance_handing_over",
    "1 while a master waits for the next one before it removes its addresses.",
    ({ handing_over }) => Number(handing_over),
  ],
  [
    "vipd_instance_last_transition_timestamp_seconds",
    "When the present state began, in seconds since the epoch.",
    ({ since }) => Date.parse(since) / 1000,
  ],
  [
    "vipd_instance_priority_configured",
    "The priority of the configuration.",
    ({ priority }) => priority.configured,
  ],
  [
    "vipd_instance_priority_effective",
    "The priority that counts: configured, moved by what is tracked or by an override.",
    ({ priority }) => priority.effective,
  ],
  [
    "vipd_instance_faults",
    "How many things keep the instance from running.",
    ({ faults }) => faults.length,
  ],
  [
    "vipd_instance_addresses_configured",
    "How many addresses the master carries.",
    ({ addresses }) => addresses.length,
  ],
  [
    "vipd_instance_addresses_held",
    "How many of its addresses this node holds now.",
    ({ addresses }) => addresses.filter(({ held }) => held).length,
  ],
  [
    "vipd_instance_master_seen",
    "1 while this node knows who is master.",
    ({ master }) => Number(master !== null),
  ],
  [
    "vipd_instance_master_down_interval_seconds",
    "How long a master must be silent to count as gone.",
    ({ timers }) => timers.master_down_interval_ms / 1000,
  ],
];

type PlainCounter = Exclude<keyof InstanceCounters, "dropped">;

/** Counters of the status, with their names in Prometheus. */
const COUNTERS: Readonly<Record<PlainCounter, readonly [name: string, help: string]>> = {
  advertisements_sent: [
    "vipd_advertisements_sent_total",
    "Adverts sent.",
  ],
  advertisements_failed: [
    "vipd_advertisements_failed_total",
    "Adverts that did not leave.",
  ],
  advertisements_received: [
    "vipd_advertisements_received_total",
    "Adverts received and accepted.",
  ],
  priority_zero_sent: [
    "vipd_priority_zero_sent_total",
    "Adverts sent with priority 0: a master that gives its addresses up.",
  ],
  priority_zero_received: [
    "vipd_priority_zero_received_total",
    "Adverts received with priority 0.",
  ],
  checksum_message: [
    "vipd_checksum_message_total",
    "Accepted adverts whose checksum covers the message alone.",
  ],
  checksum_pseudo_header: [
    "vipd_checksum_pseudo_header_total",
    "Accepted adverts whose checksum covers a pseudo-header too.",
  ],
  became_master: ["vipd_became_master_total", "How often the instance became master."],
  released_master: ["vipd_released_master_total", "How often it was master no longer."],
};

/** Metrics with several samples for each instance. */
const VECTORS: readonly (readonly [name: string, help: string, samples: Samples])[] = [
  [
    "vipd_instance_info",
    "The instance's settings in its labels; always 1.",
    (instance) => [{
      labels: { version: instance.version, sync_group: instance.sync_group ?? "" },
      value: 1,
    }],
  ],
  [
    "vipd_instance_state",
    "1 for the state that the instance is in, 0 for the others.",
    (instance) =>
      routerState.options.map((state) => ({
        labels: { state },
        value: Number(instance.state === state),
      })),
  ],
  [
    "vipd_instance_override",
    "1 for the override in force, 0 for the others.",
    ({ override }) =>
      overrideKind.options.map((kind) => ({
        labels: { kind },
        value: Number(override?.kind === kind),
      })),
  ],
  [
    "vipd_pair_verdict",
    "1 for the verdict on the pair's service of the instance, 0 for the others.",
    ({ pair }) =>
      pair === undefined ? [] : VERDICTS.map((verdict) => ({
        labels: { verdict },
        value: Number(pair.verdict === verdict),
      })),
  ],
  [
    "vipd_pair_reason",
    "1 for each reason of the verdict, 0 for the others.",
    ({ pair }) =>
      pair === undefined ? [] : REASONS.map((reason) => ({
        labels: { reason },
        value: Number(pair.reasons.some(({ code }) => code === reason)),
      })),
  ],
  [
    "vipd_address_held",
    "1 while this node has the address on its device.",
    ({ addresses }) =>
      addresses.map(({ address, device, held }) => ({
        labels: { address, device },
        value: Number(held),
      })),
  ],
  [
    "vipd_instance_lease_seconds",
    "How long the addresses outlast vipd; absent if they stay until vipd removes them.",
    ({ lease }) => lease === null ? [] : [{ labels: {}, value: lease.seconds }],
  ],
  [
    "vipd_instance_lease_age_seconds",
    "How long ago the addresses' lease was renewed; absent while this node does not hold them.",
    ({ lease }) =>
      lease === null || lease.renewed_ms_ago === null
        ? []
        : [{ labels: {}, value: lease.renewed_ms_ago / 1000 }],
  ],
  [
    "vipd_routing_held",
    "1 while this node has put the route or policy rule on the host.",
    ({ routing }) => routing.map(({ entry, held }) => ({ labels: { entry }, value: Number(held) })),
  ],
];

/** The labels of every metric of an instance. */
export function instanceLabels(instance: InstanceStatus): Labels {
  return {
    vrrp_instance: instance.name,
    interface: instance.interface,
    vrid: instance.vrid,
    family: instance.family,
  };
}

export function* instanceFamilies(instances: readonly InstanceStatus[]): Generator<Family> {
  const labelled = instances.map((instance) => ({ instance, labels: instanceLabels(instance) }));
  const each = (samples: Samples) =>
    labelled.flatMap(({ instance, labels }) =>
      samples(instance).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }))
    );
  const one = (value: Value) =>
    labelled.map(({ instance, labels }) => ({ labels, value: value(instance) }));

  for (const [name, help, samples] of VECTORS) {
    yield { name, type: "gauge", help, samples: each(samples) };
  }
  for (const [name, help, value] of GAUGES) {
    yield { name, type: "gauge", help, samples: one(value) };
  }
  for (const [counter, [name, help]] of Object.entries(COUNTERS)) {
    const samples = one(({ counters }) => counters[counter as PlainCounter]);
    yield { name, type: "counter", help, samples };
  }
  yield {
    name: "vipd_advertisements_dropped_total",
    type: "counter",
    help:
      "Packets of the instance that were discarded, by reason; a reason that never occurred is absent.",
    samples: each(({ counters }) =>
      Object.entries(counters.dropped).map(([reason, value]) => ({ labels: { reason }, value }))
    ),
  };
}
