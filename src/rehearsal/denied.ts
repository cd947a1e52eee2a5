/**
 * Why a file of nginx is not read: the user of the front may not. It is vipd-front under systemd, and may be another one
 * without, so the reason names it, and the remedy on the other node needs no more.
 *
 * @module
 */

const DENIED = "permission denied to ";

export function deniedTo(user: string): string {
  return `${DENIED}${user}`;
}

/** The user whom a reason names; `null` if it is another reason. */
export function userDenied(reason: string): string | null {
  return reason.startsWith(DENIED) ? reason.slice(DENIED.length) : null;
}
