/**
 * Why an instance is in its state now, which need not be what happened last.
 *
 * @module
 */

import { counterpart, statusSettings } from "../../../status/peer_settings.ts";
import type { InstanceStatus, PeerStatus } from "../../../status/status.ts";

export function whyNow(instance: InstanceStatus, peers: readonly PeerStatus[]): string {
  const { state, faults, override, reason } = instance;
  if (state === "fault") return faults.join("; ") || reason.message;
  if (state === "init") return reason.message;
  if (override && override.kind !== "priority") return `${override.kind} by a command`;
  return state === "master" ? whyMaster(instance, peers) : whyBackup(instance, peers);
}

/** The peers that say they are master. */
export function peersThatServe(
  instance: InstanceStatus,
  peers: readonly PeerStatus[],
): readonly string[] {
  const settings = statusSettings(instance);
  return peers.filter(({ instances }) => counterpart(settings, instances)?.state === "master")
    .map(({ name }) => name);
}

function whyMaster(instance: InstanceStatus, peers: readonly PeerStatus[]): string {
  const own = instance.priority.effective;
  const settings = statusSettings(instance);
  for (const { name, instances } of peers) {
    const theirs = counterpart(settings, instances);
    if (theirs?.state !== "backup") continue;
    const other = theirs.priority.effective;
    if (own > other) return `it has a higher priority than ${name} (${own} > ${other})`;
    return own === other
      ? `it has the same priority as ${name} (${own}) and was master first or has the higher address`
      : `${name} has the higher priority (${other} > ${own}) and does not take over`;
  }
  return "no other node is heard that would serve";
}

function whyBackup(instance: InstanceStatus, peers: readonly PeerStatus[]): string {
  const { master, priority, preempt } = instance;
  const name = peersThatServe(instance, peers)[0] ?? instance.pair?.served_by ?? master?.address;
  if (!master) {
    return name === undefined
      ? "no master is heard"
      : `no advert is heard, although ${name} says that it is master`;
  }
  const own = priority.effective;
  const theirs = master.priority;
  if (theirs > own) return `${name} has the higher priority (${theirs} > ${own})`;
  if (!preempt) return `${name} is master and this node does not preempt`;
  return theirs === own
    ? `${name} has the same priority (${own}) and is master already or has the higher address`
    : `${name} is still master, with the lower priority (${theirs} < ${own})`;
}
