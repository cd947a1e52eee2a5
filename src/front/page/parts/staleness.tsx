import { span } from "../../../status/span.ts";

/** Stays visible over data that may not be true any more. */
export function Staleness({ ageMs }: { ageMs: number }) {
  return (
    <p class="staleness">
      <span aria-hidden="true">!</span> Not live: all of this was so{" "}
      <strong>{span(ageMs)} ago</strong>.
    </p>
  );
}
