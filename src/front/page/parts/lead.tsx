import { age } from "../../../status/text/span.ts";
import type { InstanceStatus } from "../../../status/status.ts";
import { type Summary, VERDICT_SHAPES } from "../pair/summary.ts";
import { CodeLink } from "./code_link.tsx";

/** The verdict in one sentence, before all else. */
export function Lead({ summary, nowMs }: { summary: Summary; nowMs: number }) {
  const { verdict, sentence, gravest } = summary;
  const since = gravest?.pair?.since;
  return (
    <section class={`lead ${verdict ?? "unknown"}`} aria-labelledby="lead">
      <p class="word">
        <span aria-hidden="true">{verdict === null ? "?" : VERDICT_SHAPES[verdict]}</span>{" "}
        {verdict ?? "no verdict"}
        {since !== undefined && <small>for {age(since, nowMs)}</small>}
      </p>
      <h2 id="lead">{sentence}</h2>
    </section>
  );
}

/** Why an instance is not protected and what to do; nothing if it is. */
export function Reasons({ instance, nowMs }: { instance: InstanceStatus; nowMs: number }) {
  const reasons = instance.pair?.reasons ?? [];
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons" aria-label={`Why ${instance.name} is ${instance.pair?.verdict}`}>
      {reasons.map(({ code, verdict, node, message, hint, since }) => (
        <li key={`${code} ${node}`} class={`reason-of ${verdict}`}>
          <strong>
            <span aria-hidden="true">{VERDICT_SHAPES[verdict]}</span> {message}
          </strong>
          <span>{hint}</span>
          <small>
            <CodeLink code={code} />, for {age(since, nowMs)}
          </small>
        </li>
      ))}
    </ul>
  );
}
