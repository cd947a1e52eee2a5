import { type AlarmGroup, alarmGroups, groupName } from "../../../status/text/alarm_groups.ts";
import { age } from "../../../status/text/span.ts";
import type { AlarmStatus, InstanceStatus, NodeStatus } from "../../../status/status.ts";
import { CodeLink } from "./code_link.tsx";

interface AlarmsProps {
  readonly status: NodeStatus;
  readonly nowMs: number;
  /** The instance whose reasons stand above. */
  readonly explained: InstanceStatus | null;
}

/** The alarms that a person must act on, nothing if there are none. */
export function Alarms({ status, nowMs, explained }: AlarmsProps) {
  const alarms = status.alarms.filter((alarm) => !isReason(alarm, explained));
  if (alarms.length === 0) return null;
  return (
    <section aria-labelledby="alarms" class="alarms">
      <h2 id="alarms">Alarms of {status.node}</h2>
      <ul>
        {alarmGroups(alarms).map((alarm) => (
          <Alarm key={`${alarm.code} ${alarm.subjects[0]}`} alarm={alarm} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

/** One cause is shown once: `unprotected` is the verdict's reason. */
function isReason(
  { code, subject, message }: AlarmStatus,
  explained: InstanceStatus | null,
): boolean {
  const reasons = explained?.pair?.reasons ?? [];
  return code === "unprotected" && subject === explained?.name &&
    reasons.some((reason) => message.endsWith(reason.message));
}

function Alarm({ alarm, nowMs }: { alarm: AlarmGroup; nowMs: number }) {
  const { code, severity, message, hint, evidence, since } = alarm;
  return (
    <li class={`alarm ${severity}`}>
      <p class="what">
        <span aria-hidden="true">{severity === "error" ? "✕" : "!"}</span>{" "}
        <strong>{groupName(alarm)}{message}</strong>
      </p>
      {evidence.length > 0 && (
        <ul>
          {evidence.map((sentence) => <li key={sentence}>also: {sentence}</li>)}
        </ul>
      )}
      <p>{hint}</p>
      <p class="muted">
        {severity}, <CodeLink code={code} />, for {age(since, nowMs)}
      </p>
    </li>
  );
}
