/**
 * The pair as a whole: what `GET /v1/pair` answers, and the one sentence on all of its instances.
 *
 * @module
 */

import { counterpart, statusSettings } from "../peer/settings.ts";
import type {
  InstancePair,
  InstanceStatus,
  NodeStatus,
  PairOfNodes,
  PeerStatus,
} from "../status.ts";
import { VERDICTS } from "../codes/verdicts.ts";

type Judged = InstanceStatus & { readonly pair: InstancePair };

/** The verdicts on all instances, as this node knows them. */
export function pairOfNodes({ node, version, instances, peers }: NodeStatus): PairOfNodes {
  const judged = instances.filter((instance): instance is Judged => instance.pair !== undefined);
  const worst = VERDICTS.find((verdict) => judged.some(({ pair }) => pair.verdict === verdict)) ??
    "unverified";
  return {
    node,
    verdict: worst,
    sentence: wholeSentence(judged, worst),
    instances: judged.map((instance) => ({
      name: instance.name,
      addresses: instance.addresses.map(({ address, prefix_length }) =>
        `${address}/${prefix_length}`
      ),
      ...instance.pair,
      nodes: [nodeOf(node, instance), ...peers.flatMap((peer) => peerOf(peer, instance))],
    })),
    nodes: [
      { name: node, version, reachable: true, clock_offset_ms: 0 },
      ...peers.map(({ name, version, reachable, clock_offset_ms = null }) => ({
        ...{ name, version, reachable, clock_offset_ms },
      })),
    ],
  };
}

function wholeSentence(judged: readonly Judged[], worst: InstancePair["verdict"]): string {
  const [first, ...others] = judged.filter(({ pair }) => pair.verdict === worst);
  if (first === undefined) return "this node has no instance";
  if (others.length === 0 && (judged.length === 1 || worst !== "protected")) {
    return first.pair.sentence;
  }
  if (worst === "protected") {
    return `all ${judged.length} instances are served, with a standby ready`;
  }
  return `${first.pair.sentence}; ${others.length} more ${
    others.length === 1 ? "is" : "are"
  } ${worst}`;
}

type PlacedInstance = PairOfNodes["instances"][number]["nodes"][number];

function nodeOf(
  name: string,
  { state, priority }: Pick<InstanceStatus, "state" | "priority">,
): PlacedInstance {
  const { configured, effective } = priority;
  return { name, state, priority: { configured, effective } };
}

function peerOf(peer: PeerStatus, instance: InstanceStatus): PlacedInstance[] {
  const theirs = counterpart(statusSettings(instance), peer.instances);
  return theirs === null
    ? []
    : [{ name: peer.name, state: theirs.state, priority: theirs.priority }];
}
