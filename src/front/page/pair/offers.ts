/**
 * The commands that can work on an instance now, and what each will do.
 *
 * A command that vipd would refuse is not offered, nor one that would only make things worse: a node that is not well
 * would serve, or two would. The command line takes the latter, and the page says so.
 *
 * @module
 */

import { counterpart, loweredBy, statusSettings } from "../../../status/peer/settings.ts";
import { failoverReadiness, HELD_BACK } from "../../../status/peer/failover_readiness.ts";
import type {
  InstanceStatus,
  NodeStatus,
  PairReason,
  PeerStatus,
  PriorityStatus,
} from "../../../status/status.ts";
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

/** A command that is offered, `sure` if nothing speaks against it, or why it is not. */
type Decision = { readonly offer: Offer; readonly sure: boolean } | { readonly withheld: string };

export function offersOf(instance: InstanceStatus, status: NodeStatus, nowMs: number): Offers {
  const { state, override, pair } = instance;
  const promote = promoteOf(instance, status);
  const demote = demoteOf(instance, status, nowMs);
  // Somebody must serve before anything else; else the override of a person is the first thing to look at.
  const moves = state === "master" ? [demote, promote] : [promote, demote];
  const decisions = [
    ...(override ? [releaseOf(instance)] : []),
    ...moves.filter((decision) => decision !== null),
  ];
  const offers = decisions.filter((decision) => "offer" in decision);
  const sure = offers.filter((decision) => decision.sure).map(({ offer }) => offer.command);
  const serves = pair?.verdict === "unserved" && sure.includes("promote") ? "promote" : null;
  // A move leaves another machine its address.
  const elsewhere = pair?.verdict === "contested" && pair.reasons[0]?.code !== "two_holders";
  const withheld = decisions.flatMap((decision) =>
    "withheld" in decision ? [decision.withheld] : []
  );
  return {
    offered: offers.map(({ offer }) => offer),
    highlighted: elsewhere && sure[0] !== "release" ? null : serves ?? sure[0] ?? null,
    withheld: withheld.length === 0 ? null : withheld.join(" "),
  };
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

/** It does not hear that this node leaves, and takes over when it has heard nothing for long enough. */
const DEAF: PairReason["code"] = "standby_deaf";

/** With these reasons the standby takes over in no case, or this node does not hear that it has. */
const TAKES_NOTHING: readonly PairReason["code"][] = [
  "adverts_blocked",
  "standby_stopped",
  "standby_missing",
  "standby_fault",
  "standby_demoted",
];

/** If such a node serves, so may another one. */
const UNHEARD: readonly PairReason["code"][] = ["adverts_blocked", DEAF];

/** With these it takes over, and clients are the worse for it. */
const SERVES_WORSE: readonly PairReason["code"][] = [
  "standby_unwell",
  "settings_differ",
  "rehearsal_failed",
];

function releaseOf({ name, state, override }: InstanceStatus): Decision {
  const effect = state === "fault" || state === "init"
    ? `${name} is not ${override!.kind === "priority" ? "set" : override!.kind} any more, ` +
      `and stays in ${state}`
    : "the priorities decide again";
  return { offer: { command: "release", effect }, sure: true };
}

function promoteOf(instance: InstanceStatus, status: NodeStatus): Decision | null {
  const { state, override, pair } = instance;
  const { node, peers } = status;
  const what = movedWords(instance, status);
  const refusal = movedWith(instance, status)
    .map(({ promote_refused: why }) => why).find((why) => why !== undefined);
  if (refusal !== undefined) return { withheld: `Promote cannot work: ${refusal}.` };
  const [master] = peersThatServe(instance, peers);
  if (state === "master") {
    const too = master !== undefined && isDoubled(instance) ? `, and so does ${master}` : "";
    const keeps = { command: "promote", effect: `${node} keeps ${what}${too}` } as const;
    return override?.kind === "promoted" ? null : { offer: keeps, sure: false };
  }
  const why = pair?.verdict === "unserved" ? null : unfitText(instance, status);
  if (why !== null) return { withheld: notAdvised("promote", why, instance, node) };
  const from = master ?? pair?.served_by ?? instance.master?.address;
  const held = heldBack(instance) === undefined ? "" : ", and is not held back any more";
  const takes = `${node} takes ${what}${from ? ` from ${from}` : ""}${held}`;
  // A promote tries what the kernel has refused.
  const tries = state === "fault" || state === "init";
  const effect = tries ? `${takes}, if the kernel refuses nothing now` : takes;
  return { offer: { command: "promote", effect }, sure: !tries };
}

function demoteOf(instance: InstanceStatus, status: NodeStatus, nowMs: number): Decision | null {
  const { state, override } = instance;
  const { node } = status;
  if (state === "master") return handOverOf(instance, status, nowMs);
  if (override?.kind === "demoted") return null;
  const effect = state === "backup"
    ? `${node} stays backup while another node serves`
    : `${node} stays backup when it can run again, while another node serves`;
  return { offer: { command: "demote", effect }, sure: false };
}

/** Without a node that takes over, a master keeps the addresses; a sync group moves as one or not at all. */
function handOverOf(instance: InstanceStatus, status: NodeStatus, nowMs: number): Decision {
  const others = movedWith(instance, status).filter(({ name }) => name !== instance.name);
  for (const other of others) {
    const decision = handOverOfOne(other, status, nowMs);
    if ("withheld" in decision) return decision;
  }
  return handOverOfOne(instance, status, nowMs);
}

function handOverOfOne(instance: InstanceStatus, status: NodeStatus, nowMs: number): Decision {
  const { name, handing_over: handingOver, pair } = instance;
  const { node, peers } = status;
  const what = movedWords(instance, status);
  const offer = (effect: string, sure: boolean): Decision => ({
    offer: { command: "demote", effect },
    sure,
  });
  if (handingOver) return { withheld: `Demote cannot work: ${name} is handing over already.` };
  const { ready = [], reasons = [] } = pair ?? {};
  const blocked = reasons.find(({ code, node: it }) => code === "adverts_blocked" && it === node);
  if (blocked) return { withheld: `Demote cannot work: ${blocked.message}.` };
  const [master] = peersThatServe(instance, peers);
  if (master !== undefined && isDoubled(instance)) {
    return instance.other_master !== undefined
      ? offer(`${node} leaves ${what} to ${master}`, true)
      : { withheld: unheardText(instance, master, node) };
  }
  if (peers.length === 0) {
    return offer(`${node} hands ${what} over, if another node takes over`, false);
  }
  const others = failoverReadiness(instance, peers, nowMs);
  const able = others.filter(({ able }) => able !== false);
  if (able.length === 0) {
    const why = others.map(({ peer, text }) =>
      reasons.find(({ code, node: it }) => code === "standby_unwell" && it === peer)?.message ??
        `${peer} ${text}`
    );
    return { withheld: `Demote cannot work: ${why.join("; ")}.` };
  }
  const heir = heirOf(instance, peers, able.map(({ peer }) => peer));
  const isKnown = able.find(({ peer }) => peer === heir.name)!.able === true;
  if (ready.includes(heir.name)) return offer(`${node} hands ${what} to ${heir.name}`, true);
  const reason = reasons.find(({ code, node: it }) =>
    it === heir.name && [...TAKES_NOTHING, DEAF, ...SERVES_WORSE].includes(code)
  );
  if (reason?.code === DEAF) return { withheld: `Demote may not work: ${reason.message}.` };
  if (reason && TAKES_NOTHING.includes(reason.code)) {
    return { withheld: `Demote cannot work: ${reason.message}.` };
  }
  const why = reason?.message ?? unwellText(heir) ??
    // With a node that is ready, the reasons of others are not listed.
    (isKnown && ready.length > 0
      ? `${heir.name}, which has the higher priority, would take over, and it is not ready`
      : null);
  if (why !== null) return { withheld: notAdvised("demote", why, instance, node) };
  return isKnown
    ? offer(`${node} hands ${what} to ${heir.name}`, false)
    : offer(`${node} hands ${what} to ${heir.name}, if that node takes over`, false);
}

/** A node that may take over: the one with the highest priority does. */
interface Heir {
  readonly name: string;
  readonly priority: number;
  /** The causes of a lower priority. */
  readonly loweredBy: readonly string[];
}

function heirOf(
  instance: InstanceStatus,
  peers: readonly PeerStatus[],
  able: readonly string[],
): Heir {
  const settings = statusSettings(instance);
  return peers.filter(({ name }) => able.includes(name)).map(({ name, instances }): Heir => {
    const theirs = counterpart(settings, instances);
    const { configured = 0, effective = 0 } = theirs?.priority ?? {};
    // An override of a person is not what ails it.
    const isLowered = effective < configured && theirs?.override === null;
    const causes = theirs?.lowered_by ?? ["a check there fails"];
    return { name, priority: effective, loweredBy: isLowered ? causes : [] };
  }).toSorted((a, b) => b.priority - a.priority)[0]!;
}

function unwellText({ name, loweredBy }: Heir): string | null {
  return loweredBy.length === 0 ? null : `${name} is not well: ${loweredBy.join(", ")}`;
}

function unheardText({ name }: InstanceStatus, master: string, node: string): string {
  return `Demote cannot work: ${node} hears no adverts of ${master}. Until the cause is gone, stop ` +
    `vipd on the node that is not to serve ${name}.`;
}

/** Why this node should not serve, though it could; `null` if it may. */
function unfitText(instance: InstanceStatus, { node, peers }: NodeStatus): string | null {
  const { pair, override, priority, state } = instance;
  const own = pair?.reasons.find(({ code, node: it }) =>
    it === node && [...UNHEARD, ...SERVES_WORSE].includes(code)
  );
  const held = heldBack(instance);
  // A promote ends a hold.
  if (own && !(own.code === "standby_unwell" && held)) return own.message;
  const worse = peers.flatMap(({ rehearsal = [] }) => rehearsal)
    .find(({ code, node: it }) => code === "rehearsal_failed" && it === node);
  if (worse) return worse.message;
  const [master] = peersThatServe(instance, peers);
  if (state === "backup" && instance.adverts_missing && master !== undefined) {
    return `${node} hears no adverts of ${master}`;
  }
  const { lowered_by: causes } = loweredBy(priority.reasons.filter((reason) => reason !== held));
  return override === null && causes ? `${node} is not well: ${causes.join(", ")}` : null;
}

/** The part that keeps its priority low after too many moves. */
function heldBack({ priority }: InstanceStatus): PriorityStatus["reasons"][number] | undefined {
  return priority.reasons.find(({ what }) => what.startsWith(HELD_BACK));
}

function isDoubled({ pair }: InstanceStatus): boolean {
  return pair?.reasons.some(({ code }) => code === "two_holders") ?? false;
}

function notAdvised(
  command: "promote" | "demote",
  why: string,
  { name }: InstanceStatus,
  node: string,
): string {
  const verb = command === "promote" ? "Promote" : "Demote";
  return `${verb} is not offered: ${why}. vipd ${command} ${name} on ${node} does it anyway.`;
}

/** The instances that a command moves, the named one first. */
function movedWith(instance: InstanceStatus, { instances }: NodeStatus): readonly InstanceStatus[] {
  const { name, sync_group: group } = instance;
  if (group === null) return [instance];
  return [instance, ...instances.filter((it) => it.name !== name && it.sync_group === group)];
}

function movedWords(instance: InstanceStatus, status: NodeStatus): string {
  const moved = movedWith(instance, status);
  if (moved.length > 1) {
    const all = moved.length === 2 ? "both" : `all ${moved.length}`;
    return `${all} instances of ${instance.sync_group}`;
  }
  const { addresses: [only, ...others] } = instance;
  return only && others.length === 0 ? only.address : `${instance.addresses.length} addresses`;
}
