/**
 * The verdict on an instance of a pair: does its service survive the loss of the node that serves it? Worked out for one
 * moment from what this node and its peers report; `node/pair/` adds how long a reason must last.
 *
 * A fact that is unknown is never a reason against a node, and never one for it: a standby is ready only if it says that
 * it hears the master.
 *
 * @module
 */

import { faultRemedy } from "../remedies/fault_remedy.ts";
import { isNotAsked, type NodeInstance, type PairNode, type PairView } from "./view.ts";
import { ADDRESS_NOT_ASKED } from "../reports/client_report.ts";
import {
  blockedReason,
  type ReasonNow,
  rehearsalReasons,
  silenceReason,
  standbyReasons,
} from "./standby_reasons.ts";
import { asSaidOf, type DroppingNode, rulesRemedy, STATUS_OF } from "../remedies/remedies.ts";
import type { StrayAddress, Verdict } from "../status.ts";
import { PAIR_REASONS, type PairReasonCode, VERDICTS } from "../codes/verdicts.ts";

/** In fault nobody takes over; only a peer's word may be older, in milliseconds. */
const ALL_IN_FAULT_MS = 1250;

/** Clocks that differ by no more do not matter, in milliseconds. */
const CLOCK_OFFSET_MS = 1000;

/** Two masters one of whose firewalls drops VRRP are no hand-over that the other's word is behind, in milliseconds. */
const DROPPING_HOLD_MS = 500;

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
  const masters = nodes.filter(({ instance }) => instance?.state === "master");
  const lasting = masters.filter(({ instance }) => !instance!.handing_over);
  const heard = view.own.instance.master?.address ?? null;
  const master = lasting[0] ?? masters[0] ?? (heard === null ? null : heardMaster(view));
  const servedBy = master?.name ?? heard;
  const standbys = nodes.filter((node) => node !== master && !masters.includes(node));
  const judged = standbys.map((node) => ({ node, reasons: standbyReasons(view, node, master) }));
  const ready = judged.filter(({ node, reasons }) =>
    node.instance?.state === "backup" && reasons.length === 0 && hears(node) &&
    // A backup that does not hear a master without a name may be that master, and its word older than its first advert.
    (master !== null || node.instance.master?.address === heard)
  ).map(({ node }) => node.name);
  const holders = holderReasons(view, lasting, nodes);
  // If another machine has the address, nobody knows which of the two did not answer the client.
  const contested = holders.some(({ code }) => code === "address_conflict");
  const reasons = [
    ...(servedBy === null ? nobodyServes(view) : withoutAddresses(masters)),
    ...(contested ? [] : clientReasons(view.instanceName, nodes, master, servedBy)),
    ...holders,
    ...[...new Set([master, ...masters])].flatMap(blockedOf),
    ...(master === null ? [] : rehearsalReasons(view, master, "serving")),
    // One standby that is ready is enough.
    ...(ready.length > 0 ? [] : judged.flatMap(({ reasons }) => reasons)),
    ...doubts(view, master, ready),
  ];
  const causes = reasons.filter((reason) => !followsFromNotAsking(view, reason));
  return { servedBy, ready, reasons: causes.sort(byWeight) };
}

/** A front that does not ask the peers asks no virtual address either: `peer_not_asked` says so. */
function followsFromNotAsking({ own, peers }: PairView, { code, node }: ReasonNow): boolean {
  return code === "client_check_unknown" && node === own.name &&
    own.instance.client_check_unknown?.startsWith(ADDRESS_NOT_ASKED) === true &&
    peers.some(isNotAsked);
}

/** The verdict; `null` if there is no reason, and yet nobody is known to serve, or no standby to be ready. */
export function verdictOf(
  { servedBy, ready, reasons }: {
    readonly servedBy: string | null;
    readonly ready: readonly string[];
    readonly reasons: readonly { readonly code: PairReasonCode }[];
  },
): Verdict | null {
  const verdicts = reasons.map(({ code }): Verdict => PAIR_REASONS[code].verdict);
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ??
    (servedBy !== null && ready.length > 0 ? "protected" : null);
}

/** One sentence without a full stop, such as `VI_1 is served by lb01; lb02 is ready`. */
export function verdictSentence(
  instance: string,
  { servedBy, ready, reasons }: ServiceNow,
): string {
  const [first] = reasons;
  const verdict = first && PAIR_REASONS[first.code].verdict;
  if (verdict === "unserved") return `${instance} is not served: ${first!.message}`;
  if (verdict === "contested") return `${instance} is contested: ${first!.message}`;
  const head = servedBy === null
    ? `${instance}: it is not known who serves`
    : `${instance} is served by ${servedBy}`;
  if (first !== undefined) return `${head}; ${first.message}`;
  if (servedBy === null) return head;
  if (ready.length === 0) return `${head}; whether another node is ready is not known yet`;
  return `${head}; ${ready.join(" and ")} ${ready.length === 1 ? "is" : "are"} ready`;
}

