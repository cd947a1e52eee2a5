import type { ComponentChildren } from "preact";

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
