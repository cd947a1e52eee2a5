import { span } from "../../../status/text/span.ts";
import { IDLE_POLL_MS, type Live } from "../api/live.ts";

interface HeaderProps {
  readonly live: Live;
  readonly browserMs: number;
  /** Asks for the token again. */
  readonly askToken: () => void;
}

/** The node's name, and how fresh the page is. */
export function Header({ live, browserMs, askToken }: HeaderProps) {
  const { status, connection } = live;
  return (
    <header>
      <div class="brand">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 1l6 3.5v7L8 15l-6-3.5v-7z" />
        </svg>
        <h1>{status?.node ?? "vipd"}</h1>
        {status && (
          <span class="muted">vipd {status.version}, up {span(status.uptime_seconds * 1000)}</span>
        )}
      </div>
      {connection === "locked" && <button type="button" onClick={askToken}>Enter the token</button>}
      <p class={`connection ${connection}`} role="status">{connectionText(live, browserMs)}</p>
    </header>
  );
}

function connectionText(live: Live, browserMs: number): string {
  const { connection, reason, status } = live;
  const age = status === null ? "" : `, data is ${span(browserMs - live.statusAtMs)} old`;
  switch (connection) {
    case "connecting":
      return "Connecting";
    case "live":
      return "Live";
    case "polling":
      return `Not live, asked every ${span(IDLE_POLL_MS)}: ${reason}`;
    case "locked":
      return `A token is needed${age}`;
    case "lost":
      return reason === null ? `Disconnected${age}; reconnecting` : `Refused${age}: ${reason}`;
  }
}

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
