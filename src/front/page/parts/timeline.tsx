import { useState } from "preact/hooks";
import type { JournalEntry, Severity } from "../../../status/journal.ts";
import { byOwnClock } from "../api/peer_changes.ts";
import type { NodeStatus, PeerStatus } from "../../../status/status.ts";
import type { Live } from "../api/live.ts";
import { CodeLink } from "./code_link.tsx";
import { clock, duration } from "./format.ts";

/** How many of the newest entries the page shows at first. */
const SHOWN = 60;
/** Severities that the page omits unless the user asks for all. */
const MINOR: readonly string[] = ["info", "debug"];

const SHAPE = { error: "✕", warning: "!", notice: "●", info: "○", debug: "·" } as const;

/** Something that happened on one of the nodes, by this node's clock. */
interface Happening {
  readonly key: string;
  readonly time: string;
  readonly node: string;
  readonly severity: Severity;
  readonly code: string | null;
  readonly message: string;
  readonly to: string | null;
}

interface TimelineProps {
  readonly live: Live;
  readonly status: NodeStatus;
  readonly nowMs: number;
}

/** The events of all nodes, the newest first. */
export function Timeline({ live, status, nowMs }: TimelineProps) {
  const [all, setAll] = useState(false);
  const happenings = happeningsOf(live, status);
  const wanted = all ? happenings : happenings.filter(({ severity }) => !MINOR.includes(severity));
  const shown = wanted.slice(-SHOWN).reverse();
  return (
    <section aria-labelledby="timeline">
      <div class="title">
        <h2 id="timeline">Timeline</h2>
        <label>
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />{" "}
          Show everything
        </label>
      </div>
      {shown.length === 0 ? <p class="empty">Nothing has happened yet.</p> : (
        <>
          <Axis happenings={shown} status={status} nowMs={nowMs} />
          <ol class="timeline" reversed>
            {shown.map((one) => <Entry key={one.key} happening={one} nowMs={nowMs} />)}
          </ol>
        </>
      )}
      {status.peers.map((peer) => {
        const hasJournal = live.peerEntries[peer.name] !== undefined;
        return <PeerNote key={peer.name} {...{ peer, hasJournal }} node={status.node} />;
      })}
    </section>
  );
}

/** Oldest first. */
function happeningsOf(
  { entries, peerChanges, peerEntries }: Live,
  { node, peers }: NodeStatus,
): Happening[] {
  const here = entries.map((entry) => happeningOf(node, entry));
  const there = peers.flatMap(({ name, clock_offset_ms: offsetMs }) =>
    (peerEntries[name] ?? []).map((entry) =>
      happeningOf(name, { ...entry, time: byOwnClock(entry.time, offsetMs ?? 0) })
    )
  );
  const seen = peerChanges.flatMap(({ seenHereOnly, ...change }, index): Happening[] => {
    if (!seenHereOnly && peerEntries[change.node] !== undefined) return [];
    return [{ ...change, key: `${change.node} seen ${index}`, severity: "notice", code: null }];
  });
  return [...here, ...there, ...seen].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

function happeningOf(node: string, entry: JournalEntry): Happening {
  const { id, time, severity, code, message, transition } = entry;
  return {
    ...{ key: `${node} ${id}`, time, node, severity, code, message, to: transition?.to ?? null },
  };
}

/** A lane for each node, with a mark for each of what the list below says. */
function Axis({ happenings, status, nowMs }: {
  happenings: readonly Happening[];
  status: NodeStatus;
  nowMs: number;
}) {
  const fromMs = Math.min(...happenings.map(({ time }) => Date.parse(time)));
  const lengthMs = Math.max(1, nowMs - fromMs);
  const start = new Date(fromMs).toISOString();
  return (
    <div class="axis" aria-hidden="true">
      {[status.node, ...status.peers.map(({ name }) => name)].map((node) => (
        <div key={node} class="lane">
          <b>{node}</b>
          <div>
            {happenings.filter((one) =>
              one.node === node
            ).map(({ key, time, severity, to }) => {
              const part = (Date.parse(time) - fromMs) / lengthMs;
              const left = `${Math.min(1, Math.max(0, part)) * 100}%`;
              return (
                <i key={key} class={`${severity} to-${to}`} style={{ left }}>{SHAPE[severity]}</i>
              );
            })}
          </div>
        </div>
      ))}
      <p class="muted">
        <span>{clock(start, nowMs)}</span>
        <span>now</span>
      </p>
    </div>
  );
}

function Entry({ happening, nowMs }: { happening: Happening; nowMs: number }) {
  const { time, node, severity, code, message, to } = happening;
  return (
    <li class={`${severity}${to === null ? "" : ` to-${to}`}`}>
      <time datetime={time} title={time}>{clock(time, nowMs)}</time>
      <span class="mark" aria-hidden="true">{SHAPE[severity]}</span>
      <span>
        <span class="unseen">{severity}:</span>
        <b>{node}</b> {message.replace(" -> ", " → ")} {code !== null && <CodeLink code={code} />}
      </span>
    </li>
  );
}

/** The limits of the knowledge of a peer, and how its clock differs. */
function PeerNote({ peer, node, hasJournal }: {
  peer: PeerStatus;
  node: string;
  hasJournal: boolean;
}) {
  const { name, url, clock_offset_ms: offset } = peer;
  const way = (ms: number) => `${duration(Math.abs(ms))} ${ms < 0 ? "behind" : "ahead of"}`;
  return (
    <p class="muted">
      {hasJournal ? <>What {name} has recorded stands here by {node}'s clock;</> : (
        <>
          {name} does not give its journal: this shows what {node}{" "}
          has seen of it since the page was opened;
          {" "}
        </>
      )}
      its own page is <a href={url} rel="noreferrer">here</a>.
      {typeof offset === "number" && ` The clock of ${name} is ${way(offset)} that of ${node}.`}
    </p>
  );
}
