/**
 * The status for a person at a terminal.
 *
 * @module
 */

import { type AlarmGroup, alarmGroups, groupName } from "../../status/text/alarm_groups.ts";
import { causeOf } from "../../status/codes/alarms.ts";
import { overrideText } from "../../status/text/override_text.ts";
import { failoverReadiness } from "../../status/peer/failover_readiness.ts";
import { missingOf } from "../../status/readiness.ts";
import { presentReason } from "../../status/pair/present_reason.ts";
import { processLines } from "../../status/text/processes.ts";
import { gravestVerdict } from "../../status/pair/severity.ts";
import { age, clockOf, span } from "../../status/text/span.ts";
import type {
  CheckStatus,
  DropCounters,
  InstanceStatus,
  NodeStatus,
  NotificationStatus,
  PriorityStatus,
  ProcessStatus,
} from "../../status/status.ts";
import { printableValue } from "../../wire/printable.ts";
import type { Section } from "./terminal/fit.ts";
import { instanceTable, type TableLook } from "./instance_table.ts";
import { MANY_INSTANCES, pairLines } from "./pair_text.ts";
import { probationText } from "./reload_text.ts";
import type { Style } from "./terminal/style.ts";
import { type Times, timesIn } from "./times.ts";
import { padTo, widthOf } from "./terminal/width.ts";

/** How a status is shown. */
export interface StatusLook {
  /** False: it is not current, but from an engine that hangs or does not run. */
  readonly runs: boolean;
  readonly times: Times;
  /** Columns that a table has; `null` for any number. */
  readonly columns: number | null;
}

/** The whole status; ends with a newline. */
export function statusText(
  said: NodeStatus,
  style: Style,
  look: Partial<StatusLook> = {},
): string {
  const blocks = statusSections(said, style, look).map(({ lines }) => lines.join("\n"));
  return `${blocks.join("\n\n")}\n`;
}

/** The parts of the status, the most important first. */
export function statusSections(
  said: NodeStatus,
  style: Style,
  { runs = true, times = timesIn(undefined), columns = null }: Partial<StatusLook> = {},
): Section[] {
  const status = printableValue(said);
  const nowMs = clockOf(status);
  const look = { style, times, runs, columns };
  const many = status.instances.length >= MANY_INSTANCES;
  const instances = many
    ? [{ lines: instanceTable(status, look), keep: 4, rank: 1, unit: "instances" }]
    : status.instances.map((instance) => ({
      lines: instanceBlock(instance, status, nowMs, look),
      keep: 3,
      rank: 1,
      unit: "lines",
    }));
  return [
    {
      lines: runs ? pairLines(status.instances, nowMs, style) : [],
      // The sentence, the gravest reason and its remedy.
      ...{ keep: 3, wraps: 3 },
      rank: 0,
      unit: "lines",
    },
    { lines: headBlock(status, nowMs, look), keep: 2, rank: 2, unit: "lines" },
    ...instances,
    { lines: checksBlock(status.checks, nowMs, style), keep: 0, rank: 3, unit: "checks" },
    {
      lines: notificationsBlock(status.notifications, nowMs, style),
      keep: 0,
      rank: 3,
      unit: "targets",
    },
  ].filter(({ lines }) => lines.length > 0);
}

type HeadLook = Pick<StatusLook, "runs" | "times"> & { readonly style: Style };

/** The node, its alarms and its processes. */
function headBlock(status: NodeStatus, nowMs: number, { style, runs, times }: HeadLook): string[] {
  const uptime = span(status.uptime_seconds * 1000);
  const matters = [
    ...alarmGroups(status.alarms).flatMap((alarm) => alarmLines(alarm, nowMs, style)),
    ...(runs ? attention(status) : []).map((line) => style.bad(`! ${line}`)),
  ];
  const { instances } = status;
  // The status of an older vipd says nothing of the pair, and has its alarms alone.
  const older = instances.length > 0 && instances.every(({ pair }) => pair === undefined);
  const safe = older || gravestVerdict(instances) === "protected";
  const well = matters.length === 0 && runs && safe;
  return [
    `${style.bold(status.node)}  vipd ${status.version}, up ${uptime}${well ? ", no alarms" : ""}`,
    ...tuningLines(status.process),
    ...(status.probation ? [style.warning(probationText(status.probation, times))] : []),
    ...matters,
    ...processLines(status, nowMs).map(({ text, well }) => well ? text : style.warning(text)),
    ...dropRows(status.dropped).map(([, text]) => `packets for no instance discarded: ${text}`),
  ];
}

/** The process settings that differ from the usual ones; nothing if none does. */
function tuningLines({ realtime_priority, nice }: ProcessStatus): string[] {
  const parts = [
    ...(realtime_priority === null ? [] : [`real-time priority ${realtime_priority}`]),
    ...(nice === null ? [] : [`nice ${nice}`]),
  ];
  return parts.length === 0 ? [] : [`runs with ${parts.join(", ")}`];
}