const CODES = Object.keys(PAIR_REASONS) as PairReasonCode[];

function byWeight(a: ReasonNow, b: ReasonNow): number {
  return CODES.indexOf(a.code) - CODES.indexOf(b.code);
}

/** By its own word; a backup that has just started has heard nobody. */
function hears({ instance }: PairNode): boolean {
  return instance!.master !== null && !instance!.adverts_missing;
}

/** This node hears a master that no API has named yet: by its address, or the only node whose word is not known. */
function heardMaster({ peers, heardPeer }: PairView): PairNode | null {
  const known = peers.find(({ name }) => name === heardPeer);
  if (known) return known;
  const silent = peers.filter(({ instance }) => instance === null);
  return silent.length === 1 ? silent[0]! : null;
}

/** Only if every node's word is known; a node that has just started may not have heard a master yet. */
function nobodyServes({ instanceName, own, peers, starting }: PairView): ReasonNow[] {
  const inFault = own.instance.state === "fault" || own.instance.state === "init";
  const unknown = peers.some(({ contact }) => contact !== "answers") ||
    peers.length === 0 && inFault;
  if (starting || unknown) return [];
  const nodes = [own, ...peers];
  const states = nodes.map(({ name, instance }) => {
    if (instance === null) return `${name} has no such instance`;
    const why = instance.faults.length === 0 ? "" : ` (${instance.faults.join("; ")})`;
    return `${name} is in ${instance.state}${why}`;
  });
  const remedies = nodes.flatMap(({ name, instance }) =>
    instance && instance.faults.length > 0 ? [faultRemedy(instance.faults, `on ${name}`)] : []
  );
  const allInFault = nodes.every(({ instance }) => instance === null || instance.state === "fault");
  return [{
    code: "nobody_serves",
    node: null,
    message: `no node holds the addresses: ${states.join(", ")}`,
    hint: remedies.length > 0
      ? remedies.join("; ")
      : `\`vipd promote ${instanceName}\` where it can serve; \`vipd status\` on each says why none does`,
    ...(allInFault && { holdMs: ALL_IN_FAULT_MS }),
  }];
}

/** The masters are without these addresses, so nobody has them. */
function withoutAddresses(masters: readonly PairNode[]): ReasonNow[] {
  const missing = masters.map(({ instance }) => instance!.addresses_missing ?? []);
  const [first] = masters;
  if (first === undefined || missing.some((addresses) => addresses.length === 0)) return [];
  const { name, instance } = first;
  return [{
    code: "nobody_serves",
    node: name,
    message: `${name} is master and does not hold ${instance!.addresses_missing!.join(", ")}`,
    hint: `the alarm resource_refused on ${name} has the cause: vipd status there`,
  }];
}

function clientReasons(
  instance: string,
  nodes: readonly PairNode[],
  master: PairNode | null,
  servedBy: string | null,
): ReasonNow[] {
  if (servedBy === null) return [];
  const failing = nodes.find((node) =>
    node !== master && node.instance?.client_check?.ok === false
  );
  if (!failing) return [];
  const { target, detail } = failing.instance!.client_check!;
  return [{
    code: "holder_silent",
    node: servedBy,
    message:
      `${servedBy} has the addresses but does not answer ${failing.name} at ${target}: ${detail}`,
    hint:
      `does nginx run on ${servedBy} (systemctl status nginx), and does it answer at that address?` +
      (failing.instance!.state === "backup"
        ? ` If that takes time: \`vipd promote ${instance}\` on ${failing.name}`
        : ""),
  }];
}

/** The others do not hear such a master: the service is not safe until one of them has taken over. */
function blockedOf(master: PairNode | null): ReasonNow[] {
  const reason = master && blockedReason(master);
  return reason === null ? [] : [reason];
}

