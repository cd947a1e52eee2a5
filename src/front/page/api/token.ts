/**
 * The token that the page's user has typed. It lives as long as the tab, and the page sends it only to this vipd.
 *
 * @module
 */

interface StoredToken {
  readonly token: string;
  /** True once a command was accepted with it; until then it may be the read-only one. */
  readonly mayCommand: boolean;
}

const KEY = "vipd-token";

// If a browser refuses to store anything, the memory of this page keeps the token.
let kept: StoredToken | null = stored(() => JSON.parse(sessionStorage.getItem(KEY) ?? "null"));

/** The result of `act`; `null` if the browser stores nothing, or something else was stored. */
function stored<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

export function knownToken(): string | null {
  return kept?.token ?? null;
}

export function mayCommand(): boolean {
  return kept?.mayCommand ?? false;
}

export function keepToken(token: string, mayCommand: boolean): void {
  kept = { token, mayCommand };
  stored(() => sessionStorage.setItem(KEY, JSON.stringify(kept)));
}

/** vipd does not accept this token any more; one that was typed since then stays. */
export function forgetToken(token: string): void {
  if (kept?.token !== token) return;
  kept = null;
  stored(() => sessionStorage.removeItem(KEY));
}
