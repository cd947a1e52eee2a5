/**
 * One answer of each kind, for the OpenAPI document: as a pair gives it whose master has lost nginx, which moves its
 * priority but is no reason to hand over.
 *
 * @module
 */

import type { CommandAnswer, ReloadAnswer } from "../../api/answer_shapes.ts";
import type { JournalEntry } from "../../status/journal.ts";
import type { NodeConfig } from "../../status/node_config.ts";
import type { Readiness } from "../../status/readiness.ts";
import { pairOfNodes } from "../../status/pair/answer.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import type { InstanceStatus, NodeStatus, PairOfNodes } from "../../status/status.ts";
import { VERSION } from "../../version.ts";

export const REHEARSAL_EXAMPLE: Rehearsal = {
  node: "lb01",
  at: "2026-03-01T10:07:00.000Z",
  took_ms: 41,
  began_at: "2026-03-01T10:06:59.959Z",
  by_itself: true,
  nginx: {
    ...{ config: "/etc/nginx/nginx.conf", running: true, stale: null, unloadable: null },
    unread: [],
  },
  results: [{
    name: "www.example.com",
    port: 443,
    tls: true,
    path: "/",
    at: "2026-03-01T10:06:59.980Z",
    served: true,
    certificate: {
      names: ["example.com", "*.example.com"],
      issuer: "Example CA 1",
      expires: "2026-05-20T12:00:00.000Z",
      fingerprint: Array(32).fill("5E").join(":"),
    },
    status: 200,
    location: null,
    error: null,
    not_rehearsed: null,
  }],
};

export const INSTANCE_EXAMPLE: InstanceStatus = {
  name: "VI_1",
  interface: "eth1",
  track_interface: true,
  vrid: 55,
  version: 2,
  family: "ipv4",
  sync_group: null,
  state: "master",
  handing_over: false,
  priority: {
    configured: 150,
    effective: 90,
    reasons: [{ what: "check nginx is down", change: -60 }],
  },
  sole_backup: { applies: true, why: "lb02 is the only other node" },
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
    skew_time_ms: 648.4,
    master_down_interval_ms: 3648.4,
    announce_delay_ms: 5000,
  },
  master: { address: "192.168.31.11", priority: 90 },
  since: "2026-03-01T10:00:00.000Z",
  reason: { code: "master_silent", message: "no master was heard for Master_Down_Interval" },
  faults: [],
  override: null,
  // No check can make the other node take over: 150 - 60 is more than 80.
  pair: {
    verdict: "unprotected",
    since: "2026-03-01T10:00:08.000Z",
    sentence:
      "VI_1 is served by lb01; no check can make lb02 take over: with all of them failed lb01 " +
      "still has priority 90, and lb02 has 80",
    served_by: "lb01",
    ready: [],
    reasons: [{
      code: "weight_too_small",
      verdict: "unprotected",
      node: "lb01",
      message: "no check can make lb02 take over: with all of them failed lb01 still has " +
        "priority 90, and lb02 has 80",
      hint: "give a track on lb01 a weight of -71 or less, or none, so that its failure is a fault",
      since: "2026-03-01T10:00:05.000Z",
    }],
  },
  client_check: null,
  counters: {
    advertisements_sent: 500,
    advertisements_failed: 0,
    advertisements_received: 3,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    checksum_message: 3,
    checksum_pseudo_header: 0,
    became_master: 1,
    released_master: 0,
    dropped: { authentication_failed: 2 },
  },
};