/** An alarm and, below it, its remedy. */
function alarmLines(alarm: AlarmGroup, nowMs: number, style: Style): string[] {
  const { code, severity, message, hint, evidence, since } = alarm;
  const line = `! ${groupName(alarm)}${message} (${code}, since ${age(since, nowMs)})`;
  const shown = evidence.map((sentence) => `  also: ${sentence}`);
  return [severity === "error" ? style.bad(line) : style.warning(line), ...shown, `  ${hint}`];
}

/** Other states that need a look. A table has those that do not run at its top, with the cause. */
function attention(status: NodeStatus): string[] {
  const many = status.instances.length >= MANY_INSTANCES;
  return status.instances.flatMap((instance) => {
    const { name, state, faults } = instance;
    if (many && state !== "master") return [];
    if (state === "fault" && !alarmsNameFault(status, name)) {
      return [`${name} is in fault: ${faults.join("; ") || "cause unknown"}`];
    }
    const missing = missingOf(instance);
    if (state === "master" && missing.length > 0) {
      return [`${name} is master without ${missing.join(", ")}: see the log`];
    }
    if (state === "init" && faults.length > 0) return [`${name} waits: ${faults.join("; ")}`];
    return [];
  });
}

/** False for a vipd that has no alarm about faults, such as 0.1.0. */
function alarmsNameFault({ alarms }: NodeStatus, name: string): boolean {
  const { cause } = causeOf("fault");
  return alarms.some(({ code, subject }) => subject === name && causeOf(code).cause === cause);
}

function instanceBlock(
  instance: InstanceStatus,
  status: NodeStatus,
  nowMs: number,
  look: TableLook,
): string[] {
  const { name, vrid, version, reason, since } = instance;
  const { style, times, runs } = look;
  const clock = (time: string) => times.short(time, nowMs);
  const rows: (readonly [string, string])[] = [
    ["why", presentReason(instance, status, clock)],
    ["since", `${age(since, nowMs)} ago, ${times.full(since)} (${reason.message})`],
    ["priority", priorityText(instance.priority)],
    ["master", masterText(instance, style)],
    ...peerRows(instance, status, nowMs, style),
    ...clientRows(instance, nowMs, style),
    ...goodbyeRows(instance),
    ...groupRows(instance, status),
    ...instance.addresses.map(({ address, prefix_length, device, label, advertised, held }) => {
      const place = label === null ? device : `${device}, label ${label}`;
      const stray = instance.address_on_backup;
      const here = held
        ? style.good("held")
        : stray?.address === address
        ? style.bad(`on ${stray.device}, and not put there by vipd`)
        : "not held";
      const note = advertised ? "" : ", not advertised";
      return ["address", `${address}/${prefix_length} on ${place}: ${here}${note}`] as const;
    }),
    ...leaseRows(instance),
    ...(instance.accept ? [] : [["accept", "no: packets to the addresses are dropped"] as const]),
    ...(instance.virtual_mac
      ? [["mac", `${instance.virtual_mac.mac} on ${instance.virtual_mac.interface}`] as const]
      : []),
    ...instance.routing.map(({ entry, held }) => {
      const [kind = "", ...words] = entry.split(" ");
      return [kind, `${words.join(" ")}: ${heldText(held, style, runs)}`] as const;
    }),
    ...(instance.override ? [["override", overrideText(instance.override, nowMs)] as const] : []),
    ...dropRows(instance.counters.dropped),
  ];
  const state = runs ? stateText(instance, style) : `was ${instance.state.toUpperCase()}`;
  const title = `${style.bold(name)}  ${state}  ` +
    `${instance.interface}, VRID ${vrid}, VRRP version ${version}`;
  return [title, ...rows.map(([key, text]) => `  ${key.padEnd(9)} ${text}`)];
}

/** How fast a backup answers when its master says goodbye; 0.1.0 does not say it. */
function goodbyeRows(
  { state, sole_backup: soleBackup }: InstanceStatus,
): (readonly [string, string])[] {
  if (state !== "backup" || soleBackup === undefined) return [];
  const { applies, why } = soleBackup;
  return [["goodbye", `${applies ? "takes over at once" : "takes over after Skew_Time"}: ${why}`]];
}

/** For an engine that does not run, vipd knows only the addresses that it has asked the kernel about. */
function heldText(held: boolean, style: Style, runs: boolean): string {
  if (!held) return "not held";
  return runs ? style.good("held") : "was held";
}

/** How long the addresses would outlast this daemon; on a master also when the lease was last renewed. */
function leaseRows({ lease }: InstanceStatus): [string, string][] {
  if (lease === null) return [["lease", "off: the addresses outlive vipd"]];
  const { seconds, renewed_ms_ago: renewedMs } = lease;
  const renewed = renewedMs === null ? "" : `, renewed ${(renewedMs / 1000).toFixed(1)} s ago`;
  return [["lease", `${seconds} s${renewed}`]];
}

/** The state of the other nodes, and whether they could take over. */
function peerRows(
  instance: InstanceStatus,
  { peers }: NodeStatus,
  nowMs: number,
  style: Style,
): [string, string][] {
  return failoverReadiness(instance, peers, nowMs).map(({ peer, able, text }) => {
    if (able) return ["peer", `${peer} ${text}`];
    const words = able === null ? "" : "cannot take over: it ";
    return ["peer", style.warning(`${peer} ${words}${text}`)];
  });
}

