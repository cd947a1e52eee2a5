/**
 * The output of `vipd listen`: changes as lines or JSON, the whole view as a table.
 *
 * @module
 */

import type { MonitorChange } from "../../monitor/change.ts";
import { type Undelivered, undeliveredText } from "../../monitor/delivery.ts";
import {
  authenticationText,
  type MonitoredRouter,
  type MonitoredSender,
  type Rejected,
} from "../../monitor/findings.ts";
import { printableJson, printableValue } from "../../wire/printable.ts";
import type { Style } from "./terminal/style.ts";
import { tableLines } from "./terminal/width.ts";

/** Everything heard up to a moment. */
export interface ListenView {
  readonly routers: readonly MonitoredRouter[];
  readonly rejected: readonly Rejected[];
  /** Adverts that arrive and that the firewall of this machine drops. */
  readonly undelivered: readonly Undelivered[];
  /** The moment, monotonic. */
  readonly nowMs: number;
}

/** One change as a line; `time` in RFC 3339. */
export function changeLine(change: MonitorChange, time: string, style: Style): string {
  const { code, interface: name, vrid, finding, message } = printableValue(change);
  const where = placeOf({ interface: name, vrid });
  const what = finding ?? code;
  const bad = code === "finding_began" || code === "rejected" || code === "master_silent";
  const painted = bad ? style.bad(what) : code === "finding_ended" ? what : style.good(what);
  return `${time} ${where} ${painted}: ${message}\n`;
}

/** One change as an object on a line. */
export function changeJson(change: MonitorChange, time: string): string {
  const { code, interface: name, vrid, source, finding, message } = change;
  const object = { time, change: code, interface: name, vrid, source, finding, message };
  return `${printableJson(JSON.stringify(object))}\n`;
}

/** The last object of `--json`: everything that was heard. */
export function summaryJson(
  { routers, rejected, undelivered, nowMs }: ListenView,
  time: string,
): string {
  const summary = {
    time,
    change: "summary",
    routers: routers.map(({ interface: name, family, vrid, senders, findings }) => ({
      interface: name,
      family,
      vrid,
      senders: senders.map((sender) => senderJson(sender, nowMs)),
      findings,
    })),
    rejected: rejected.map(({ interface: name, source, vrid, reason, count }) => ({
      interface: name,
      source,
      vrid,
      reason,
      count,
    })),
    undelivered: undelivered.map(({ interface: name, source, destination, vrid }) => ({
      interface: name,
      source,
      destination,
      vrid,
    })),
  };
  return `${printableJson(JSON.stringify(summary))}\n`;
}

function senderJson(sender: MonitoredSender, nowMs: number) {
  const { authentication } = sender;
  return {
    address: sender.address,
    role: sender.role,
    version: sender.version,
    priority: sender.priority,
    interval_ms: sender.intervalMs,
    addresses: sender.addresses,
    checksum: sender.version === 3 ? sender.checksumForm : null,
    authentication: authentication && {
      type: authentication.type,
      printable: authentication.printable,
      ...(authentication.password === null ? {} : { password: authentication.password }),
    },
    hmac_key: sender.hmacKey,
    destination: sender.destination,
    adverts: sender.adverts,
    adverts_per_second: sender.advertsPerSecond && round(sender.advertsPerSecond),
    last_heard_seconds_ago: round((nowMs - sender.lastHeardMs) / 1000),
  };
}

/** The table of all senders, then the findings; ends with a newline. */
export function viewText(view: ListenView, style: Style): string {
  const { routers, rejected, undelivered, nowMs } = printableValue(view);
  const findings = routers.flatMap(({ interface: name, vrid, findings }) =>
    findings.map(({ code, message }) => style.bad(`! ${name} VRID ${vrid} ${code}: ${message}`))
  );
  const discarded = rejected.map(({ interface: name, source, vrid, reason, count }) =>
    style.warning(`! ${placeOf({ interface: name, vrid })} ${count} x ${reason} from ${source}`)
  );
  const dropped = undelivered.map((flow) =>
    style.bad(`! ${placeOf(flow)} firewall_drops: ${undeliveredText(flow)}`)
  );
  const lines = [...senderLines(routers, nowMs, style), ...dropped, ...findings, ...discarded];
  return `${lines.join("\n")}\n`;
}

function placeOf({ interface: name, vrid }: Pick<Rejected, "interface" | "vrid">): string {
  return vrid === null ? name : `${name} VRID ${vrid}`;
}

function senderLines(
  routers: readonly MonitoredRouter[],
  nowMs: number,
  style: Style,
): string[] {
  const rows = routers.flatMap((router) =>
    router.senders.map((sender) => senderRow(router, sender, nowMs))
  );
  if (rows.length === 0) return ["no VRRP heard"];
  const [head, ...lines] = tableLines([
    [
      "INTERFACE",
      "VRID",
      "SENDER",
      "ROLE",
      "PRIO",
      "EVERY",
      "PER S",
      "LAST",
      "VERSION",
      "ADDRESSES",
    ],
    ...rows,
  ]);
  const roles = routers.flatMap(({ senders }) => senders.map(({ role }) => role));
  return [
    style.dim(head!),
    ...lines.map((line, index) => roles[index] === "master" ? style.bold(line) : style.dim(line)),
  ];
}

function senderRow(router: MonitoredRouter, sender: MonitoredSender, nowMs: number): string[] {
  const form = [
    ...(sender.version === 3 && router.family === "ipv4" ? [sender.checksumForm] : []),
    ...(sender.version === 2 || sender.hmacKey !== null ? [authenticationText(sender)] : []),
  ];
  return [
    router.interface,
    String(router.vrid),
    sender.address,
    sender.role,
    String(sender.priority),
    `${sender.intervalMs / 1000} s`,
    sender.advertsPerSecond === null ? "-" : String(round(sender.advertsPerSecond)),
    `${((nowMs - sender.lastHeardMs) / 1000).toFixed(1)} s ago`,
    [sender.version, ...form].join(" "),
    sender.addresses.join(" "),
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
