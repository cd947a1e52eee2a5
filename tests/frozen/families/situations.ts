/**
 * Every situation that a status shows: states, faults, orders, alarms, checks, notifications, peers. Each is shown to
 * `vipd status` in its three forms, and made into metrics.
 *
 * @module
 */

import type { Question } from "./family.ts";
import {
  address,
  alarm,
  check,
  instance,
  node,
  type Part,
  peer,
  peerInstance,
  target,
} from "./situation.ts";

const BACKUP = {
  state: "backup",
  addresses: [address({ held: false })],
  lease: { seconds: 3, renewed_ms_ago: null },
  master: { address: "192.168.31.12", priority: 200 },
  reason: { code: "higher_priority_master", message: "another master goes first" },
};
const NOBODY = { ...BACKUP, master: null };
const SINCE = "2026-03-01T10:05:00.000Z";

function override(kind: string, priority: number, until: string | null): Part {
  return { override: { kind, priority, since: SINCE, until } };
}

const INSTANCES: Readonly<Record<string, Part>> = {
  "a master": instance(),
  "a backup": instance(BACKUP),
  "a backup that hears nobody": instance(NOBODY),
  "an instance that starts": instance({ ...NOBODY, state: "init" }),
  "an instance that waits": instance({
    ...NOBODY,
    state: "init",
    faults: ["check nginx has no result yet", "interface eth1 does not exist"],
  }),
  "a fault": instance({ ...NOBODY, state: "fault", faults: ["check nginx is down"] }),
  "a fault with two causes": instance({
    ...NOBODY,
    state: "fault",
    faults: ["check nginx is down", "interface eth1 is down"],
  }),
  "a fault without a cause": instance({ ...NOBODY, state: "fault" }),
  "a hand-over": instance({ handing_over: true }),
  "a master that heard nobody": instance({ master: null }),
  "a master without its address": instance({ addresses: [address({ held: false })] }),
  "a master without its route": instance({
    routing: [
      { entry: "route default via 192.168.31.1", held: false },
      { entry: "rule from 192.168.31.5 lookup 100", held: true },
    ],
  }),
  "a moved priority": instance({
    priority: {
      configured: 150,
      effective: 100,
      reasons: [
        { what: "check nginx failed", change: -60 },
        { what: "interface eth2 is up", change: 10 },
      ],
    },
  }),
  "promoted": instance(override("promoted", 254, null)),
  "promoted for a while": instance(override("promoted", 254, "2026-03-01T10:15:00.000Z")),
  "demoted": instance({ ...BACKUP, ...override("demoted", 1, null) }),
  "a manual priority": instance(override("priority", 120, "2026-03-02T10:15:00.000Z")),
  "packets refused": instance({ accept: false }),
  "a virtual MAC address": instance({
    virtual_mac: { mac: "00:00:5e:00:01:37", interface: "vrrp.55" },
  }),
  "no lease": instance({ lease: null }),
  "signed adverts": instance({ version: 3, authentication: "hmac" }),
  "several addresses": instance({
    addresses: [
      address(),
      address({ address: "192.168.31.6", label: null, advertised: false }),
      address({ address: "192.168.31.7", device: "eth2", held: false, prefix_length: 32 }),
    ],
  }),
  "IPv6": instance({
    family: "ipv6",
    version: 3,
    authentication: "none",
    addresses: [address({ address: "fe80::5", prefix_length: 64, label: null })],
    master: { address: "fe80::11", priority: 150 },
  }),
  "discarded adverts": instance({
    counters: {
      ...instance().counters as Part,
      dropped: { authentication_failed: 2, ttl: 1, checksum: 0 },
    },
  }),
  "control characters": instance({
    reason: { code: "fault", message: "\u001b[2Jgone\n" },
    faults: ["\u0007bell"],
  }),
};

const ALARMS: readonly Part[] = [
  alarm("split_brain_advert", "error", "192.168.31.12 is master too"),
  alarm("split_brain_address", "error", "192.168.31.5 is on another host too"),
  alarm("address_conflict", "error", "another host answers for 192.168.31.5 too"),
  alarm("peer_mismatch", "error", "adverts of 192.168.31.12 are refused"),
  alarm("peer_differs", "warning", "192.168.31.12 differs: its advert interval"),
  alarm("flapping", "warning", "became master again and again within a minute"),
  alarm("reload_failed", "warning", "the configuration is not taken", { subject: null }),
  alarm("state_damaged", "warning", "the standing orders are lost", { subject: null }),
  alarm("state_unwritable", "warning", "orders would not outlive this run", { subject: null }),
  alarm("journal_unwritable", "warning", "the journal's file: ENOSPC", { subject: null }),
  alarm("refusal_failed", "error", "packets cannot be dropped", { subject: null }),
  alarm("notification_failed", "warning", "ops is not told", { subject: null }),
  alarm("split_brain_peer", "error", "lb02 is master too"),
  alarm("peer_config_differs", "warning", "settings differ on two nodes"),
  alarm("peer_unreachable", "warning", "lb02 does not answer", { subject: null }),
];

