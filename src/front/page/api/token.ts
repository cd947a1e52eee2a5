/**
 * The token that the page's user has typed. It lives as long as the tab, and is sent to this vipd alone.
 *
 * @module
 */

interface StoredToken {
  readonly token: string;
  /** True once an order was accepted with it; until then it may be the one that only reads. */
  readonly mayCommand: boolean;
}

const KEY = "vipd-token";

// A browser that refuses to store anything still has the memory of this page.
let kept: StoredToken | null = stored(() => JSON.parse(sessionStorage.getItem(KEY) ?? "null"));

/** What `act` gives; `null` where the browser stores nothing, or something else was stored. */
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

export function mayOrder(): boolean {
  return kept?.mayCommand ?? false;
}

export function keepToken(token: string, mayOrder: boolean): void {
  kept = { token, mayCommand: mayOrder };
  stored(() => sessionStorage.setItem(KEY, JSON.stringify(kept)));
}

/** It is not accepted any more; one that was typed since then stays. */
export function forgetToken(token: string): void {
  if (kept?.token !== token) return;
  kept = null;
  stored(() => sessionStorage.removeItem(KEY));
}
