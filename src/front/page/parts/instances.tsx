import { useState } from "preact/hooks";
import type { InstanceStatus, NodeStatus, RouterState } from "../../../status/status.ts";
import type { CommandName } from "../api/commands.ts";
import { BRIEF_REASONS } from "../pair/picture.ts";
import { gravestFirst } from "../../../status/pair/severity.ts";
import { readyText, VERDICT_SHAPES } from "../pair/summary.ts";
import { Instance } from "./instance.tsx";

/** Up to so many instances are open at first, and need no filter. */
const FEW = 2;

const FILTERS = {
  all: ["every state", () => true],
  unsafe: ["not protected", ({ pair }) => pair?.verdict !== "protected"],
  master: ["master here", ({ state }) => state === "master"],
  backup: ["backup here", ({ state }) => state === "backup"],
  fault: ["fault here", ({ state }) => state === "fault"],
} as const satisfies Readonly<
  Record<string, readonly [string, (instance: InstanceStatus) => boolean]>
>;

type Filter = keyof typeof FILTERS;

interface InstancesProps {
  readonly status: NodeStatus;
  readonly nowMs: number;
  /** Whether a command could reach vipd. */
  readonly connected: boolean;
  readonly ask: (command: CommandName, instance: string) => void;
}

/** The instances as rows that open, those with faults first. */
export function Instances(props: InstancesProps) {
  const { instances } = props.status;
  const [name, setName] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const wanted = name.trim().toLowerCase();
  const sorted = gravestFirst(instances);
  const shown = sorted.filter((instance) =>
    FILTERS[filter][1](instance) && searchedText(instance).includes(wanted)
  );
  const few = instances.length <= FEW;
  return (
    <section aria-labelledby="instances" class="instances">
      <div class="title">
        <h2 id="instances">Instances</h2>
        {!few && (
          <div class="filter" role="search">
            <input
              type="search"
              aria-label="Filter by name or address"
              placeholder="Name or address"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <select
              aria-label="Filter by state"
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value as Filter)}
            >
              {Object.entries(FILTERS).map(([key, [text]]) => (
                <option key={key} value={key}>{text}</option>
              ))}
            </select>
            <span class="muted" role="status">{shown.length} of {instances.length}</span>
          </div>
        )}
      </div>
      <div class="rows">
        {shown.map((instance) => (
          <Row
            key={instance.name}
            {...props}
            instance={instance}
            few={few}
            pictured={instance === sorted[0]}
          />
        ))}
        {shown.length === 0 && <p class="empty">No instance is like that.</p>}
      </div>
    </section>
  );
}

function searchedText({ name, addresses }: InstanceStatus): string {
  return [name, ...addresses.map(({ address }) => address)].join(" ").toLowerCase();
}

function Row({ instance, few, pictured, status, nowMs, connected, ask }: InstancesProps & {
  readonly instance: InstanceStatus;
  readonly few: boolean;
  /** Whether the page shows its picture and reasons already. */
  readonly pictured: boolean;
}) {
  const [open, setOpen] = useState(few);
  const { name, state, pair, handing_over: handingOver } = instance;
  const verdict = pair?.verdict;
  const [first, ...others] = instance.addresses;
  return (
    <article class={`row ${verdict ?? state}`} aria-labelledby={`instance-${name}`}>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class={`verdict ${verdict ?? "idle"}`}>
            <span aria-hidden="true">{verdict ? VERDICT_SHAPES[verdict] : "?"}</span>{" "}
            {verdict ?? "no verdict"}
          </span>
          <h3 id={`instance-${name}`}>{name}</h3>
          <span class="muted at">
            {first?.address}
            {others.length > 0 && ` +${others.length}`}
          </span>
          <span class="brief">{briefText(instance)}</span>
          <StateBadge state={state} {...(handingOver ? { note: "handing over" } : {})} />
        </summary>
        {open && (
          <Instance
            {...{ instance, status, nowMs, connected, pictured }}
            ask={(command) => ask(command, name)}
          />
        )}
      </details>
    </article>
  );
}

function briefText({ pair }: InstanceStatus): string {
  if (!pair) return "";
  const [reason] = pair.reasons;
  const serves = pair.served_by === null ? "nobody serves" : `${pair.served_by} serves`;
  if (!reason) return `${serves}; ${readyText(pair.ready)}`;
  const brief = BRIEF_REASONS[reason.code];
  const cause = reason.node === null ? brief : `${reason.node}: ${brief}`;
  // Without service from exactly one node, the cause says it all.
  return pair.verdict === "unserved" || pair.verdict === "contested"
    ? cause
    : `${serves}; ${cause}`;
}

/** A shape for each state, so that people see it without colour. */
const SHAPES: Readonly<Record<RouterState, string>> = {
  // A full hexagon, an empty one, a cross, three dots.
  master: "M8 1l6 3.5v7L8 15l-6-3.5v-7z",
  backup: "M8 1l6 3.5v7L8 15l-6-3.5v-7zM8 3.2L3.9 5.6v4.8L8 12.8l4.1-2.4V5.6z",
  fault: "M3.5 1.5L8 6l4.5-4.5 2 2L10 8l4.5 4.5-2 2L8 10l-4.5 4.5-2-2L6 8 1.5 3.5z",
  init: "M1 6.5h3.5v3.5H1zM6.2 6.5h3.5v3.5H6.2zM11.5 6.5H15v3.5h-3.5z",
};

function StateBadge({ state, note }: { state: RouterState; note?: string }) {
  return (
    <span class={`badge ${state}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path fill-rule="evenodd" d={SHAPES[state]} />
      </svg>
      {state.toUpperCase()}
      {note && <small>{note}</small>}
    </span>
  );
}