const CHECKS: Readonly<Record<string, readonly Part[]>> = {
  "no checks": [],
  "a check without a result": [check({ state: "unknown", since: null, last: null })],
  "checks of every type": ["http", "tcp", "process", "exec"].map((type, index) =>
    check({ name: `${type}-check`, type, state: index % 2 === 0 ? "up" : "down" })
  ),
  "recoveries": [["up", "running"], ["up", "verifying"], ["up", "recovered"], ["down", "given_up"]]
    .map(([state = "", phase = ""], index) =>
      check({
        name: phase,
        state,
        recovery: { phase, attempt: index % 2 + 1, attempts: 2, since: SINCE },
      })
    ),
};

const PEERS: Readonly<Record<string, readonly Part[]>> = {
  "a peer that can take over": [peer([peerInstance()])],
  "a peer that is master too": [peer([peerInstance({ state: "master" })])],
  "a peer that hands over": [peer([peerInstance({ state: "master", handing_over: true })])],
  "a peer in fault": [
    peer([peerInstance({ state: "fault", faults: ["check nginx is down"], master: null })]),
  ],
  "a peer that starts": [peer([peerInstance({ state: "init", master: null })])],
  "a demoted peer": [peer([peerInstance({ override: "demoted" })])],
  "a peer with another priority": [
    peer([peerInstance({ priority: { configured: 100, effective: 40 } })]),
  ],
  "a peer with a manual priority": [
    peer([
      peerInstance({ priority: { configured: 100, effective: 90 }, override: "priority" }),
    ]),
  ],
  "a peer with the same priority": [
    peer([peerInstance({ priority: { configured: 150, effective: 150 } })]),
  ],
  "a peer whose settings differ": [
    peer([
      peerInstance({
        interface: "eth9",
        version: 3,
        advert_interval_ms: 2000,
        authentication: "none",
        preempt: false,
        addresses: ["192.168.31.5/24", "192.168.31.6/24"],
        master: { address: "192.168.31.99", priority: 1 },
      }),
    ]),
  ],
  "a peer that does not say all": [
    peer([
      peerInstance({ advert_interval_ms: null, preempt: null, authentication: null }),
    ], { version: "9.9.9" }),
  ],
  "a peer without the instance": [peer([peerInstance({ vrid: 7, addresses: ["10.0.0.1/24"] })])],
  "a peer with another VRID": [peer([peerInstance({ vrid: 7 })])],
  "a peer that went away": [
    peer([], { reachable: false, error: "nobody listens there" }),
  ],
  "a peer that never answered": [
    peer([], { reachable: false, error: null, last_seen: null, node: null, version: null }),
  ],
  "two peers": [
    peer([peerInstance()]),
    peer([peerInstance({ priority: { configured: 50, effective: 50 } })], { name: "lb03" }),
  ],
};

const NODES: Readonly<Record<string, Part>> = {
  "no instances": node([], { checks: [] }),
  "a sync group and another": node(
    ["front", "back", "other"].map((name, index) =>
      instance({ name, vrid: 10 + index, sync_group: name === "other" ? null : "SG" })
    ),
  ),
  "all alarms": node([instance()], { alarms: ALARMS }),
  "a real-time process": node([instance()], { process: { realtime_priority: 10, nice: -5 } }),
  "packets for nobody": node([instance()], { dropped: { unknown_vrid: 3, version: 1 } }),
  "up for seconds": node([instance()], { uptime_seconds: 12 }),
  "up for hours": node([instance()], { uptime_seconds: 3 * 3600 + 720 }),
  "up for days": node([instance()], { uptime_seconds: 4 * 86_400 + 3 * 3600 }),
  "whom it notifies": node([instance()], {
    notifications: [
      target(),
      target({ name: "mail", type: "email", state: "idle", delivered: 0, last_success: null }),
      target({
        name: "pager",
        type: "exec",
        state: "failing",
        waiting: 3,
        lost: 2,
        failed: 5,
        last_failure: { at: "2026-03-01T10:08:10.000Z", detail: "ended with 1: no route" },
      }),
    ],
  }),
};

/** The status of each situation, as 0.1.0's API would answer it. */
export const SITUATIONS: readonly Question<Part>[] = [
  ...Object.entries(INSTANCES).map(([name, one]) => [name, node([one])] as const),
  ...ALARMS.map((one) => [`alarm ${one.code}`, node([instance()], { alarms: [one] })] as const),
  ...Object.entries(CHECKS).map(([name, checks]) =>
    [name, node([instance()], { checks })] as const
  ),
  ...Object.entries(PEERS).map(([name, peers]) => [name, node([instance()], { peers })] as const),
  ...Object.entries(NODES),
];
