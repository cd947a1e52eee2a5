import type { RouterState } from "../../../status/status.ts";

/** A shape for each state, so that people see it without colour. */
const SHAPES: Readonly<Record<RouterState, string>> = {
  // A full hexagon, an empty one, a cross, three dots.
  master: "M8 1l6 3.5v7L8 15l-6-3.5v-7z",
  backup: "M8 1l6 3.5v7L8 15l-6-3.5v-7zM8 3.2L3.9 5.6v4.8L8 12.8l4.1-2.4V5.6z",
  fault: "M3.5 1.5L8 6l4.5-4.5 2 2L10 8l4.5 4.5-2 2L8 10l-4.5 4.5-2-2L6 8 1.5 3.5z",
  init: "M1 6.5h3.5v3.5H1zM6.2 6.5h3.5v3.5H6.2zM11.5 6.5H15v3.5h-3.5z",
};

export function StateBadge({ state, note }: { state: RouterState; note?: string }) {
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
