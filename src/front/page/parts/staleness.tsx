import { span } from "../../../status/span.ts";

/** Stays visible over data that may not be true any more. */
export function Staleness({ ageMs, locked }: { ageMs: number; locked: boolean }) {
  return (
    <p class="staleness">
      <span aria-hidden="true">!</span> {locked ? "Locked, a token is needed" : "Disconnected"}.
      {" "}
      <span>
        Not live: all of this was so <strong>{span(ageMs)} ago</strong>.
      </span>
    </p>
  );
}
