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

/** The alarms about two masters, of which one stands for all. */
const TWO_MASTERS =
  "(?:split_brain_address|address_conflict|split_brain_advert|split_brain_peer|peer_mismatch|vrid_differs)";
/** Questions who has an address, and the alarms about two that have it. */
const OF_CLAIMS = new RegExp(
  String.raw`^\S+ \S+ (?:probe |.*"alarm":"${TWO_MASTERS}"|alarm_\w+ .*\b${TWO_MASTERS}\b)`,
);

/** Instances in fault, for which 0.1.0 has no alarm. */
const OF_FAULTS = /^\S+ \S+ (?:.*"alarm":"fault"|alarm_\w+ \S+ fault\b)/;

/** Masterships that were upheld, which 0.1.0 does not report. */
const OF_UPHELD = /^\S+ \S+ (?:\S+ )?reasserted /;

/** Verdicts on the pair and the alarm that comes of them, which 0.1.0 does not have. */
const OF_VERDICTS =
  /^\S+ \S+ (?:.*"alarm":"unprotected"|(?:\S+ )?verdict_changed |alarm_\w+ .*\bunprotected\b)/;
/** Overrides that were given: 0.1.0 reports a demote after the hand-over, and not what it replaces. */
const OF_OVERRIDES = /^\S+ \S+ (?:\S+ )?order_(?:given|failed) /;

/** Adverts with the TTL 0, which only ask whether they would leave: 0.1.0 does not. */
const OF_QUESTIONS = /^\S+ \S+ send \S+ \S+ \S+ 0$/;

/** Lines that are compared apart from the others of their channel. */
const APART: Readonly<Record<string, RegExp>> = {
  claims: OF_CLAIMS,
  faults: OF_FAULTS,
  upheld: OF_UPHELD,
  verdicts: OF_VERDICTS,
  overrides: OF_OVERRIDES,
  questions: OF_QUESTIONS,
};

/**
 * The first line of each channel that is another one than before: what follows it follows from it. In the form of
 * `differencesOf`. What is about claims, upheld masterships, verdicts, overrides or questions is a channel of its own next to each.
 */
export function traceDifferences(before: Json, after: Json): string[] {
  const [old, now] = [before, after].map((trace) => apart(trace as TraceTexts));
  return Object.keys({ ...old, ...now }).flatMap((channel) => {
    const [oldLines, lines] = [old![channel] ?? [], now![channel] ?? []];
    const length = Math.max(oldLines.length, lines.length);
    for (let at = 0; at < length; at++) {
      if (oldLines[at] === lines[at]) continue;
      const place = `/${channel} line ${at + 1}`;
      return [`~ ${place}: ${oldLines[at] ?? "(end)"} -> ${lines[at] ?? "(end)"}`];
    }
    return [];
  });
}

type TraceTexts = Readonly<Record<string, string>>;

function apart(trace: TraceTexts): Readonly<Record<string, readonly string[]>> {
  const kinds = Object.entries(APART);
  const kindOf = (line: string) => kinds.find(([, pattern]) => pattern.test(line))?.[0];
  return Object.fromEntries(
    Object.entries(trace).flatMap(([channel, text]) => {
      const lines = text.split("\n");
      return [
        [channel, lines.filter((line) => kindOf(line) === undefined)],
        ...kinds.map(([kind]) => [
          `${kind} in ${channel}`,
          lines.filter((line) => kindOf(line) === kind),
        ]),
      ];
    }),
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
