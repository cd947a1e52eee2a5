import type { ComponentChildren } from "preact";

interface TokenFieldProps {
  readonly token: string;
  readonly changed: (token: string) => void;
  /** Where to find it. */
  readonly children: ComponentChildren;
}

/** Asks for a token. */
export function TokenField({ token, changed, children }: TokenFieldProps) {
  return (
    <label class="field">
      Token
      <input
        type="password"
        required
        // What a header can carry (RFC 6750 section 2.1); spaces around it come from copying.
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
