/**
 * The commands that can work on an instance now, and what each will do.
 *
 * @module
 */

import { failoverReadiness } from "../../../status/peer/failover_readiness.ts";
import { counterpart, statusSettings } from "../../../status/peer/settings.ts";
import type { InstanceStatus, NodeStatus, PairReason, PeerStatus } from "../../../status/status.ts";
import type { CommandName } from "../api/commands.ts";

export interface Offer {
  readonly command: CommandName;
  /** Its effect, for the button itself. */
  readonly effect: string;
}

export interface Offers {
  readonly offered: readonly Offer[];
  /** The one that is sure to work and most likely wanted; `null` if there is none. */
  readonly highlighted: CommandName | null;
  /** Why a command is missing; `null` if none is. */
  readonly withheld: string | null;
}

export function offersOf(instance: InstanceStatus, status: NodeStatus, nowMs: number): Offers {
  const { state, override, faults, name } = instance;
  const release: readonly Offer[] = override
    ? [{ command: "release", effect: "the priorities decide again" }]
    : [];
  if (state === "fault" || state === "init") {
    const why = faults.length === 0 ? "" : `: ${faults.join("; ")}`;
    const withheld =
      `Promote and Demote cannot work: ${name} is in ${state} on ${status.node}${why}.`;
    return { offered: release, highlighted: release[0]?.command ?? null, withheld };
  }
  const offered: readonly Offer[] = [...release, ...movesOf(instance, status, nowMs)];
  const first = offered[0]?.command ?? null;
  const highlighted = first === "release" || sureToMove(instance, first) ? first : null;
  return { offered, highlighted, withheld: withheldDemote(instance, status, nowMs) };
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

/** Without a verdict, nothing speaks against a move; of two masters, one has to yield. */
function sureToMove({ state, pair }: InstanceStatus, command: CommandName | null): boolean {
  if (state !== "master") return true;
  return command === "demote" &&
    (!pair || pair.ready.length > 0 || pair.verdict === "contested");
}

/** With these reasons the standby takes over in no case. */
const NO_STANDBY: readonly PairReason["code"][] = [
  "standby_stopped",
  "standby_missing",
  "standby_fault",
  "standby_demoted",
];

function movesOf(instance: InstanceStatus, status: NodeStatus, nowMs: number): Offer[] {
  const { state, override, pair } = instance;
  const { node, peers } = status;
  const addresses = addressWords(instance);
  const stay: Offer = { command: "promote", effect: `${node} keeps ${addresses}` };
  if (state === "master") {
    const able = failoverReadiness(instance, peers, nowMs).find(({ able }) => able === true);
    const effect = `${node} hands ${addresses} to ${able?.peer ?? "another node"}`;
    const demote: Offer = { command: "demote", effect };
    return [
      ...(withheldDemote(instance, status, nowMs) === null ? [demote] : []),
      ...(override?.kind === "promoted" ? [] : [stay]),
    ];
  }
  const from = peersThatServe(instance, peers)[0] ?? pair?.served_by ?? instance.master?.address;
  const take = `${node} takes ${addresses}${from ? ` from ${from}` : ""}`;
  return [
    { command: "promote", effect: take },
    ...(override?.kind === "demoted"
      ? []
      : [{ command: "demote", effect: `${node} stays backup` } as const]),
  ];
}

/** Without a node that takes over, a master keeps the addresses. */
function withheldDemote(
  instance: InstanceStatus,
  { peers }: NodeStatus,
  nowMs: number,
): string | null {
  if (instance.state !== "master" || peers.length === 0) return null;
  const { ready = [], reasons = [] } = instance.pair ?? {};
  const absent = reasons.find(({ code }) => NO_STANDBY.includes(code));
  if (ready.length === 0 && peers.length === 1 && absent) {
    return `Demote cannot work: ${absent.message}.`;
  }
  const others = failoverReadiness(instance, peers, nowMs);
  if (others.some(({ able }) => able !== false)) return null;
  const why = others.map(({ peer, text }) => `${peer} ${text}`).join("; ");
  return `Demote cannot work: ${why}.`;
}

function addressWords({ addresses }: InstanceStatus): string {
  const [only] = addresses;
  return only && addresses.length === 1 ? only.address : `${addresses.length} addresses`;
}