/** The answer of an address that another node holds to this node as a client. */
function clientRows(
  { client_check: check }: InstanceStatus,
  nowMs: number,
  style: Style,
): [string, string][] {
  if (!check) return [];
  const { target, ok, at, detail } = check;
  const text = `${target} ${ok ? "answers" : "does not answer"} this node: ${detail}, ${
    age(at, nowMs)
  } ago`;
  return [["client", ok ? text : style.bad(text)]];
}

/** The sync group and the other instances in it. */
function groupRows({ name, sync_group }: InstanceStatus, status: NodeStatus): [string, string][] {
  if (sync_group === null) return [];
  const others = status.instances.filter((other) =>
    other.sync_group === sync_group && other.name !== name
  );
  return [["group", `${sync_group}, with ${others.map((other) => other.name).join(", ")}`]];
}

function stateText({ state, handing_over }: InstanceStatus, style: Style): string {
  const word = state.toUpperCase();
  switch (state) {
    case "master":
      return handing_over ? style.warning(`${word}, handing over`) : style.good(word);
    case "fault":
      return style.bad(word);
    case "init":
      return style.warning(word);
    case "backup":
      return style.bold(word);
  }
}

function masterText({ state, master }: InstanceStatus, style: Style): string {
  if (state === "master") return master ? `this node (${master.address})` : "this node";
  return master ? `${master.address}, priority ${master.priority}` : style.warning("none heard");
}

function priorityText({ configured, effective, reasons }: PriorityStatus): string {
  if (reasons.length === 0 && configured === effective) return String(effective);
  const changes = reasons.map(({ what, change }) => `${what} ${change < 0 ? "" : "+"}${change}`);
  return `${effective} (${[`configured ${configured}`, ...changes].join(", ")})`;
}

function dropRows(dropped: DropCounters): (readonly [string, string])[] {
  const counts = Object.entries(dropped).filter(([, count]) => count > 0);
  if (counts.length === 0) return [];
  return [["discarded", counts.map(([reason, count]) => `${count} ${reason}`).join(", ")]];
}

function checksBlock(checks: readonly CheckStatus[], nowMs: number, style: Style): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map((
    { name, type, state, since, recovery, last, certificate_ends: ends },
  ) => [
    name,
    type,
    checkText(state, recovery),
    since === null ? "-" : age(since, nowMs),
    last === null ? "-" : `${age(last.at, nowMs)} ago: ${last.detail}${untilText(ends)}`,
  ]);
  return table([["CHECK", "TYPE", "STATE", "SINCE", "LAST RESULT"], ...rows], style);
}

/** The last day of a server's certificate, if it is known. */
function untilText(ends: CheckStatus["certificate_ends"]): string {
  return ends === undefined ? "" : `, certificate until ${ends.slice(0, 10)}`;
}

/** The state of a check, and the outcome of `on_fail`. */
function checkText(state: CheckStatus["state"], recovery: CheckStatus["recovery"]): string {
  if (recovery === null) return state;
  const { phase, attempt, attempts } = recovery;
  switch (phase) {
    case "running":
    case "verifying":
      return `recovering, try ${attempt} of ${attempts}`;
    case "recovered":
      return `${state}, recovered by try ${attempt} of ${attempts}`;
    case "given_up":
      return `${state}, given up after ${attempt} ${attempt === 1 ? "try" : "tries"}`;
    default:
      // A phase of a later version.
      return state;
  }
}

function notificationsBlock(
  notifications: readonly NotificationStatus[],
  nowMs: number,
  style: Style,
): string[] {
  if (notifications.length === 0) return [];
  const rows = notifications.map((target) => {
    const { name, type, state, waiting, lost, last_success, last_failure } = target;
    const failure = last_failure &&
      `${age(last_failure.at, nowMs)} ago: ${last_failure.detail}`;
    const success = last_success === null ? "never" : `${age(last_success, nowMs)} ago`;
    return [name, type, state, `${waiting}`, `${lost}`, success, failure ?? "-"];
  });
  const head = ["NOTIFIED", "TYPE", "STATE", "WAITING", "LOST", "LAST SENT", "LAST FAILURE"];
  return table([head, ...rows], style);
}

/** Aligned columns below a head; the third is a state. */
function table(table: readonly string[][], style: Style): string[] {
  const widths = table[0]!.map((_, column) =>
    Math.max(...table.map((row) => widthOf(row[column]!)))
  );
  return table.map((row, line) => {
    const cells = row.map((cell, column) => {
      const padded = column === row.length - 1 ? cell : padTo(cell, widths[column]!);
      if (line === 0) return style.dim(padded);
      return column === 2 ? statePaint(cell, style)(padded) : padded;
    });
    return cells.join("  ");
  });
}

function statePaint(state: string, style: Style): (text: string) => string {
  if (/^(up|ok)\b/.test(state)) return style.good;
  return /^(down|failing)\b/.test(state) ? style.bad : style.warning;
}
