import { useState } from "preact/hooks";
import type { JournalEntry } from "../../../status/journal.ts";
import { clock } from "./format.ts";

/** How many of the newest entries the page shows at first. */
const SHOWN = 60;
/** Severities that the page omits unless the user asks for all. */
const MINOR: readonly string[] = ["info", "debug"];

const SHAPE = { error: "✕", warning: "!", notice: "●", info: "○", debug: "·" } as const;

export function Timeline({ entries, nowMs }: { entries: readonly JournalEntry[]; nowMs: number }) {
  const [all, setAll] = useState(false);
  const wanted = all ? entries : entries.filter(({ severity }) => !MINOR.includes(severity));
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
      {shown.length === 0
        ? <p class="empty">Nothing has happened yet.</p>
        : (
          <ol class="timeline" reversed>
            {shown.map((entry) => <Entry key={entry.id} entry={entry} nowMs={nowMs} />)}
          </ol>
        )}
    </section>
  );
}

function Entry({ entry, nowMs }: { entry: JournalEntry; nowMs: number }) {
  const { time, severity, code, message, transition } = entry;
  const state = transition ? ` to-${transition.to}` : "";
  return (
    <li class={`${severity}${state}`}>
      <time datetime={time} title={time}>{clock(time, nowMs)}</time>
      <span class="mark" aria-hidden="true">{SHAPE[severity]}</span>
      <span>
        <span class="unseen">{severity}:</span>
        {message.replace(" -> ", " → ")} <code>{code}</code>
      </span>
    </li>
  );
}
