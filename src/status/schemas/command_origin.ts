/**
 * The origin of a command, and its reason: as the API knows it, and in the words of journal and command line.
 *
 * @module
 */

import * as z from "zod";
import { printable } from "../../wire/printable.ts";
import { REASON_MAX_LENGTH } from "./reason_length.ts";

/** Longest text about a client, in UTF-16 units. */
export const CLIENT_TEXT_MAX_LENGTH = 256;

/** Printed as it is, it can neither break the line nor hide a part of it. */
function line(maxLength: number): z.ZodString {
  const words = `must be one line of 1 to ${maxLength} printable characters`;
  return z.string(words).min(1, words).max(maxLength, words)
    .refine((text) => printable(text) === text, words);
}

/** Why a command is given, in the words of the person who gives it. */
export const commandReason = line(REASON_MAX_LENGTH);

/**
 * The client that gives a command. Every command carries the full token; this says who showed it. A key is absent if it
 * is not known.
 */
export const commandClient = z.object({
  /** Name and number of the user at the other end of a unix socket (SO_PEERCRED, unix(7)). */
  user: line(CLIENT_TEXT_MAX_LENGTH).optional(),
  uid: z.int().min(0).max(2 ** 32 - 1).optional(),
  /** Of a client over TCP. */
  address: line(CLIENT_TEXT_MAX_LENGTH).optional(),
  /** The name of `api.hosts` under which a reverse proxy passed it on: the address is the proxy's. */
  proxy: line(CLIENT_TEXT_MAX_LENGTH).optional(),
  /** The name that the client gives itself, its User-Agent. */
  agent: line(CLIENT_TEXT_MAX_LENGTH).optional(),
});

export type CommandClient = z.infer<typeof commandClient>;

/** A key is absent if it is not known. */
export interface CommandOrigin {
  readonly by?: CommandClient | undefined;
  readonly reason?: string | undefined;
}

/** Only the known keys: what journal, status and state keep. */
export function originOf({ by, reason }: CommandOrigin): CommandOrigin {
  const known = by && Object.keys(by).length > 0;
  return { ...(known && { by }), ...(reason !== undefined && { reason }) };
}
