/**
 * Whether a node may go: does another node serve everything that this one serves no more?
 *
 * @module
 */

import { counterpart, statusSettings } from "./settings.ts";
import type { InstanceStatus, NodeStatus, PeerInstanceStatus, PeerStatus } from "../status.ts";

/** How an instance stands while its node is in maintenance. */
export interface MaintainedInstance {
  readonly name: string;
  /** The node that serves it, by name or address; `null` if nobody is known to. */
  readonly servedBy: string | null;
  /** Why the node must not go yet, one sentence; `null` if it may. */
  readonly waits: string | null;
  /** Why it is not known whether nginx on the node that serves does what it should; `null` if its rehearsal says so. */
  readonly unrehearsed: string | null;
}

/** A reason to wait; the first one counts. `asked`: when the maintenance was asked for. */
type Wait = (
  instance: InstanceStatus,
  others: readonly Other[],
  asked: string | undefined,
) => string | null;

/** The instance on another node; `null` if that node's API does not answer, or has no such instance. */
interface Other {
  readonly peer: PeerStatus;
  readonly instance: PeerInstanceStatus | null;
}

const WAITS: readonly Wait[] = [
  ({ state, override }) =>
    state === "master"
      ? "this node is still master"
      : override?.kind === "demoted"
      ? null
      : "this node is not demoted",
  ({ master }, others) =>
    master === null && masterOf(others) === null ? "no other node is known to be master" : null,
  (_, others) => {
    const known = others.filter(({ instance }) => instance !== null);
    const names = known.map(({ peer }) => peer.name).join(" and ");
    return known.length > 0 && masterOf(others) === null
      ? `${names} ${known.length === 1 ? "does" : "do"} not say yet to be master`
      : null;
  },
  // A keepalived has no API; a peer is one that this node asks.
  (_, others) => {
    const silent = others.map(({ peer }) => peer).filter(({ reachable }) => !reachable);
    return silent.length > 0 && masterOf(others) === null
      ? `${silent.map(unseenText).join("; ")}, so it is not known what its nginx would serve`
      : null;
  },
  (_, others) => {
    const server = serverOf(others);
    const worse = server?.rehearsal?.find(({ code, node }) =>
      code === "rehearsal_failed" && node === server.name
    );
    return worse ? `${worse.message}; vipd rehearse on ${server!.name} shows each name` : null;
  },
  // An older answer may be from before a person rehearsed there.
  (_, others, asked) => {
    const server = serverOf(others);
    if (asked === undefined || !server?.last_seen) return null;
    return Date.parse(server.last_seen) < Date.parse(asked)
      ? `${server.name} has not answered since this maintenance was asked for`
      : null;
  },
  (_, others) => {
    const master = masterIn(others);
    if (master === undefined) return null;
    const { peer: { name, rehearsed } } = master;
    return hasRehearsed(master) === false
      ? `${name} has not rehearsed since it became master`
      : rehearsed?.is_last === false
      ? `the last rehearsal of ${name} is not compared yet`
      : null;
  },
  ({ pair }) =>
    pair?.verdict === "unserved" || pair?.verdict === "contested"
      ? `${pair.verdict}: ${pair.sentence}`
      : null,
];

/**
 * Every instance of a node that is demoted.
 *
 * @param asked when the maintenance was asked for, by this node's clock: an older answer of the other node does not count.
 */
export function maintained(
  { instances, peers }: NodeStatus,
  asked?: string,
): MaintainedInstance[] {
  return instances.map((instance) => {
    const others = peers.map((peer) => ({
      peer,
      instance: peer.reachable ? counterpart(statusSettings(instance), peer.instances) : null,
    }));
    const waits = WAITS.map((wait) => wait(instance, others, asked)).find((why) => why !== null) ??
      null;
    const servedBy = masterOf(others) ?? (instance.state === "master" ? null : instance.master);
    return {
      name: instance.name,
      servedBy: typeof servedBy === "string" ? servedBy : servedBy?.address ?? null,
      waits,
      unrehearsed: unrehearsedText(masterIn(others)),
    };
  });
}

function unseenText({ name, error }: PeerStatus): string {
  return `the API of ${name} does not answer${error === null ? "" : ` (${error})`}`;
}

/** Of a node without an API nobody knows more than its adverts. */
function unrehearsedText(master: Other | undefined): string | null {
  if (master === undefined) return "what its nginx serves is not known";
  const server = master.peer;
  if (server.rehearsal === undefined) return `${server.name} is not rehearsed`;
  const unasked = server.rehearsal.find(({ code, node }) =>
    code === "not_rehearsed" && node === server.name
  );
  if (unasked) return unasked.message;
  return hasRehearsed(master) === null
    ? `${server.name} does not say whether it has rehearsed since it became master`
    : null;
}

/** Whether the rehearsal that was compared began after the node had become master; `null` if that is not known. */
function hasRehearsed({ peer: { rehearsed }, instance }: Other): boolean | null {
  if (rehearsed === undefined || instance?.since === undefined) return null;
  // Both are of that node's clock.
  return Date.parse(rehearsed.began) >= Date.parse(instance.since);
}

function serverOf(others: readonly Other[]): PeerStatus | undefined {
  return masterIn(others)?.peer;
}

/** The name of the node that says to be master, and is not about to hand over. */
function masterOf(others: readonly Other[]): string | null {
  return masterIn(others)?.peer.name ?? null;
}

function masterIn(others: readonly Other[]): Other | undefined {
  return others.find(({ instance }) => instance?.state === "master" && !instance.handing_over);
}
