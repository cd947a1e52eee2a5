/**
 * The front's report of a question that it asked a virtual address as a client.
 *
 * @module
 */

/** How often an address is asked, and how soon again after a failure, in milliseconds. */
export const CLIENT_EVERY_MS = 2000;
export const CLIENT_RETRY_MS = 500;
/** Limit for the connection, TLS and the beginning of an answer, in milliseconds. */
export const CLIENT_TIMEOUT_MS = 1500;
/** The least time between two questions of a front, in milliseconds: so many instances do not ask in one burst. */
export const CLIENT_GAP_MS = 20;

export interface ClientReport {
  readonly instance: string;
  /** The question, such as `http://192.168.31.5:80/`. */
  readonly target: string;
  readonly ok: boolean;
  /** The answer, or why there was none; the same words for the same outcome, so without a time. */
  readonly detail: string;
}

/** So begins why a node knows no answer of an address that its front has not asked. */
export const ADDRESS_NOT_ASKED = "vipd-front has not asked";
