import { age } from "../../../status/text/span.ts";
import type { CheckStatus, RecoveryStatus } from "../../../status/status.ts";
import { duration } from "./format.ts";
import { Verdict } from "./verdict.tsx";

const SHAPE = { up: "✓", down: "✕", unknown: "?" } as const;

export function Checks({ checks, nowMs }: { checks: readonly CheckStatus[]; nowMs: number }) {
  if (checks.length === 0) return null;
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <ul class="checks">
        {checks.map(({ name, type, state, since, recovery, last, certificate_ends: ends }) => (
          <li key={name} class={state}>
            <Verdict state={state} shape={SHAPE[state]} name={name} type={type} />
            <span class="detail">
              {last === null ? "no result yet" : last.detail}
              {last && (
                <span class="muted">
                  {` in ${duration(last.took_ms)}, ${age(last.at, nowMs)} ago`}
                </span>
              )}
            </span>
            <span class="muted">
              {since === null ? "" : `${state} for ${age(since, nowMs)}`}
            </span>
            {ends !== undefined && (
              <span class="muted">{`certificate until ${ends.slice(0, 10)}`}</span>
            )}
            {recovery && <Recovery recovery={recovery} nowMs={nowMs} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

const RECOVERY_SHAPE = { running: "↻", verifying: "↻", recovered: "✓", given_up: "✕" } as const;

/** The outcome of `on_fail`. */
function Recovery({ recovery, nowMs }: { recovery: RecoveryStatus; nowMs: number }) {
  const { phase, since } = recovery;
  return (
    <span class={`recovery ${phase}`}>
      <span aria-hidden="true">{RECOVERY_SHAPE[phase]}</span>{" "}
      {recoveryText(recovery, age(since, nowMs))}
    </span>
  );
}

function recoveryText({ phase, attempt, attempts }: RecoveryStatus, lasted: string): string {
  const which = `try ${attempt} of ${attempts}`;
  switch (phase) {
    case "running":
      return `recovering for ${lasted}: on_fail runs, ${which}`;
    case "verifying":
      return `recovering for ${lasted}: on_fail has run, ${which}, and the check must confirm it`;
    case "recovered":
      return `recovered by on_fail ${lasted} ago, ${which}`;
    case "given_up":
      return `given up ${lasted} ago, after ${attempt} ${
        attempt === 1 ? "try" : "tries"
      } of on_fail`;
  }
}
