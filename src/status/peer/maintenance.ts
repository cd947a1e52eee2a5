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

/** A reason to wait; the first one counts. */
type Wait = (instance: InstanceStatus, others: readonly Other[]) => string | null;

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
  ({ pair }) =>
    pair?.verdict === "unserved" || pair?.verdict === "contested"
      ? `${pair.verdict}: ${pair.sentence}`
      : null,
];

/** Every instance of a node that is demoted. */
export function maintained({ instances, peers }: NodeStatus): MaintainedInstance[] {
  return instances.map((instance) => {
    const others = peers.map((peer) => ({
      peer,
      instance: peer.reachable ? counterpart(statusSettings(instance), peer.instances) : null,
    }));
    const waits = WAITS.map((wait) => wait(instance, others)).find((why) => why !== null) ?? null;
    const servedBy = masterOf(others) ?? (instance.state === "master" ? null : instance.master);
    return {
      name: instance.name,
      servedBy: typeof servedBy === "string" ? servedBy : servedBy?.address ?? null,
      waits,
      unrehearsed: unrehearsedText(serverOf(others)),
    };
  });
}

function unseenText({ name, error }: PeerStatus): string {
  return `the API of ${name} does not answer${error === null ? "" : ` (${error})`}`;
}

/** Of a node without an API nobody knows more than its adverts. */
function unrehearsedText(server: PeerStatus | undefined): string | null {
  if (server === undefined) return "what its nginx serves is not known";
  if (server.rehearsal === undefined) return `${server.name} is not rehearsed`;
  return server.rehearsal.find(({ code, node }) => code === "not_rehearsed" && node === server.name)
    ?.message ?? null;
}

function serverOf(others: readonly Other[]): PeerStatus | undefined {
  return others.find(({ peer }) => peer.name === masterOf(others))?.peer;
}

/** The name of the node that says to be master, and is not about to hand over. */
function masterOf(others: readonly Other[]): string | null {
  return others.find(({ instance }) => instance?.state === "master" && !instance.handing_over)
    ?.peer.name ?? null;
}
