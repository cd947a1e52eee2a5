/**
 * Why a node that does not serve would not take over: one reason for each cause, with its remedy.
 *
 * @module
 */

import { PRIORITY_UNWILLING } from "../../vrrp/priority.ts";
import type { PairNode, PairView } from "./view.ts";
import { differences } from "../peer_settings.ts";
import type { PairReasonCode } from "./verdicts.ts";

/** A reason at this moment, before it has lasted. */
export interface ReasonNow {
  readonly code: PairReasonCode;
  /** The node whose cause it is; `null` for the pair. */
  readonly node: string | null;
  /** One sentence without a full stop that names node and cause. */
  readonly message: string;
  readonly hint: string;
}

/** Differences of which each keeps one node from serving for the other. */
const GRAVE: readonly string[] = [
  "VRID",
  "VRRP version",
  "advert interval",
  "authentication",
  "addresses",
];

/** Everything that keeps `standby` from taking over from `master`; `null`: nobody serves, or who does is not known. */
export function standbyReasons(
  view: PairView,
  standby: PairNode,
  master: PairNode | null,
): ReasonNow[] {
  const silent = silenceReason(view, standby);
  if (silent !== null) return [silent];
  if (standby.member === null) return [missingReason(view, standby)];
  const blocked = blockedReason(standby);
  return [
    blocked,
    // That is what the fault is about.
    blocked !== null && standby.member.faults.length === 1 ? null : faultReason(standby),
    deafReason(view, standby, master),
    unwellReason(standby),
    demotedReason(view, standby),
    settingsReason(standby, master),
    ...view.rehearsal.filter(({ node }) => node === standby.name),
    weightReason(view, standby, master),
    olderReason(standby),
    unansweredReason(standby, master),
  ].filter((reason) => reason !== null);
}

/** The reason of a node whose API does not answer; `null` if it does. */
export function silenceReason(
  { own }: Pick<PairView, "own">,
  { name, contact, error }: PairNode,
): ReasonNow | null {
  switch (contact) {
    case "own":
    case "answers":
      return null;
    case "engine_gone":
      return {
        code: "standby_stopped",
        node: name,
        message: `the engine of vipd on ${name} does not answer, as its API says`,
        hint: `on ${name}: systemctl status vipd says why it ended; systemctl start vipd`,
      };
    case "refused":
      return {
        code: "peer_silent",
        node: name,
        message: `the API of ${name} refuses connections; whether vipd runs there is not known`,
        hint: `on ${name}: systemctl status vipd vipd-front; does its api.listen reach beyond ` +
          "that machine?",
      };
    case "not_asked":
      return {
        code: "peer_not_asked",
        node: own.name,
        message: `${own.name} cannot ask ${name}, of which nothing is known: ${error}`,
        hint: `correct that on ${own.name}: vipd.service must be able to read token_file of ` +
          "`peers`",
      };
    case "silent":
      return {
        code: "peer_silent",
        node: name,
        message: `the API of ${name} does not answer: ${error}`,
        hint:
          `is ${name} up, does its firewall let the API's port in, and do url, token_file and ca of ` +
          "`peers` here fit it?",
      };
  }
}

function olderReason({ name, version, member }: PairNode): ReasonNow | null {
  if (!member!.without_verdict) return null;
  return {
    code: "peer_older",
    node: name,
    message: `${name} is in backup with vipd ${version}, which does not say what its nginx would ` +
      "serve, nor whether the address answers it",
    hint: `upgrade vipd on ${name}`,
  };
}

/** It asks as a client, and has no answer by which to judge the master. */
function unansweredReason(
  { name, member }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  const why = member!.client_check_unknown;
  if (why === undefined) return null;
  const server = master?.name ?? "the master";
  return {
    code: "client_check_unknown",
    node: name,
    message: `${name} does not know whether ${server} answers clients: ${why}`,
    hint:
      `does the service on ${server} answer there? \`client_check\` of the instance sets another ` +
      `question, or \`off\`; if nothing is asked, systemctl status vipd-front on ${name}`,
  };
}