export const STATUS_EXAMPLE: NodeStatus = {
  node: "lb01",
  version: VERSION,
  started_at: "2026-03-01T09:59:56.000Z",
  uptime_seconds: 504,
  now: "2026-03-01T10:08:20.000Z",
  process: { realtime_priority: null, nice: null },
  processes: {
    engine: {
      pid: 812,
      user: "vipd",
      started_at: "2026-03-01T09:59:56.000Z",
      restarts: 0,
      last_exit: null,
    },
    front: {
      state: "serving",
      pid: 905,
      user: "vipd-front",
      started_at: "2026-03-01T10:02:00.000Z",
      restarts: 1,
      last_exit: { at: "2026-03-01T10:01:59.000Z", reason: "it was ended by SIGKILL" },
      problem: null,
    },
  },
  alarms: [],
  instances: [INSTANCE_EXAMPLE],
  checks: [{
    name: "nginx",
    type: "http",
    state: "down",
    since: "2026-03-01T10:03:00.000Z",
    recovery: null,
    last: {
      ok: false,
      at: "2026-03-01T10:08:19.000Z",
      detail: "connection refused",
      took_ms: 0.8,
    },
  }],
  notifications: [{
    name: "ops",
    type: "webhook",
    state: "failing",
    waiting: 1,
    delivered: 12,
    failed: 3,
    lost: 0,
    last_success: "2026-03-01T10:03:00.200Z",
    last_failure: { at: "2026-03-01T10:08:18.000Z", detail: "HTTP 503" },
  }],
  peers: [{
    name: "lb02",
    url: "https://192.168.31.12:9112",
    reachable: true,
    error: null,
    last_seen: "2026-03-01T10:08:19.600Z",
    node: "lb02",
    version: VERSION,
    instances: [{
      name: "VI_1",
      interface: "eth1",
      vrid: 55,
      family: "ipv4",
      version: 2,
      state: "backup",
      handing_over: false,
      priority: { configured: 80, effective: 80 },
      advert_interval_ms: 1000,
      preempt: true,
      authentication: "pass",
      addresses: ["192.168.31.5/24"],
      master: { address: "192.168.31.11", priority: 90 },
      faults: [],
      override: null,
      since: "2026-03-01T10:00:00.000Z",
      client_check: {
        target: "http://192.168.31.5:80/",
        ok: true,
        detail: "HTTP 200",
      },
    }],
    clock_offset_ms: 12,
  }],
  dropped: {},
};

export const PAIR_EXAMPLE: PairOfNodes = pairOfNodes(STATUS_EXAMPLE);

export const CONFIG_EXAMPLE: NodeConfig = {
  node: "lb01",
  version: VERSION,
  config: {
    settings: { node: "lb01", start_delay: "0s", listen: ["192.168.31.11:9112"] },
    interfaces: {},
    checks: { nginx: { type: "process", interval: "2s", process: "nginx" } },
    instances: {
      VI_1: {
        ...{ interface: "eth1", vrid: "55", version: "2", priority: "150", advert_interval: "1s" },
        ...{ "authentication.type": "pass", addresses: ["192.168.31.5/24"] },
        track: ["{ check: nginx, weight: -60 }"],
      },
    },
    sync_groups: {},
    notify: { ops: { type: "webhook", on: ["alarm"] } },
    peers: { lb02: { url: "https://192.168.31.12:9112" } },
  },
  machine: { kernel: "6.1.0-18-amd64", settings: { "ipv4/ip_nonlocal_bind": "0" } },
  certificates: [{
    use: "https://192.168.31.11:9112",
    subject: "CN=lb01",
    ends: "2027-03-01T00:00:00.000Z",
    fingerprint: "5A:0C:F1",
  }],
};

export const ENTRIES_EXAMPLE: readonly JournalEntry[] = [{
  id: 5,
  time: "2026-03-01T10:00:00.000Z",
  severity: "notice",
  code: "state_changed",
  message: "VI_1: backup -> master: no master was heard for Master_Down_Interval",
  subject: "VI_1",
  transition: { from: "backup", to: "master", reason: "master_silent" },
  priority: 150,
}];

export const STREAM_EXAMPLE = `id: 5\nevent: entry\ndata: ${
  JSON.stringify(ENTRIES_EXAMPLE[0])
}\n\nevent: changed\ndata: {}\n\n`;

export const METRICS_EXAMPLE = [
  "# HELP vipd_instance_state 1 for the state that the instance is in, 0 for the others.",
  "# TYPE vipd_instance_state gauge",
  'vipd_instance_state{vrrp_instance="VI_1",interface="eth1",vrid="55",family="ipv4",state="master"} 1',
  "",
].join("\n");

export const COMMAND_EXAMPLE: CommandAnswer = {
  took_ms: 7,
  instance: INSTANCE_EXAMPLE,
  peers: [{ name: "lb02", peer: "lb02", state: "backup" }],
};

export const RELOAD_EXAMPLE: ReloadAnswer = {
  took_ms: 12,
  changes: [{ subject: "check nginx", key: "interval", change: "2s -> 1s" }],
  warnings: [],
  verdicts: {
    checks: [{ name: "nginx", state: "down", detail: "connection refused" }],
    instances: [{ name: "VI_1", state: "master", faults: [] }],
  },
  probation: { since: "2026-03-01T10:08:20.000Z", until: "2026-03-01T10:09:20.000Z" },
};

export const READY_EXAMPLE: Readiness = { status: "ready", reasons: [] };
export const NOT_READY_EXAMPLE: Readiness = {
  status: "not_ready",
  reasons: ["VI_1 cannot serve: interface eth1 is down"],
};
