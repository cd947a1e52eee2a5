import { processLines } from "../../../status/text/processes.ts";
import type { NodeStatus } from "../../../status/status.ts";

/** The processes that answer, and why one was started again. */
export function Processes({ status, nowMs }: { status: NodeStatus; nowMs: number }) {
  const lines = processLines(status, nowMs);
  if (lines.length === 0) return null;
  return (
    <footer>
      {lines.map(({ text, well }) => <p key={text} class={well ? "muted" : ""}>{text}</p>)}
    </footer>
  );
}
