/**
 * What lb01 says in each verdict of its pair. The verdicts, with their sentences and reasons, are what the rules make of
 * the nodes' states here, so that the screenshots in the docs show what vipd says.
 */

import { INSTANCE_EXAMPLE, STATUS_EXAMPLE } from "../../src/front/openapi/examples.ts";
import { judge, verdictOf, verdictSentence } from "../../src/status/pair/verdict.ts";
import { PAIR_REASONS } from "../../src/status/pair/verdicts.ts";
import { type PairMember, peerNode } from "../../src/status/pair/view.ts";
import type { PeerErrorCause } from "../../src/status/peer/error_cause.ts";
import { counterpart, loweredBy, statusSettings } from "../../src/status/peer/settings.ts";
import type {
  InstancePair,
  InstanceStatus,
  NodeStatus,
  PeerInstanceStatus,
  PeerStatus,
} from "../../src/status/status.ts";

const SINCE = "2026-03-01T10:06:00.000Z";
const PEER = STATUS_EXAMPLE.peers[0]!;
const [ADDRESS] = INSTANCE_EXAMPLE.addresses;

function instanceOf(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    ...structuredClone(INSTANCE_EXAMPLE),
    priority: { configured: 150, effective: 150, reasons: [] },
    master: { address: "192.168.31.11", priority: 150 },
    client_check: null,
    ...changes,
  };
}

function theirsOf(
  instance: InstanceStatus,
  changes: Partial<PeerInstanceStatus> = {},
): PeerInstanceStatus {
  const { name, vrid, addresses } = statusSettings(instance);
  return {
    ...structuredClone(PEER.instances[0]!),
    ...{ name, vrid, addresses: [...addresses], priority: { configured: 100, effective: 100 } },
    ...changes,
  };
}

function peerWith(instances: PeerInstanceStatus[]): PeerStatus {
  return { ...PEER, clock_offset_ms: 40, instances };
}

function silent(error: string, cause?: PeerErrorCause): PeerStatus {
  return {
    ...PEER,
    ...{ reachable: false, error, last_seen: SINCE, instances: [] },
    ...(cause && { error_cause: cause }),
  };
}

/** The verdict on an instance of lb01 whose reasons have lasted. */
function pairOf(instance: InstanceStatus, peers: readonly PeerStatus[]): InstancePair {
  const { name, state, handing_over, priority, master, faults, override, client_check } = instance;
  const settings = statusSettings(instance);
  const member: PairMember = {
    ...settings,
    ...{ state, handing_over, priority, master, faults, override: override?.kind ?? null },
    ...loweredBy(priority.reasons),
    client_check: client_check ?? null,
  };
  const service = judge({
    instance: name,
    own: {
      ...{ name: STATUS_EXAMPLE.node, version: STATUS_EXAMPLE.version, contact: "own", error: "" },
      ...{ member, clockOffsetMs: null },
    },
    peers: peers.map((peer) => peerNode(peer, counterpart(settings, peer.instances))),
    ...{ starting: false, begins: false, heardPeer: null, lowestPriority: null, rehearsal: [] },
  });
  return {
    verdict: verdictOf(service)!,
    since: SINCE,
    sentence: verdictSentence(name, service),
    served_by: service.servedBy,
    ready: [...service.ready],
    reasons: service.reasons.map(({ code, node, message, hint }) => ({
      ...{ code, node, message, hint, since: SINCE, verdict: PAIR_REASONS[code].verdict },
    })),
  };
}

function statusOf(instances: InstanceStatus[], ...peers: PeerStatus[]): NodeStatus {
  const check = STATUS_EXAMPLE.checks[0]!;
  return {
    ...structuredClone(STATUS_EXAMPLE),
    alarms: [],
    instances: instances.map((instance) => ({ ...instance, pair: pairOf(instance, peers) })),
    peers,
    notifications: [],
    checks: [{
      ...check,
      state: "up",
      last: { ...check.last!, ok: true, detail: "200 OK" },
    }],
  };
}

