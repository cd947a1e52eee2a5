/**
 * Why a node that does not serve would not take over: one reason for each cause, with its remedy.
 *
 * @module
 */

import { PRIORITY_UNWILLING } from "../../vrrp/priority.ts";
import { isNotAsked, type PairNode, type PairView } from "./view.ts";
import { faultRemedy } from "../remedies/fault_remedy.ts";
import { dropsBehindRemedy, ruleRemedy, START, STATUS_OF } from "../remedies/remedies.ts";
import { HELD_BACK, unableText } from "../peer/failover_readiness.ts";
import { differences } from "../peer/settings.ts";
import { moveHint } from "../text/move_hint.ts";
import { type PairReasonCode, REHEARSAL_CODES_OF } from "../codes/verdicts.ts";

/** A reason at this moment, before it has lasted. */
export interface ReasonNow {
  readonly code: PairReasonCode;
  /** The node whose cause it is; `null` for the pair. */
  readonly node: string | null;
  /** One sentence without a full stop that names node and cause. */
  readonly message: string;
  readonly hint: string;
  /** The hint removes the cause itself, which is known for certain. */
  readonly hasRemedy?: true;
  /** How long it must last to count, in milliseconds; absent if as long as its code says. */
  readonly holdMs?: number;
}

/** A reason's code and node, which stay the same while its sentence changes. */
export function reasonCause({ code, node }: Pick<ReasonNow, "code" | "node">): string {
  return node === null ? code : `${code} ${node}`;
}

/** The result of a check has lasted for its `fall` already: only the other node's word may be older, in milliseconds. */
const CHECKED_MS = 500;

/** So begin the faults that a check brings, and its part in a lower priority. */
const CHECK = /^check /;
/** So ends what keeps a standby from asking that has the address itself, hidden from all others. */
const OWN_ADDRESS = /so it would ask itself/;

/** Pairing exchanges all that a node needs to ask the other one. */
export const MISMATCH_HINT = "make url, token_file and ca of `peers` fit that node, or vipd pair " +
  "on both again, then vipd reload on both";

/** The remedy if this node does not ask the others; `where` it is: `here`, or `on lb01`. */
export function notAskedHint(where: string): string {
  return `does the front of vipd, which asks it, run ${where} (${STATUS_OF.front})?`;
}

/** Everything that keeps `standby` from taking over from `master`; `null`: nobody serves, or who does is not known. */
export function standbyReasons(
  view: PairView,
  standby: PairNode,
  master: PairNode | null,
): ReasonNow[] {
  const silent = silenceReason(view, standby);
  if (silent !== null) return [silent];
  if (standby.instance === null) return [missingReason(view, standby)];
  const blocked = blockedReason(standby);
  return [
    blocked,
    // That is what the fault is about.
    blocked !== null && standby.instance.faults.length === 1 ? null : faultReason(standby),
    deafReason(view, standby, master),
    unwellReason(view, standby),
    demotedReason(view, standby),
    settingsReason(standby, master),
    ...rehearsalReasons(view, standby, "standby"),
    weightReason(view, standby, master),
    olderReason(standby),
    unansweredReason(standby, master),
  ].filter((reason) => reason !== null);
}

/** The findings of rehearsals about a node in its part. */
export function rehearsalReasons(
  view: Pick<PairView, "instanceName" | "own" | "peers" | "rehearsal">,
  { name }: Pick<PairNode, "name">,
  part: keyof typeof REHEARSAL_CODES_OF,
): ReasonNow[] {
  const found = view.rehearsal.filter(({ code, node }) =>
    node === name && REHEARSAL_CODES_OF[part].includes(code)
  ).map((reason) => ({ ...reason, hint: movingHint(reason.hint, view, name) }));
  // A certificate that has expired is in it.
  const isLess = part === "serving" && found.some(({ code }) => code === "serves_less");
  return isLess ? found.filter(({ code }) => code !== "certificate_expires") : found;
}

/** A remedy with the move that works now, of the one to a node that would serve more; without it if none does. */
function movingHint(
  hint: string,
  { instanceName, own, peers }: Pick<PairView, "instanceName" | "own" | "peers">,
  serving: string,
): string {
  const nodes = [own, ...peers];
  const better = nodes.find(({ name }) => hint.endsWith(moveHint(name, serving)));
  if (better === undefined) return hint;
  const rest = hint.slice(0, -moveHint(better.name, serving).length);
  const { instance, name } = better;
  if (instance?.state !== "backup") return rest;
  if (instance.override !== "demoted") return unableText(instance) === null ? hint : rest;
  const server = nodes.find((node) => node.name === serving)?.instance;
  const takesOver = server && server.override === null && instance.preempt !== false &&
    instance.priority.configured > server.priority.effective;
  const release = `vipd release ${instanceName} on ${name}`;
  const both = `${release}, then vipd demote ${instanceName} on ${serving}`;
  return rest + moveHint(name, serving, takesOver ? release : both);
}

