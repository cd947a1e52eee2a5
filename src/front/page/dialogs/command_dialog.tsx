import type { TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { failoverReadiness } from "../../../status/peer/failover_readiness.ts";
import { REASON_MAX_LENGTH } from "../../../status/schemas/reason_length.ts";
import type { InstanceStatus, PeerStatus } from "../../../status/status.ts";
import { type CommandName, consequence, give, type Outcome } from "../api/commands.ts";
import { knownToken, mayCommand } from "../api/token.ts";
import { duration as durationText } from "../parts/format.ts";
import { TokenField } from "./token_dialog.tsx";

interface CommandDialogProps {
  readonly command: CommandName;
  readonly instance: InstanceStatus;
  readonly node: string;
  readonly peers: readonly PeerStatus[];
  /** By the node's clock. */
  readonly nowMs: number;
  readonly close: () => void;
}

const DURATIONS = [["", "until released"], ["10m", "10 minutes"], ["1h", "1 hour"], [
  "8h",
  "8 hours",
]] as const;

/** Shows what a command will do, asks for the token once, and shows the result. */
export function CommandDialog(props: CommandDialogProps) {
  const { command, instance, node, peers, close } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  // The state at the time of the question, because the instance changes while the command is carried out.
  const [question] = useState(() => consequence(command, instance, { node, peers }));
  const [token, setToken] = useState(knownToken() ?? "");
  const [needsToken, setNeedsToken] = useState(!mayCommand());
  const [lasts, setLasts] = useState("");
  const [reason, setReason] = useState("");
  const [running, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setRunning(true);
    setOutcome(null);
    const result = await give(command, instance, { lasts, reason: reason.trim() }, token.trim());
    setRunning(false);
    setOutcome(result);
    if (!result.ok && result.code.startsWith("token_")) setNeedsToken(true);
    else setNeedsToken(false);
  }

  const verb = `${command[0]!.toUpperCase()}${command.slice(1)}`;
  const done = outcome?.ok === true;
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="command-title">
      <form onSubmit={submit}>
        <h2 id="command-title">{verb} {instance.name} on {node}?</h2>
        <p>{question}</p>
        {!done && <OtherNodes {...props} />}
        {!done && command !== "release" && (
          <label class="field">
            It lasts
            <select value={lasts} onChange={(event) => setLasts(event.currentTarget.value)}>
              {DURATIONS.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
            </select>
          </label>
        )}
        {!done && (
          <label class="field">
            Reason
            <input
              type="text"
              maxLength={REASON_MAX_LENGTH}
              autoComplete="off"
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
              aria-describedby="reason-hint"
            />
            <small id="reason-hint">Optional. Journal and status show it with who gave it.</small>
          </label>
        )}
        {!done && needsToken && (
          <TokenField token={token} changed={setToken}>
            On the node: <code>cat /run/vipd/token</code>. A read token is not enough.
          </TokenField>
        )}
        <div role="status" class="outcome">
          {running && <p>Carrying it out…</p>}
          {outcome && <OutcomeText outcome={outcome} node={node} />}
        </div>
        <div class="actions">
          {!done && (
            <button type="submit" class="primary" disabled={running}>
              {outcome ? "Try again" : verb}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {done ? "Close" : "Cancel"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

const MARKS = { able: "✓", unable: "✕", unknown: "?" } as const;

/** Whether another node can take over at present; nothing if no peers are configured. */
function OtherNodes({ command, instance, peers, nowMs }: CommandDialogProps) {
  if (peers.length === 0) return null;
  const words = {
    able: command === "demote" ? "can take over: it" : "",
    unable: "cannot take over: it",
    unknown: "does not say whether it can take over: it",
  };
  return (
    <ul class="others" aria-label="Other nodes">
      {failoverReadiness(instance, peers, nowMs).map(({ peer, able, text }) => {
        const kind = able === null ? "unknown" : able ? "able" : "unable";
        return (
          <li key={peer} class={kind}>
            <span aria-hidden="true">{MARKS[kind]}</span> <strong>{peer}</strong> {words[kind]}{" "}
            {text}
          </li>
        );
      })}
    </ul>
  );
}

function OutcomeText({ outcome, node }: { outcome: Outcome; node: string }) {
  if (!outcome.ok) {
    return (
      <p class="bad">
        <span aria-hidden="true">✕</span> {outcome.message}
      </p>
    );
  }
  const { instance, took_ms, not_kept } = outcome.answer;
  return (
    <p class="good">
      <span aria-hidden="true">✓</span> {instance.name}: {node} is {instance.state} now
      {took_ms > 0 && ` (took ${durationText(took_ms)})`}
      {not_kept !== undefined && `; but this would not outlive a restart: ${not_kept}`}
    </p>
  );
}
