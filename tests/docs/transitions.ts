/**
 * What transitions the state machine makes, found by trying: every sequence of a few events is given to a router of
 * the code, and what it does is written down.
 */

import { TRANSITION_REASONS } from "../../src/status/codes/messages.ts";
import { VirtualRouter } from "../../src/vrrp/router.ts";
import type {
  RouterEvent,
  RouterParameters,
  RouterState,
  TransitionReason,
} from "../../src/vrrp/router_events.ts";
import type { Advertisement } from "../../src/wire/vrrp.ts";

/** One arrow of the diagram. */
export interface Transition {
  readonly from: RouterState;
  readonly to: RouterState;
  readonly reason: TransitionReason;
}

const OWN = "192.0.2.10";

/** Something that happens some time after the one before. */
interface Step {
  readonly afterMs: number;
  readonly event: RouterEvent;
}

/** Longer than every timer of a router with adverts of a second. */
const LONG_MS = 5000;

function hears(priority: number, afterMs: number, soleBackup = false): Step {
  const addresses = ["192.0.2.1"];
  const advertisement: Advertisement = {
    ...{ version: 2, vrid: 51, priority, intervalCs: 100, addresses },
  };
  const from = "192.0.2.11";
  return { afterMs, event: { kind: "advertisementReceived", from, advertisement, soleBackup } };
}

const STEPS: readonly Step[] = [
  ...([
    { kind: "startup" },
    { kind: "shutdown" },
    { kind: "fault", silent: false },
    { kind: "fault", silent: true },
    { kind: "recovered" },
    { kind: "takeOver", reason: "promote" },
    { kind: "takeOver", reason: "sync_group" },
    { kind: "handOver", reason: "demote" },
    { kind: "handOver", reason: "unwell" },
    { kind: "giveWay" },
    { kind: "leaseLapsed" },
    { kind: "otherMasterSeen", waitMs: 100 },
    // Not well, or held back.
    {
      ...{ kind: "electionChanged", priority: 2, preempt: true, preemptDelayMs: 0 },
      lastResort: true,
    },
  ] satisfies RouterEvent[]).map((event) => ({ afterMs: 10, event })),
  ...(["adver", "masterDown", "handOver"] as const).map((timer): Step => (
    { afterMs: LONG_MS, event: { kind: "timerFired", timer } }
  )),
  hears(0, 10),
  hears(0, 10, true),
  hears(1, 10),
  hears(200, 10),
  hears(1, LONG_MS),
];

const KINDS: readonly Partial<RouterParameters>[] = [{ priority: 100 }, { priority: 255 }];

/** Every transition that sequences of up to `steps` events bring about, once. */
export function observedTransitions(steps: number): Transition[] {
  const found = new Map<string, Transition>();
  for (const kind of KINDS) {
    for (const sequence of sequences(steps)) {
      const router = new VirtualRouter({
        ...{ version: 2, advertIntervalCs: 100, priority: 100, downTimerAdverts: 3 },
        ...{ preempt: true, preemptDelayMs: 0, primaryAddress: OWN },
        ...kind,
      });
      let nowMs = 0;
      for (const { afterMs, event } of sequence) {
        nowMs += afterMs;
        for (const effect of router.handle(event, nowMs)) {
          if (effect.kind !== "stateChanged") continue;
          const { from, to, reason } = effect;
          found.set(`${from} ${to} ${reason}`, { from, to, reason });
        }
      }
    }
  }
  return inOrder([...found.values()]);
}

function* sequences(steps: number, before: readonly Step[] = []): Generator<readonly Step[]> {
  if (steps === before.length) return yield before;
  for (const step of STEPS) yield* sequences(steps, [...before, step]);
}

const STATES: readonly RouterState[] = ["init", "backup", "master", "fault"];

function inOrder(transitions: readonly Transition[]): Transition[] {
  const rank = ({ from, to, reason }: Transition) =>
    (STATES.indexOf(from) * 10 + STATES.indexOf(to)) * 100 + TRANSITION_REASONS.indexOf(reason);
  return transitions.toSorted((a, b) => rank(a) - rank(b));
}

/** The transitions as a state diagram of Mermaid, one arrow for each pair of states. */
export function stateDiagram(transitions: readonly Transition[]): string {
  const arrows = Map.groupBy(transitions, ({ from, to }) => `${from} --> ${to}`);
  const lines = Array.from(
    arrows,
    ([arrow, of]) => `  ${arrow}: ${of.map(({ reason }) => reason).join("<br>")}`,
  );
  return ["```mermaid", "stateDiagram-v2", "  [*] --> init", ...lines, "```", ""].join("\n");
}