/** The reason of a node whose API does not answer; `null` if it does. */
export function silenceReason(
  { own }: Pick<PairView, "own">,
  node: PairNode,
): ReasonNow | null {
  const { name, contact, error, version } = node;
  // Before vipd has read what `vipd pair` wrote, its API is open to its own machine alone.
  const neverAnswered = version === null;
  switch (contact) {
    case "own":
    case "answers":
      return null;
    case "engine_gone":
      return {
        code: "standby_stopped",
        node: name,
        message: `the engine of vipd on ${name} does not answer, as its API says`,
        hint: `on ${name}: ${STATUS_OF.engine} says why it ended; start it`,
      };
    case "refused":
      return {
        code: "standby_stopped",
        node: name,
        message: neverAnswered
          ? `vipd does not run on ${name}, or its front does not, or it has not been reloaded since ` +
            "vipd pair: its machine refuses connections to the API"
          : `vipd does not run on ${name}, or its front does not: its machine refuses connections ` +
            "to the API",
        hint: (neverAnswered ? `vipd reload on ${name} if it runs; else ` : "") +
          `start it on ${name}: ${START}; ${STATUS_OF.both} there says why it ended`,
      };
    case "not_asked":
      return {
        code: "peer_not_asked",
        node: own.name,
        message: `${own.name} cannot ask ${name}, of which nothing is known: ${error}`,
        hint: isNotAsked(node)
          ? notAskedHint(`on ${own.name}`)
          : `correct that on ${own.name}: the user of vipd run must be able to read token_file ` +
            "of `peers`",
      };
    case "mismatch":
      return {
        code: "peer_not_asked",
        node: own.name,
        message: `${own.name} gets no status of ${name}: ${error}`,
        hint: MISMATCH_HINT,
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

function olderReason({ name, version, instance }: PairNode): ReasonNow | null {
  if (!instance!.without_verdict) return null;
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
  { name, instance }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  const why = instance!.client_check_unknown;
  if (why === undefined) return null;
  const server = master?.name ?? "the master";
  const asksItself = OWN_ADDRESS.test(why);
  return {
    code: "client_check_unknown",
    node: name,
    message: `${name} does not know whether ${server} answers clients: ${why}`,
    // It has waited long enough before it says so.
    ...(asksItself && { holdMs: 0 }),
    hint: asksItself
      ? `remove that address from ${name}, unless it is to be there; then \`client_check: off\` ` +
        "of the instance says that nobody asks"
      : `does the service on ${server} answer there? \`client_check\` of the instance sets another ` +
        `question, or \`off\`; if nothing is asked, ${STATUS_OF.front} on ${name}`,
  };
}

function missingReason({ instanceName, own }: PairView, { name }: PairNode): ReasonNow {
  return {
    code: "standby_missing",
    node: name,
    message: `${name} has no instance with VRID ${own.instance.vrid} for ${
      own.instance.addresses[0]
    }`,
    hint: `add ${instanceName} to the configuration of ${name}, then vipd reload there`,
  };
}

function faultReason({ name, instance }: PairNode): ReasonNow | null {
  const { state, faults } = instance!;
  if (state !== "fault" && state !== "init") return null;
  const why = faults.length === 0 ? "" : `: ${faults.join("; ")}`;
  return {
    code: "standby_fault",
    node: name,
    message: state === "fault" ? `${name} is in fault${why}` : `${name} has not started${why}`,
    hint: faultRemedy(faults.length === 0 ? [""] : faults, `on ${name}`),
    // A standby that starts has no result of its checks yet.
    ...(state === "fault" && faults.length > 0 && faults.every((fault) => CHECK.test(fault)) && {
      holdMs: CHECKED_MS,
    }),
  };
}

function deafReason(
  { own, begins }: PairView,
  { name, instance }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (master?.contact === "own" && begins) return null;
  // A master whose API is silent, too, may be gone: then the takeover is the answer.
  const speaks = master?.contact === "own" || master?.contact === "answers";
  if (!speaks || !instance!.adverts_missing || master.instance?.adverts_blocked) return null;
  const speaker = master.name;
  const rules = instance!.adverts_dropped_by;
  if (rules !== undefined) {
    return {
      code: "standby_deaf",
      node: name,
      message: `${name} hears no adverts of ${speaker}: its firewall drops them (${rules.rule})`,
      hint: ruleRemedy(rules, name),
      hasRemedy: true,
    };
  }
  return {
    code: "standby_deaf",
    node: name,
    message: `${name} hears no adverts of ${speaker}`,
    hint: `\`vipd doctor\` on ${name}, then on ${speaker}, names the firewall's rule that drops ` +
      "them (nft or iptables, table, chain) and the command that helps; without such a rule it is " +
      `the network between them: \`tcpdump -ni ${own.instance.interface} ip proto 112\` on ${name}`,
  };
}

/** The reason of a node whose adverts do not leave it, whether it serves or not; `null` without one. */
export function blockedReason({ name, instance }: PairNode): ReasonNow | null {
  if (!instance?.adverts_blocked) return null;
  const rules = instance.adverts_dropped_by;
  // The rule stands in the place of the chains that it may be in.
  const why = rules === undefined
    ? instance.adverts_blocked
    : `${instance.adverts_blocked.replace(/ \([^()]*\)$/, "")} (${rules.rule})`;
  return {
    code: "adverts_blocked",
    node: name,
    hasRemedy: true,
    message: `the adverts of ${name} do not leave it: ${why}`,
    hint: rules === undefined
      ? unknownDropRemedy(name, instance.adverts_blocked)
      : ruleRemedy(rules, name),
  };
}

/** By the name of the error: vipd and its doctor know the firewall's rules, but no queues. */
function unknownDropRemedy(name: string, blocked: string): string {
  if (blocked.includes("ENOBUFS")) return dropsBehindRemedy(`on ${name}`);
  return `let protocol 112 out on ${name}: \`vipd doctor\` there names the rule that drops it ` +
    "(nft or iptables, table, chain) and the command that helps";
}

/** Why a node is held back, of what lowers its priority; `undefined` if it is not. */
export function heldBackBy(causes: readonly string[] | undefined): string | undefined {
  return causes?.find((cause) => cause.startsWith(HELD_BACK))?.slice(HELD_BACK.length);
}

/** Without an override, only what it tracks, or being held back, lowers a priority. */
function unwellReason({ instanceName }: PairView, { name, instance }: PairNode): ReasonNow | null {
  const { state, override, priority: { configured, effective }, lowered_by: causes } = instance!;
  if (state !== "backup" || override !== null || effective >= configured) return null;
  const held = heldBackBy(causes);
  const unwilling = effective <= PRIORITY_UNWILLING;
  const what = held !== undefined
    ? `${name} is held back and serves only if no other node does`
    : unwilling
    ? `${name} serves only if no other node does`
    : `${name} is not well`;
  const why = held ?? causes?.join(", ") ?? "a check there fails";
  const lowers = held === undefined && !unwilling
    ? `; its priority is ${effective} instead of ${configured}`
    : "";
  return {
    code: "standby_unwell",
    node: name,
    message: `${what}: ${why}${lowers}`,
    hint: held === undefined
      ? faultRemedy(causes ?? [""], `on ${name}`)
      : `vipd events on ${name} says why; vipd promote ${instanceName} there ends the hold`,
    ...(causes?.every((cause) => CHECK.test(cause)) && { holdMs: CHECKED_MS }),
  };
}

function demotedReason({ instanceName }: PairView, { name, instance }: PairNode): ReasonNow | null {
  if (instance!.override !== "demoted") return null;
  return {
    code: "standby_demoted",
    node: name,
    message: `${name} is demoted`,
    hint: `vipd release ${instanceName} on ${name} ends that`,
  };
}

function settingsReason(
  { name, instance }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (!master?.instance) return null;
  const grave = differences(master.instance, instance!).filter((one) => one.grave);
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
  { name, instance }: PairNode,
  master: PairNode | null,
): ReasonNow | null {
  if (master !== own || lowestPriority === null || own.instance.override !== null) return null;
  const { configured, effective } = instance!.priority;
  const standby = Math.max(configured, effective);
  if (lowestPriority < standby) return null;
  return {
    code: "weight_too_small",
    node: own.name,
    message:
      `no check can make ${name} take over: with all of them failed ${own.name} still has priority ` +
      `${lowestPriority}, and ${name} has ${standby}`,
    hint:
      `give a track on ${own.name} a weight of ${standby - own.instance.priority.configured - 1} ` +
      "or less, or none, so that its failure is a fault",
  };
}