function holderReasons(
  { own }: PairView,
  lasting: readonly PairNode[],
  nodes: readonly PairNode[],
): ReasonNow[] {
  if (lasting.length > 1) {
    const names = lasting.map(({ name }) => name).join(" and ");
    const deaf = lasting.flatMap(({ name, instance }): DroppingNode[] => {
      const rules = instance!.adverts_dropped_by;
      return rules === undefined ? [] : [{ node: name, rules }];
    });
    const remedy = rulesRemedy(deaf);
    if (remedy !== null) {
      const who = deaf.map(({ node, rules }) =>
        `the firewall of ${node} drops VRRP (${rules.rule})`
      );
      return [{
        code: "two_holders",
        node: null,
        message: `${names} are master at the same time: ${who.join("; ")}`,
        hint: remedy,
        hasRemedy: true,
        holdMs: DROPPING_HOLD_MS,
      }];
    }
    return [{
      code: "two_holders",
      node: null,
      message: `${names} are master at the same time`,
      hint: `\`vipd doctor\` on ${names} names the firewall's rule that drops VRRP, and the ` +
        "command that helps; without such a rule compare VRID, version and authentication: " +
        `\`vipd listen\` on each shows what arrives on ${own.instance.interface}`,
    }];
  }
  const stray = nodes.find(({ instance }) =>
    instance?.address_on_backup !== undefined && instance.state !== "master"
  );
  if (stray) {
    const { address_on_backup: known, state } = stray.instance!;
    // An older vipd does not say which one.
    const what = known ? `${known.address} is on ${known.device}` : "an address is on an interface";
    return [{
      code: "stray_address",
      node: stray.name,
      message: `${what} of ${stray.name} although it is in ${state}`,
      hint: known
        ? `on ${stray.name}: \`ip address del ${
          placed(stray.instance!, known)
        }\`, and take it out of ` +
          "the machine's own network configuration"
        : `the alarm address_on_backup there prints the command: vipd status on ${stray.name}`,
    }];
  }
  const seeing = nodes.find(({ instance }) => instance?.address_conflict !== undefined);
  if (seeing === undefined) return [];
  const { alarm, message, hint } = seeing.instance!.address_conflict!;
  return [{
    // The other alarms are about a second master.
    code: alarm === "address_conflict" ? "address_conflict" : "two_holders",
    node: seeing.name,
    message: `${seeing.name} sees another machine with an address: ${
      asSaidOf(seeing.name, message)
    }`,
    hint: `on ${seeing.name}: ${asSaidOf(seeing.name, hint)}`,
  }];
}

/** As ip(8) takes it: `192.168.31.5/24 dev eth1`. */
function placed({ addresses }: NodeInstance, { address, device }: StrayAddress): string {
  return `${addresses.find((one) => one.startsWith(`${address}/`)) ?? address} dev ${device}`;
}

/** The reasons to doubt a good verdict. */
function doubts(
  view: PairView,
  master: PairNode | null,
  ready: readonly string[],
): ReasonNow[] {
  const { own, peers } = view;
  if (peers.length === 0) return [noPeer(own, ready.includes(own.name))];
  const silent = master === null ? null : masterSilence(view, master);
  return [
    ...(silent === null ? [] : [silent]),
    ...peers.flatMap(({ name, contact, clockOffsetMs }) =>
      contact === "answers" && clockOffsetMs !== null && Math.abs(clockOffsetMs) > CLOCK_OFFSET_MS
        ? [clockReason(name, clockOffsetMs, own.name)]
        : []
    ),
  ];
}

/** A master is heard whatever its API does: its engine runs. */
function masterSilence(view: PairView, master: PairNode): ReasonNow | null {
  const { name, contact, version } = master;
  if (contact !== "refused" && contact !== "engine_gone") return silenceReason(view, master);
  const what = contact === "refused" ? "refuses connections" : "does not reach its engine";
  return {
    code: "peer_silent",
    node: name,
    message: `the API of ${name} ${what}, though its adverts are heard`,
    hint: `does the front of vipd run on ${name} (${STATUS_OF.front}), and does its api.listen ` +
      "reach beyond that machine?" +
      (version === null ? " After vipd pair: vipd reload there" : ""),
  };
}

function noPeer(
  { name, instance: { master, state } }: PairView["own"],
  isReady: boolean,
): ReasonNow {
  const message = state === "backup" && master !== null
    ? `${name} ${isReady ? "is ready, and " : ""}knows of that node only what its adverts say: ` +
      `it is master with priority ${master.priority}`
    : `${name} knows of no other node: a standby sends no adverts, and \`peers\` names none`;
  return {
    code: "no_peer",
    node: null,
    message,
    hint: `vipd pair on ${name} and vipd pair --join on the other node name each other's API in ` +
      "`peers`; a node with keepalived has none",
  };
}

function clockReason(name: string, offsetMs: number, ownName: string): ReasonNow {
  const way = offsetMs > 0 ? "ahead of" : "behind";
  const seconds = Math.abs(offsetMs) / 1000;
  return {
    code: "clock_offset",
    node: name,
    message: `the clock of ${name} is ${
      seconds.toFixed(seconds < 10 ? 1 : 0)
    } s ${way} that of ${ownName}`,
    hint:
      "let chrony or systemd-timesyncd keep both clocks: timedatectl or chronyc tracking there " +
      `and on ${ownName}`,
  };
}
