/**
 * The verdict on an instance of a pair: does its service survive the loss of the node that serves it? Worked out for one
 * moment from what this node and its peers report; `node/pair/` adds how long a reason must last.
 *
 * A fact that is unknown is never a reason.
 *
 * @module
 */

import type { PairNode, PairView } from "./view.ts";
import { blockedReason, type ReasonNow, silenceReason, standbyReasons } from "./standby_reasons.ts";
import type { Verdict } from "../status.ts";
import { PAIR_REASONS, type PairReasonCode, VERDICTS } from "./verdicts.ts";

/** Clocks that differ by no more do not matter, in milliseconds. */
const CLOCK_OFFSET_MS = 1000;

/** How an instance is served at this moment. */
export interface ServiceNow {
  /** The node that serves, or its address if its name is not known; `null` if nobody is known to. */
  readonly servedBy: string | null;
  /** The standby nodes that are ready to take over. */
  readonly ready: readonly string[];
  /** The gravest first. */
  readonly reasons: readonly ReasonNow[];
}

/** Judges a view. */
export function judge(view: PairView): ServiceNow {
  const nodes = [view.own, ...view.peers];
  const masters = nodes.filter(({ member }) => member?.state === "master");
  const lasting = masters.filter(({ member }) => !member!.handing_over);
  const heard = view.own.member.master?.address ?? null;
  const master = lasting[0] ?? masters[0] ?? (heard === null ? null : silentMaster(view));
  const servedBy = master?.name ?? heard;
  const served = servedBy !== null;
  const standbys = nodes.filter((node) => node !== master && !masters.includes(node));
  const judged = standbys.map((node) => ({ node, reasons: standbyReasons(view, node, master) }));
  const ready = judged.filter(({ node, reasons }) =>
    served && node.member?.state === "backup" && reasons.length === 0 &&
    // One that does not hear a master without a name may be that master, and its word older than its first advert.
    (master !== null || node === view.own || node.member.master?.address === heard)
  ).map(({ node }) => node.name);
  const reasons = [
    ...(served ? [] : nobodyServes(view)),
    ...clientReasons(view.instance, nodes, master, servedBy),
    ...holderReasons(view, lasting, nodes),
    ...[...new Set([master, ...masters])].flatMap(blockedOf),
    // One standby that is ready is enough.
    ...(ready.length > 0 ? [] : judged.flatMap(({ reasons }) => reasons)),
    ...doubts(view, master),
  ];
  return { servedBy, ready, reasons: reasons.sort(byWeight) };
}

/** The gravest verdict of some reasons. */
export function verdictOf(codes: readonly PairReasonCode[]): Verdict {
  const verdicts = codes.map((code): Verdict => PAIR_REASONS[code].verdict);
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "protected";
}

/** One sentence without a full stop, such as `VI_1 is served by lb01; lb02 is ready`. */
export function verdictSentence(
  instance: string,
  { servedBy, ready, reasons }: ServiceNow,
): string {
  const [first] = reasons;
  if (first === undefined) {
    const are = ready.length === 1 ? "is" : "are";
    return `${instance} is served by ${servedBy}; ${ready.join(" and ")} ${are} ready`;
  }
  const { verdict } = PAIR_REASONS[first.code];
  if (verdict === "unserved") return `${instance} is not served: ${first.message}`;
  if (verdict === "contested") return `${instance} is contested: ${first.message}`;
  const head = servedBy === null
    ? `${instance}: it is not known who serves`
    : `${instance} is served by ${servedBy}`;
  return `${head}; ${first.message}`;
}

const CODES = Object.keys(PAIR_REASONS) as PairReasonCode[];

function byWeight(a: ReasonNow, b: ReasonNow): number {
  return CODES.indexOf(a.code) - CODES.indexOf(b.code);
}

/** This node hears a master that no API has named: the only node whose word is not known. */
function silentMaster({ peers }: PairView): PairNode | null {
  const silent = peers.filter(({ member }) => member === null);
  return silent.length === 1 ? silent[0]! : null;
}

/** Only if every node's word is known; a node that has just started may not have heard a master yet. */
function nobodyServes({ instance, own, peers, starting }: PairView): ReasonNow[] {
  const inFault = own.member.state === "fault" || own.member.state === "init";
  const unknown = peers.some(({ contact }) => contact !== "answers") ||
    peers.length === 0 && inFault;
  if (starting || unknown) return [];
  const states = [own, ...peers].map(({ name, member }) =>
    `${name} ${member === null ? "has no such instance" : `is in ${member.state}`}`
  );
  return [{
    code: "nobody_serves",
    node: null,
    message: `no node holds the addresses: ${states.join(", ")}`,
    hint:
      `remove what keeps the nodes from serving (vipd status on each); vipd promote ${instance} ` +
      "where it can serve",
  }];
}

