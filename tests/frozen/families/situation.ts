/**
 * A status as 0.1.0's API answers it, to be changed into every situation that there is. It is written out here, because the
 * present model of a status may have more.
 *
 * @module
 */

import type { Json } from "../json.ts";

/** An object of JSON; what is in it is 0.1.0's business. */
export type Part = { readonly [key: string]: Json };

const INSTANCE: Part = {
  name: "VI_1",
  interface: "eth1",
  vrid: 55,
  version: 2,
  family: "ipv4",
  sync_group: null,
  state: "master",
  handing_over: false,
  priority: { configured: 150, effective: 150, reasons: [] },
  preempt: true,
  authentication: "pass",
  addresses: [{
    address: "192.168.31.5",
    prefix_length: 24,
    device: "eth1",
    label: "eth1:1",
    advertised: true,
    held: true,
  }],
  accept: true,
  lease: { seconds: 3, renewed_ms_ago: 420 },
  virtual_mac: null,
  routing: [],
  timers: {
    advert_interval_ms: 1000,
    skew_time_ms: 414.1,
    master_down_interval_ms: 3414.1,
    announce_delay_ms: 5000,
  },
  master: { address: "192.168.31.11", priority: 150 },
  since: "2026-03-01T10:00:00.000Z",
  reason: { code: "master_silent", message: "no master was heard for Master_Down_Interval" },
  faults: [],
  override: null,
  counters: {
    advertisements_sent: 500,
    advertisements_received: 3,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    checksum_message: 3,
    checksum_pseudo_header: 0,
    became_master: 1,
    released_master: 0,
    dropped: {},
  },
};

const CHECK: Part = {
  name: "nginx",
  type: "http",
  state: "up",
  since: "2026-03-01T10:00:00.000Z",
  recovery: null,
  last: { ok: true, at: "2026-03-01T10:08:19.000Z", detail: "HTTP 200 in 1 ms", took_ms: 0.8 },
};

const PEER_INSTANCE: Part = {
  name: "VI_1",
  interface: "eth1",
  vrid: 55,
  family: "ipv4",
  version: 2,
  state: "backup",
  handing_over: false,
  priority: { configured: 100, effective: 100 },
  advert_interval_ms: 1000,
  preempt: true,
  authentication: "pass",
  addresses: ["192.168.31.5/24"],
  master: { address: "192.168.31.11", priority: 150 },
  faults: [],
  override: null,
};

const TARGET: Part = {
  name: "ops",
  type: "webhook",
  state: "ok",
  waiting: 0,
  delivered: 12,
  failed: 0,
  lost: 0,
  last_success: "2026-03-01T10:03:00.200Z",
  last_failure: null,
};

/** lb01, 504 seconds after its start, with these instances. */
export function node(instances: readonly Part[], changes: Part = {}): Part {
  return {
    node: "lb01",
    version: "0.1.0",
    started_at: "2026-03-01T09:59:56.000Z",
    uptime_seconds: 504,
    process: { realtime_priority: null, nice: null },
    alarms: [],
    instances,
    checks: [CHECK],
    notifications: [],
    peers: [],
    dropped: {},
    ...changes,
  };
}

export function instance(changes: Part = {}): Part {
  return { ...INSTANCE, ...changes };
}

export function address(changes: Part = {}): Part {
  const [first] = INSTANCE.addresses as readonly Part[];
  return { ...first, ...changes };
}

export function check(changes: Part = {}): Part {
  return { ...CHECK, ...changes };
}

export function target(changes: Part = {}): Part {
  return { ...TARGET, ...changes };
}

export function alarm(code: string, severity: string, message: string, changes: Part = {}): Part {
  const hint = `what to do about ${code}`;
  return {
    code,
    severity,
    subject: "VI_1",
    message,
    hint,
    since: "2026-03-01T10:07:00.000Z",
    ...changes,
  };
}

/** lb02, which answered half a second ago. */
export function peer(instances: readonly Part[], changes: Part = {}): Part {
  return {
    name: "lb02",
    url: "https://192.168.31.12:9112",
    reachable: true,
    error: null,
    last_seen: "2026-03-01T10:08:19.600Z",
    node: "lb02",
    version: "0.1.0",
    instances,
    ...changes,
  };
}

export function peerInstance(changes: Part = {}): Part {
  return { ...PEER_INSTANCE, ...changes };
}
