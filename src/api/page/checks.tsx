import type { CheckStatus } from "../../node/status.ts";
import { duration, span } from "./format.ts";

const SHAPE = { up: "✓", down: "✕", unknown: "?" } as const;

export function Checks({ checks, nowMs }: { checks: readonly CheckStatus[]; nowMs: number }) {
  if (checks.length === 0) return null;
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <ul class="checks">
        {checks.map(({ name, type, state, since, last }) => (
          <li key={name} class={state}>
            <span class={`verdict ${state}`}>
              <span aria-hidden="true">{SHAPE[state]}</span> {state}
            </span>
            <span>
              <strong>{name}</strong> <span class="muted">{type}</span>
            </span>
            <span class="detail">
              {last === null ? "no result yet" : last.detail}
              {last && (
                <span class="muted">
                  {` in ${duration(last.took_ms)}, ${span(nowMs - Date.parse(last.at))} ago`}
                </span>
              )}
            </span>
            <span class="muted">
              {since === null ? "" : `${state} for ${span(nowMs - Date.parse(since))}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
