/** What lb01 says in each verdict of its pair. */

import { INSTANCE_EXAMPLE, STATUS_EXAMPLE } from "../../src/front/openapi/examples.ts";
import type {
  AlarmStatus,
  InstancePair,
  InstanceStatus,
  NodeStatus,
  PairReason,
  PeerStatus,
} from "../../src/status/status.ts";
import { PAIR_REASONS } from "../../src/status/pair/verdicts.ts";

const SINCE = "2026-03-01T10:06:00.000Z";
const PEER = STATUS_EXAMPLE.peers[0]!;

function reason(code: PairReason["code"], node: string | null, message: string, hint: string) {
  return { code, node, message, hint, since: SINCE, verdict: PAIR_REASONS[code].verdict };
}

function pair(sentence: string, reasons: PairReason[], changes: Partial<InstancePair> = {}) {
  const verdict = reasons[0]?.verdict ?? "protected";
  return { verdict, since: SINCE, sentence, served_by: "lb01", ready: [], reasons, ...changes };
}

function instanceOf(changes: Partial<InstanceStatus>): InstanceStatus {
  return {
    ...structuredClone(INSTANCE_EXAMPLE),
    priority: { configured: 150, effective: 150, reasons: [] },
    master: { address: "192.168.31.11", priority: 150 },
    client_check: null,
    ...changes,
  };
}

function peerOf(changes: Partial<PeerStatus["instances"][number]> = {}): PeerStatus {
  const instance = { ...PEER.instances[0]!, ...changes };
  return {
    ...PEER,
    clock_offset_ms: 40,
    instances: [{ ...instance, priority: { configured: 100, effective: 100 } }],
  };
}

const SILENT: PeerStatus = {
  ...PEER,
  reachable: false,
  error: "connection refused",
  last_seen: SINCE,
  instances: [],
};

function statusOf(
  instances: InstanceStatus[],
  peer: PeerStatus,
  alarms: AlarmStatus[] = [],
): NodeStatus {
  const check = STATUS_EXAMPLE.checks[0]!;
  return {
    ...structuredClone(STATUS_EXAMPLE),
    alarms,
    instances,
    peers: [peer],
    notifications: [],
    checks: [{
      ...check,
      state: "up",
      last: { ...check.last!, ok: true, detail: "200 OK" },
    }],
  };
}

const SAFE = pair("VI_1 is served by lb01; lb02 is ready", [], { ready: ["lb02"] });

const DEAF = reason(
  "standby_deaf",
  "lb02",
  "lb02 hears no adverts of lb01",
  "A firewall on lb02 drops protocol 112: nft add rule inet filter input ip protocol 112 accept",
);

function many(): NodeStatus {
  const names = Array.from({ length: 20 }, (_, index) => index + 1);
  const instances = names.map((number) =>
    instanceOf({
      name: `VI_${number}`,
      vrid: number,
      addresses: [{ ...INSTANCE_EXAMPLE.addresses[0]!, address: `192.168.31.${100 + number}` }],
      pair: { ...SAFE, sentence: `VI_${number} is served by lb01; lb02 is ready` },
    })
  );
  const unsafe = pair("VI_7 is served by lb01; lb02 is not ready: a check fails there", [
    reason(
      "standby_unwell",
      "lb02",
      "lb02 would not serve: its check nginx fails",
      "On lb02: systemctl status nginx",
    ),
  ]);
  instances[6] = { ...instances[6]!, pair: unsafe };
  instances[12] = {
    ...instances[12]!,
    state: "fault",
    faults: ["interface eth13 is down"],
    addresses: instances[12]!.addresses.map((address) => ({ ...address, held: false })),
    pair: pair("VI_13 is served by lb02; lb01 is not ready: in fault", [
      reason(
        "standby_fault",
        "lb01",
        "lb01 is in fault: interface eth13 is down",
        "Raise the link",
      ),
    ], { served_by: "lb02" }),
  };
  const theirs = instances.map(({ name, vrid }) => ({ ...PEER.instances[0]!, name, vrid }));
  return statusOf(instances, { ...PEER, instances: theirs });
}

/** Each verdict, three causes of `unprotected`, and many instances. */
export const PAIR_FIXTURES: Readonly<Record<string, NodeStatus>> = {
  "protected": statusOf([instanceOf({ pair: SAFE })], peerOf()),
  "unverified": statusOf([instanceOf({
    pair: pair("VI_1 is served by lb01; nothing is known of lb02", [
      reason("peer_silent", "lb02", "The API of lb02 does not answer", "On lb02: vipd status"),
    ]),
  })], SILENT),
  "unprotected-deaf": statusOf([instanceOf({
    pair: pair("VI_1 is served by lb01; lb02 is not ready: it hears no adverts", [DEAF]),
  })], peerOf()),
  "unprotected-stopped": statusOf([instanceOf({
    pair: pair("VI_1 is served by lb01; the engine of vipd on lb02 does not answer", [
      reason(
        "standby_stopped",
        "lb02",
        "the engine of vipd on lb02 does not answer, as its API says",
        "On lb02: systemctl status vipd says why it ended; systemctl start vipd",
      ),
    ]),
  })], SILENT),
  "unprotected-unwell": statusOf([instanceOf({
    pair: pair("VI_1 is served by lb01; lb02 is not ready: its check nginx fails", [
      reason(
        "standby_unwell",
        "lb02",
        "lb02 would not serve: its check nginx fails",
        "On lb02: systemctl status nginx",
      ),
    ]),
  })], peerOf()),
  "contested": statusOf([instanceOf({
    pair: pair("VI_1 is held by lb01 and lb02", [
      reason(
        "two_holders",
        null,
        "lb01 and lb02 are both master and hold 192.168.31.5",
        "Let protocol 112 pass between them: vipd doctor names the rule that drops it",
      ),
      DEAF,
    ]),
  })], peerOf({ state: "master" })),
  "unserved": statusOf([instanceOf({
    state: "backup",
    addresses: [{ ...INSTANCE_EXAMPLE.addresses[0]!, held: false }],
    master: { address: "192.168.31.12", priority: 200 },
    client_check: {
      target: "http://192.168.31.5:80/",
      ok: false,
      at: "2026-03-01T10:08:18.000Z",
      detail: "no answer within 2 s",
    },
    pair: pair("VI_1 is not served: lb02 holds 192.168.31.5 and does not answer", [
      reason(
        "holder_silent",
        "lb02",
        "lb02 holds 192.168.31.5 and does not answer clients",
        "Promote lb01, then look at nginx on lb02",
      ),
    ], { served_by: "lb02", ready: ["lb01"] }),
  })], peerOf({ state: "master" })),
  "many": many(),
  "fault": statusOf([instanceOf({
    state: "fault",
    faults: ["interface eth1 is down"],
    addresses: [{ ...INSTANCE_EXAMPLE.addresses[0]!, held: false }],
    master: null,
    pair: pair("VI_1 is served by lb02; lb01 is not ready: in fault", [
      reason("standby_fault", "lb01", "lb01 is in fault: interface eth1 is down", "Raise the link"),
    ], { served_by: "lb02" }),
  })], peerOf({ state: "master" })),
};
