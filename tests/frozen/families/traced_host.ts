/**
 * Writes down what a load balancer does to its simulated machine, and what its journal says, each with its time.
 *
 * @module
 */

import type { Host } from "../../../src/host/host.ts";
import type { SimHost } from "../../../src/sim/host.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";
import type { Json } from "../json.ts";

/** What a line is about: a change of one kind leaves the others comparable. */
export type Channel =
  | "adverts"
  | "addresses"
  | "leases"
  | "announcements"
  | "machine"
  | "journal"
  | "messages";

/** Its lines by what they are about, each with the time in virtual milliseconds and the node's name. */
export type Trace = Readonly<Record<Channel, string[]>>;

/** Calls of `Host` that bring something about. */
const EFFECTS: Readonly<Partial<Record<keyof Host, Channel>>> = {
  openVrrp: "machine",
  sendVrrpAs: "adverts",
  addAddress: "addresses",
  removeAddress: "addresses",
  drainAddress: "addresses",
  forwardConnections: "addresses",
  renewAddresses: "leases",
  announce: "announcements",
  addInterface: "machine",
  removeInterface: "machine",
  setInterfaceUp: "machine",
  blockPackets: "machine",
  addRouting: "machine",
  removeRouting: "machine",
  openClaims: "machine",
  runProgram: "machine",
};

/** What 0.1.0 called them, as the data have it. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  drainAddress: "retireAddress",
  forwardConnections: "passConnectionsOn",
  blockPackets: "refusePackets",
};

/** Calls of what these return. */
const PORT_EFFECTS: Readonly<Record<string, Channel>> = { send: "adverts", probe: "machine" };

export function emptyTrace(): Trace {
  return {
    ...{ adverts: [], addresses: [], leases: [], announcements: [] },
    ...{ machine: [], journal: [], messages: [] },
  };
}

/** As the data have it: a text for each channel. */
export function traceTexts(trace: Trace): Json {
  return Object.fromEntries(
    Object.entries(trace).map(([channel, lines]) => [channel, lines.join("\n")]),
  );
}

/** What happens on this host from now on is added to `trace`. */
export function traceHost(host: SimHost, trace: Trace): void {
  traceCalls(host, EFFECTS, host, trace);
}

function traceCalls(
  target: object,
  effects: Readonly<Record<string, Channel>>,
  host: SimHost,
  trace: Trace,
): void {
  for (const [name, channel] of Object.entries(effects)) {
    const call: unknown = Reflect.get(target, name);
    if (typeof call !== "function") continue;
    Reflect.set(target, name, (...values: readonly unknown[]) => {
      const words = values.map(wordOf).filter((word) => word !== null);
      trace[channel].push([head(host), FORMER_NAMES[name] ?? name, ...words].join(" "));
      const result: unknown = call.apply(target, values);
      if (name.startsWith("open") && typeof result === "object" && result !== null) {
        traceCalls(result, PORT_EFFECTS, host, trace);
      }
      return result;
    });
  }
}

export function traceEntry(host: SimHost, entry: JournalEntry, trace: Trace): void {
  const { id: _id, time: _time, message, severity, code, subject = "-", ...details } = entry;
  const about = [head(host), severity, code, subject, JSON.stringify(details)];
  trace.journal.push(about.join(" "));
  trace.messages.push(`${head(host)} ${code} ${message}`);
}

/** A microsecond is enough to see that something comes earlier or later than it did. */
function head(host: SimHost): string {
  return `${host.nowMs().toFixed(3)} ${host.name}`;
}

/** A value of a call; `null` for functions, which learn what comes of it. */
function wordOf(value: unknown): string | null {
  if (typeof value === "function") return null;
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return value.toHex();
  return JSON.stringify(value, (_key, part) => part instanceof Uint8Array ? part.toHex() : part) ??
    "-";
}