function clientReasons(
  instance: string,
  nodes: readonly PairNode[],
  master: PairNode | null,
  servedBy: string | null,
): ReasonNow[] {
  if (servedBy === null) return [];
  const failing = nodes.find((node) => node !== master && node.member?.client_check?.ok === false);
  if (!failing) return [];
  const { target, detail } = failing.member!.client_check!;
  return [{
    code: "holder_silent",
    node: servedBy,
    message:
      `${servedBy} has the addresses but does not answer ${failing.name} at ${target}: ${detail}`,
    hint:
      `look at the service on ${servedBy}; if it cannot be repaired at once, vipd promote ${instance} ` +
      `on ${failing.name}`,
  }];
}

/** The others do not hear such a master: the service is not safe until one of them has taken over. */
function blockedOf(master: PairNode | null): ReasonNow[] {
  const reason = master && blockedReason(master);
  return reason === null ? [] : [reason];
}

function holderReasons(
  { own, peers, otherHolder }: PairView,
  lasting: readonly PairNode[],
  nodes: readonly PairNode[],
): ReasonNow[] {
  if (lasting.length > 1) {
    const names = lasting.map(({ name }) => name).join(" and ");
    return [{
      code: "two_holders",
      node: null,
      message: `${names} are master at the same time`,
      hint: "let VRRP pass between the nodes, and compare VRID, version and authentication: " +
        `\`vipd listen\` on each shows what arrives on ${own.member.interface}`,
    }];
  }
  const stray = nodes.find(({ member }) =>
    member?.address_on_backup !== undefined && member.state !== "master"
  );
  if (stray) {
    const { address_on_backup: known, state } = stray.member!;
    // An older vipd does not say which one.
    const what = known ? `${known.address} is on ${known.device}` : "an address is on an interface";
    return [{
      code: "stray_address",
      node: stray.name,
      message: `${what} of ${stray.name} although it is in ${state}`,
      hint: `the alarm address_on_backup there prints the command: vipd status on ${stray.name}`,
    }];
  }
  // With a peer's word there is no need to infer.
  if (otherHolder === null || peers.some(({ contact }) => contact === "answers")) return [];
  return [{
    code: "two_holders",
    node: null,
    message: otherHolder,
    hint: "the alarm about it names the remedy (vipd status)",
  }];
}

/** The reasons to doubt a good verdict. */
function doubts({ own, peers }: PairView, master: PairNode | null): ReasonNow[] {
  if (peers.length === 0) return [noPeer(own)];
  const silent = master === null ? null : masterSilence(master);
  return [
    ...(silent === null ? [] : [silent]),
    ...peers.flatMap(({ name, contact, clockOffsetMs }) =>
      contact === "answers" && clockOffsetMs !== null && Math.abs(clockOffsetMs) > CLOCK_OFFSET_MS
        ? [clockReason(name, clockOffsetMs)]
        : []
    ),
  ];
}

/** That the machine of a master refuses connections does not mean that vipd does not run there: it is heard. */
function masterSilence(master: PairNode): ReasonNow | null {
  if (master.contact !== "refused") return silenceReason(master);
  const { name } = master;
  return {
    code: "peer_silent",
    node: name,
    message: `the API of ${name} refuses connections`,
    hint: `does vipd-front run on ${name} (systemctl status vipd-front), and does its api.listen ` +
      "reach beyond that machine?",
  };
}

function noPeer(
  { name, member: { master, state } }: PairNode & { member: PairView["own"]["member"] },
): ReasonNow {
  const heard = state === "backup" && master !== null
    ? `, beyond the adverts of ${master.address} with priority ${master.priority}`
    : "";
  return {
    code: "no_peer",
    node: null,
    message: `${name} knows nothing of another node${heard}`,
    hint: "name the other node's API in `peers`; a node with keepalived has none",
  };
}

function clockReason(name: string, offsetMs: number): ReasonNow {
  const way = offsetMs > 0 ? "ahead of" : "behind";
  const seconds = Math.abs(offsetMs) / 1000;
  return {
    code: "clock_offset",
    node: name,
    message: `the clock of ${name} is ${
      seconds.toFixed(seconds < 10 ? 1 : 0)
    } s ${way} this node's`,
    hint: "let chrony or systemd-timesyncd keep both clocks",
  };
}
