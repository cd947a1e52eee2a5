/**
 * Source addresses for a client on this machine.
 *
 * @module
 */

export const LOOPBACK = "127.0.0.1";

/** A random address of 127.0.0.0/8; all of them are this machine. */
export function anyLoopback(): string {
  const [b, c, d] = crypto.getRandomValues(new Uint8Array(3));
  return `127.${b}.${c}.${Math.min(Math.max(d!, 1), 254)}`;
}