function missingReason({ instance, own }: PairView, { name }: PairNode): ReasonNow {
  return {
    code: "standby_missing",
    node: name,
    message: `${name} has no instance with VRID ${own.member.vrid} for ${own.member.addresses[0]}`,
    hint: `add ${instance} to the configuration of ${name}, then vipd reload there`,
  };
}

function faultReason({ name, member }: PairNode): ReasonNow | null {
  const { state, faults } = member!;
  if (state !== "fault" && state !== "init") return null;
  const why = faults.length === 0 ? "" : `: ${faults.join("; ")}`;
  return {
    code: "standby_fault",
    node: name,
    message: state === "fault" ? `${name} is in fault${why}` : `${name} has not started${why}`,
    hint: `remove the cause on ${name}; vipd status there shows it`,
  };
}

function deafReason(
  { own, begins }: PairView,
  { name, member }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (master?.contact === "own" && begins) return null;
  // A master whose API is silent, too, may be gone: then the takeover is the answer.
  const speaks = master?.contact === "own" || master?.contact === "answers";
  if (!speaks || !member!.adverts_missing || master.member?.adverts_blocked) return null;
  const speaker = master.name;
  return {
    code: "standby_deaf",
    node: name,
    message: `${name} hears no adverts of ${speaker}`,
    hint:
      `let VRRP pass from ${speaker} to ${name}: the firewalls of both nodes, and the network ` +
      `between them (\`tcpdump -ni ${own.member.interface} ip proto 112\` on ${name})`,
  };
}

/** The reason of a node whose adverts do not leave it, whether it serves or not; `null` without one. */
export function blockedReason({ name, member }: PairNode): ReasonNow | null {
  if (!member?.adverts_blocked) return null;
  return {
    code: "adverts_blocked",
    node: name,
    message: `the adverts of ${name} do not leave it: ${member.adverts_blocked}`,
    hint: `let protocol 112 out on ${name}: \`vipd doctor\` there names the rule ` +
      "(`nft list ruleset`, `iptables -S OUTPUT`, `ip6tables -S OUTPUT`)",
  };
}

/** Without an override, only what it tracks, or being held back, lowers a priority. */
function unwellReason({ name, member }: PairNode): ReasonNow | null {
  const { state, override, priority: { configured, effective } } = member!;
  if (state !== "backup" || override !== null || effective >= configured) return null;
  const what = effective <= PRIORITY_UNWILLING
    ? `${name} serves only if no other node does`
    : `a check on ${name} fails`;
  return {
    code: "standby_unwell",
    node: name,
    message: `${what}: its priority is ${effective} instead of ${configured}`,
    hint: `vipd status on ${name} shows what lowers it`,
  };
}

function demotedReason({ instance }: PairView, { name, member }: PairNode): ReasonNow | null {
  if (member!.override !== "demoted") return null;
  return {
    code: "standby_demoted",
    node: name,
    message: `${name} is demoted`,
    hint: `vipd release ${instance} on ${name} ends that`,
  };
}

function settingsReason(
  { name, member }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (!master?.member) return null;
  const grave = differences(master.member, member!).filter(({ what }) => GRAVE.includes(what));
  if (grave.length === 0) return null;
  const texts = grave.map(({ what, own, peer }) =>
    `${what} ${own} on ${master.name}, ${peer} on ${name}`
  );
  return {
    code: "settings_differ",
    node: name,
    message: `the settings of ${master.name} and ${name} differ: ${texts.join("; ")}`,
    hint: "give both nodes the same values, then vipd reload on both",
  };
}

/** Only this node's own tracks are known. */
function weightReason(
  { own, lowestPriority }: PairView,
  { name, member }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (master !== own || lowestPriority === null || own.member.override !== null) return null;
  const { configured, effective } = member!.priority;
  const standby = Math.max(configured, effective);
  if (lowestPriority < standby) return null;
  return {
    code: "weight_too_small",
    node: own.name,
    message:
      `no check can make ${name} take over: with all of them failed ${own.name} still has priority ` +
      `${lowestPriority}, and ${name} has ${standby}`,
    hint:
      `give a track on ${own.name} a weight of ${standby - own.member.priority.configured - 1} ` +
      "or less, or none, so that its failure is a fault",
  };
}
