/**
 * The knowledge of this node about an instance and about the same virtual router on its peers, as the verdict takes it.
 *
 * @module
 */

import { type NodeInstance, type PairView, peerNode } from "../../status/pair/view.ts";
import {
  addressesMissing,
  counterpart,
  loweredBy,
  routerKey,
  type Settings,
} from "../../status/peer/settings.ts";
import type {
  AddressConflictStatus,
  ClientCheckStatus,
  DroppedBy,
  PeerInstanceStatus,
  PeerStatus,
  StrayAddress,
} from "../../status/status.ts";
import { effectivePriority } from "../../vrrp/priority.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Instance } from "../instance/instance.ts";

/** A node that has just started counts as such for so much longer than Master_Down_Interval, in milliseconds. */
const START_MARGIN_MS = 1000;

/** The word of a peer is hardly ever older, in milliseconds. */
const PEERS_WORD_MS = 2000;

/** The facts that a verdict needs in addition to the instance and the peers. */
export interface OwnFacts {
  readonly node: string;
  /** An address of the instance that is on this node although it is not master. */
  readonly stray: StrayAddress | null;
  /** A machine outside the pair that has an address of the instance, as this node sees it. */
  readonly conflict: AddressConflictStatus | null;
  /** The rules of this machine's firewall that drop adverts; `null` if none are missed, or no rule is known. */
  readonly droppedBy: DroppedBy | null;
  /** The peer that has an address from which adverts come. */
  readonly peerAt: (address: IpAddress) => string | null;
  /** Monotonic, in milliseconds. */
  readonly nowMs: number;
  /** The last answer that this node, as a client, got from the address. */
  readonly clientCheck: ClientCheckStatus | null;
  /** Why it has no answer to judge by; `null` if it has one, or is not to ask. */
  readonly clientUnknown: string | null;
  /** Wall clock, in milliseconds. */
  readonly wallMs: number;
}

/** A peer as this node knows it, and its instances by virtual router: a thousand of this node look theirs up there. */
export class KnownPeer {
  readonly status: PeerStatus;
  #routers: ReadonlyMap<string, PeerInstanceStatus[]> | null;

  /** `before`: the same peer as it was known until now, whose answer may be the same. */
  constructor(status: PeerStatus, before: KnownPeer | undefined) {
    this.status = status;
    this.#routers = before?.status.instances === status.instances ? before.#routers : null;
  }

  /** Its instance that is the same virtual router; `null` if it has none. */
  counterpartOf(own: Settings): PeerInstanceStatus | null {
    const { instances } = this.status;
    this.#routers ??= Map.groupBy(instances, routerKey);
    return counterpart(own, instances, this.#routers.get(routerKey(own)) ?? []);
  }
}

export function pairView(
  instance: Instance,
  peers: readonly KnownPeer[],
  facts: OwnFacts,
): PairView {
  const { node, peerAt, wallMs } = facts;
  const { config, router, log } = instance;
  const own = ownInstance(instance, facts);
  const ageMs = wallMs - log.transition.atMs;
  return {
    instanceName: config.name,
    own: {
      ...{ name: node, contact: "own", error: "", version: null },
      ...{ instance: own, clockOffsetMs: null },
    },
    peers: peers.map((peer) => peerNode(peer.status, peer.counterpartOf(own))),
    // A clock that was set back makes the age negative.
    // One in fault listens for no master, nor does one that tries in vain whether its adverts leave.
    starting: (router.state === "init" || router.state === "backup") &&
      instance.advertsBlocked === null && ageMs >= 0 &&
      ageMs < router.masterDownIntervalMs + START_MARGIN_MS,
    begins: router.state === "master" && ageMs < PEERS_WORD_MS,
    heardPeer: own.state === "backup" && own.master !== null ? peerAt(own.master.address) : null,
    lowestPriority: lowestPriority(instance),
    rehearsal: peers.flatMap(({ status }) => status.rehearsal ?? []),
  };
}

function ownInstance(
  instance: Instance,
  { stray, conflict, droppedBy, clientCheck, clientUnknown, nowMs }: OwnFacts,
): NodeInstance {
  const { config, settings, router, conditions, override, advertsBlocked } = instance;
  const { addresses } = instance.resources;
  const { effective, reasons } = conditions.priority;
  const self = router.state === "master" && conditions.primaryAddress !== null
    ? { address: conditions.primaryAddress, priority: effective }
    : null;
  return {
    ...settings,
    state: router.state,
    handing_over: router.handingOver,
    priority: { configured: config.priority, effective },
    ...loweredBy([...reasons]),
    master: self ?? router.masterSeen,
    ...(router.advertsMissing(nowMs) && { adverts_missing: true as const }),
    ...(advertsBlocked !== null && { adverts_blocked: advertsBlocked }),
    ...(droppedBy && { adverts_dropped_by: droppedBy }),
    // As a rule: a thousand instances are looked at twice a second.
    ...(!addresses.complete && addressesMissing(router.state, addresses.status())),
    faults: [...conditions.faults],
    override: override?.kind ?? null,
    ...(clientCheck && { client_check: clientCheck }),
    ...(clientUnknown !== null && { client_check_unknown: clientUnknown }),
    ...(stray && { address_on_backup: stray }),
    ...(conflict && { address_conflict: conflict }),
  };
}

/** In a sync group the tracks of all members count. */
function lowestPriority({ config, together, conditions }: Instance): number | null {
  const tracks = together.flatMap((member) => member.config.track);
  if (tracks.length === 0 || tracks.some(({ weight }) => weight === undefined)) return null;
  if (conditions.weighted.some(({ number }) => number !== undefined)) return null;
  const failed = conditions.weighted.map((part) => ({ ...part, ok: part.reverse }));
  return effectivePriority(config.priority, failed, null).effective;
}
