/**
 * The node, its checks and the process as metrics.
 *
 * @module
 */

import type { EngineFigures } from "../../ipc/messages.ts";
import { ALARMS } from "../../status/codes/alarms.ts";
import type {
  AlarmStatus,
  CheckStatus,
  NodeStatus,
  NotificationStatus,
  ProcessesStatus,
} from "../../status/status.ts";
import { type Family, single } from "./exposition.ts";

export function* nodeFamilies(status: NodeStatus): Generator<Family> {
  yield {
    name: "vipd_build_info",
    type: "gauge",
    help: "The running program in its labels; always 1.",
    samples: [{
      labels: { node: status.node, version: status.version, deno: Deno.version.deno },
      value: 1,
    }],
  };
  yield {
    name: "vipd_start_time_seconds",
    type: "gauge",
    help: "When the load balancer started, in seconds since the epoch.",
    samples: single(Date.parse(status.started_at) / 1000),
  };
  yield {
    name: "vipd_packets_dropped_total",
    type: "counter",
    help:
      "Packets that belong to no instance here, by reason; a reason that never occurred is absent.",
    samples: Object.entries(status.dropped).map(([reason, value]) => ({
      labels: { reason },
      value,
    })),
  };
  yield* processesFamilies(status.processes);
  yield* checkFamilies(status.checks);
  yield {
    name: "vipd_peer_up",
    type: "gauge",
    help: "1 while the other load balancer's API answers.",
    samples: status.peers.map(({ name, reachable }) => ({
      labels: { peer: name },
      value: Number(reachable),
    })),
  };
  yield* notificationFamilies(status.notifications);
  yield alarmFamily(status.alarms);
}

/** The two processes of the daemon. */
function* processesFamilies({ engine, front }: ProcessesStatus): Generator<Family> {
  yield {
    name: "vipd_front_up",
    type: "gauge",
    help: "1 while the process that answers clients serves.",
    samples: single(Number(front.state === "serving")),
  };
  yield {
    name: "vipd_front_restarts_total",
    type: "counter",
    help: "How often the process that answers clients was started again.",
    samples: single(front.restarts),
  };
  yield {
    name: "vipd_engine_restarts_total",
    type: "counter",
    help: "How often the process that speaks VRRP was started again.",
    samples: single(engine.restarts),
  };
}

const NOTIFICATION_METRICS: readonly (readonly [
  name: string,
  type: Family["type"],
  help: string,
  value: (notification: NotificationStatus) => number,
])[] = [
  [
    "vipd_notifications_delivered_total",
    "counter",
    "Events that reached the receiver.",
    ({ delivered }) => delivered,
  ],
  [
    "vipd_notifications_lost_total",
    "counter",
    "Events that will not reach the receiver any more.",
    ({ lost }) => lost,
  ],
  [
    "vipd_notification_failures_total",
    "counter",
    "Deliveries to the receiver that failed, and programs that ended badly.",
    ({ failed }) => failed,
  ],
  [
    "vipd_notifications_waiting",
    "gauge",
    "Events that wait for the receiver.",
    ({ waiting }) => waiting,
  ],
  [
    "vipd_notification_failing",
    "gauge",
    "1 while the last delivery to the receiver failed.",
    ({ state }) => Number(state === "failing"),
  ],
];

/** The targets of the node's notifications; Alertmanager calls them receivers. */
function* notificationFamilies(notifications: readonly NotificationStatus[]): Generator<Family> {
  for (const [name, type, help, value] of NOTIFICATION_METRICS) {
    const samples = notifications.map((notification) => ({
      labels: { receiver: notification.name, type: notification.type },
      value: value(notification),
    }));
    yield { name, type, help, samples };
  }
}

/** Every possible alarm, so that a rule knows the series before the alarm is raised for the first time. */
function alarmFamily(alarms: readonly AlarmStatus[]): Family {
  const standing = alarms.map(({ code, severity, subject }) => ({
    labels: { code, severity, subject: subject ?? "" },
    value: 1,
  }));
  const codes = Object.entries(ALARMS)
    .filter(([code]) => alarms.every((alarm) => alarm.code !== code))
    .map(([code, severity]) => ({ labels: { code, severity, subject: "" }, value: 0 }));
  return {
    name: "vipd_alarms_active",
    type: "gauge",
    help: "1 while the alarm stands; subject is the instance, or empty for the node.",
    samples: [...standing, ...codes],
  };
}

function* checkFamilies(checks: readonly CheckStatus[]): Generator<Family> {
  yield {
    name: "vipd_check_up",
    type: "gauge",
    help: "1 while the check's verdict is up; 0 while it is down or not known yet.",
    samples: checks.map(({ name, type, state }) => ({
      labels: { check: name, type },
      value: Number(state === "up"),
    })),
  };
  yield lastResultFamily(
    "vipd_check_last_result_ok",
    "1 when the check's last probe succeeded.",
    checks,
    ({ ok }) => Number(ok),
  );
  yield lastResultFamily(
    "vipd_check_last_duration_seconds",
    "How long the check's last probe took.",
    checks,
    ({ took_ms }) => took_ms / 1000,
  );
  yield lastResultFamily(
    "vipd_check_last_result_timestamp_seconds",
    "When the check's last probe ended, in seconds since the epoch.",
    checks,
    ({ at }) => Date.parse(at) / 1000,
  );
  yield optionalFamily(
    "vipd_check_number",
    "What the file of a file check holds; 0 while it cannot be read.",
    checks,
    ({ number }) => number,
  );
  yield optionalFamily(
    "vipd_check_certificate_end_timestamp_seconds",
    "When the certificate of an https check's server ends, in seconds since the epoch.",
    checks,
    ({ certificate_ends: ends }) => ends === undefined ? undefined : Date.parse(ends) / 1000,
  );
}

/** Values that only some checks have. */
function optionalFamily(
  name: string,
  help: string,
  checks: readonly CheckStatus[],
  valueOf: (check: CheckStatus) => number | undefined,
): Family {
  const samples = checks.flatMap((check) => {
    const value = valueOf(check);
    return value === undefined ? [] : [{ labels: { check: check.name, type: check.type }, value }];
  });
  return { name, type: "gauge", help, samples };
}

function lastResultFamily(
  name: string,
  help: string,
  checks: readonly CheckStatus[],
  value: (last: NonNullable<CheckStatus["last"]>) => number,
): Family {
  const samples = checks.flatMap(({ name: check, type, last }) =>
    last === null ? [] : [{ labels: { check, type }, value: value(last) }]
  );
  return { name, type: "gauge", help, samples };
}

/** Under the names that every Prometheus client library uses. */
export function* processFamilies(
  { cpuSeconds, residentOctets }: EngineFigures,
): Generator<Family> {
  yield {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Processor time of the process, in user and system mode.",
    samples: single(cpuSeconds),
  };
  yield {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory of the process.",
    samples: single(residentOctets),
  };
}
