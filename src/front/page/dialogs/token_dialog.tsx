import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface TokenDialogProps {
  /** Why the page asks again; `null` the first time. */
  readonly reason: string | null;
  /** Returns the problem of the token, `null` if it is accepted. */
  readonly unlock: (token: string) => Promise<string | null>;
  readonly close: () => void;
}

/** Asks for the token if vipd shows nothing without one. */
export function TokenDialog({ reason, unlock, close }: TokenDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState("");
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState(reason);
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setAsking(true);
    setWrong(await unlock(token.trim()));
    setAsking(false);
  }

  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="token-title">
      <form onSubmit={submit}>
        <h2 id="token-title">A token is needed</h2>
        <p>
          This vipd shows its state to anyone who has a token. The read token is enough for looking.
        </p>
        <TokenField token={token} changed={setToken}>
          It is in the file of <code>api.read_token_file</code>; the one of{" "}
          <code>api.token_file</code>, by default <code>/run/vipd/token</code>, does too.
        </TokenField>
        <div role="status" class="outcome">
          {wrong !== null && (
            <p class="bad">
              <span aria-hidden="true">✕</span> {wrong}
            </p>
          )}
        </div>
        <div class="actions">
          <button type="submit" class="primary" disabled={asking}>Show the state</button>
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
        </div>
      </form>
    </dialog>
  );
}

interface TokenFieldProps {
  readonly token: string;
  readonly changed: (token: string) => void;
  /** A hint where to find the token. */
  readonly children: ComponentChildren;
}

export function TokenField({ token, changed, children }: TokenFieldProps) {
  return (
    <label class="field">
      Token
      <input
        type="password"
        required
        // The characters that a header can carry (RFC 6750 section 2.1); spaces around them come from copying.
        pattern="\s*[!-~]+\s*"
        autoComplete="off"
        value={token}
        onInput={(event) => changed(event.currentTarget.value)}
        aria-describedby="token-hint"
      />
      <small id="token-hint">{children} It is kept until this tab is closed.</small>
    </label>
  );
}