/** One instance, and what differs from a sound pair on either node. */
function one(
  own: Partial<InstanceStatus> = {},
  theirs: Partial<PeerInstanceStatus> = {},
): NodeStatus {
  const instance = instanceOf(own);
  return statusOf([instance], peerWith([theirsOf(instance, theirs)]));
}

const NOT_HELD = [{ ...ADDRESS!, held: false }];
const MASTER_THERE = {
  state: "master",
  master: { address: "192.168.31.12", priority: 100 },
} as const;
const UNWELL_THERE = {
  priority: { configured: 100, effective: 40 },
  lowered_by: ["check nginx is down"],
};

function many(): NodeStatus {
  const names = Array.from({ length: 20 }, (_, index) => index + 1);
  const instances = names.map((number) =>
    instanceOf({
      name: `VI_${number}`,
      vrid: number,
      addresses: [{ ...ADDRESS!, address: `192.168.31.${100 + number}` }],
    })
  );
  const theirs = instances.map((instance) => theirsOf(instance));
  theirs[6] = theirsOf(instances[6]!, UNWELL_THERE);
  instances[12] = {
    ...instances[12]!,
    state: "fault",
    faults: ["interface eth13 is down"],
    addresses: instances[12]!.addresses.map((address) => ({ ...address, held: false })),
    master: null,
  };
  theirs[12] = theirsOf(instances[12], MASTER_THERE);
  return statusOf(instances, peerWith(theirs));
}

/** lb02 and lb03 as they are there, whichever node serves. */
function three(
  own: Partial<InstanceStatus>,
  second: Partial<PeerInstanceStatus>,
  third: Partial<PeerInstanceStatus>,
): NodeStatus {
  const instance = instanceOf(own);
  const lb03 = {
    ...{ name: "lb03", node: "lb03", url: "https://192.168.31.13:9112" },
    instances: [theirsOf(instance, { priority: { configured: 50, effective: 50 }, ...third })],
  };
  return statusOf([instance], peerWith([theirsOf(instance, second)]), {
    ...peerWith([]),
    ...lb03,
  });
}

/** Three nodes, of which this one serves, or is a standby like lb03. */
export const THREE_NODES = {
  "all ready": three({}, {}, {}),
  "one ready": three({}, UNWELL_THERE, {}),
  "none ready": three({}, UNWELL_THERE, { adverts_missing: true }),
  "another serves": three(
    { state: "backup", addresses: NOT_HELD, master: { address: "192.168.31.12", priority: 200 } },
    { ...MASTER_THERE, priority: { configured: 200, effective: 200 } },
    { master: { address: "192.168.31.12", priority: 200 } },
  ),
} as const satisfies Readonly<Record<string, NodeStatus>>;

/** Each verdict, three causes of `unprotected`, and many instances. */
export const PAIR_FIXTURES: Readonly<Record<string, NodeStatus>> = {
  "protected": one(),
  "unverified": statusOf([instanceOf()], silent("no whole answer within 1 s")),
  "unprotected-deaf": one({}, { adverts_missing: true }),
  "unprotected-stopped": statusOf([instanceOf()], silent("nobody listens there", "refused")),
  "unprotected-unwell": one({}, UNWELL_THERE),
  "contested": one({}, MASTER_THERE),
  "unserved": one({
    state: "backup",
    addresses: NOT_HELD,
    master: { address: "192.168.31.12", priority: 200 },
    client_check: {
      target: "http://192.168.31.5:80/",
      ok: false,
      at: "2026-03-01T10:08:18.000Z",
      detail: "no answer within 1.5 s",
    },
  }, MASTER_THERE),
  "many": many(),
  "fault": one({
    state: "fault",
    faults: ["interface eth1 is down"],
    addresses: NOT_HELD,
    master: null,
  }, MASTER_THERE),
};
