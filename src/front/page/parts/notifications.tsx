import { age } from "../../../status/text/span.ts";
import type { NotificationStatus } from "../../../status/status.ts";
import { Verdict } from "./verdict.tsx";

const SHAPE = { ok: "✓", failing: "✕", idle: "○" } as const;

/** The targets of notifications and their state; nothing if there are none. */
export function Notifications({ notifications, nowMs }: {
  notifications: readonly NotificationStatus[];
  nowMs: number;
}) {
  if (notifications.length === 0) return null;
  return (
    <section aria-labelledby="notifications">
      <h2 id="notifications">Notifications</h2>
      <ul class="checks">
        {notifications.map((notification) => (
          <Notification key={notification.name} notification={notification} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

function Notification({ notification, nowMs }: {
  notification: NotificationStatus;
  nowMs: number;
}) {
  const { name, type, state, waiting, delivered, lost, last_success, last_failure } = notification;
  const ago = (time: string) => `${age(time, nowMs)} ago`;
  return (
    <li>
      <Verdict state={state} shape={SHAPE[state]} name={name} type={type} />
      <span class="detail">
        {last_success === null ? "nothing sent yet" : `last sent ${ago(last_success)}`}
        {last_failure && (
          <span class="muted">
            {`; last failure ${ago(last_failure.at)}: ${last_failure.detail}`}
          </span>
        )}
      </span>
      <span class="muted">
        {waiting > 0 && <strong>{`${waiting} waiting, `}</strong>}
        {lost > 0 && <strong class="bad">{`${lost} lost, `}</strong>}
        {delivered} sent
      </span>
    </li>
  );
}
