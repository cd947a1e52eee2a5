/**
 * The last sequence number of each sender of signed adverts, as it is kept from one run of vipd to the next for
 * `replay: monotonic`: a text, and back.
 *
 * @module
 */

import * as z from "zod";
import { type IpAddress, parseIp } from "../../../wire/address.ts";

/** The last number that an instance has accepted from a sender. */
export interface ReplayMark {
  /** The instance's name. */
  readonly instance: string;
  readonly sender: IpAddress;
  /** 64 bits, draft-cassen-vrrp-auth-hmac. */
  readonly sequence: bigint;
}

const FORMAT = "vipd-replay-marks";
const VERSION = 1;

const MarksSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  marks: z.array(z.strictObject({
    instance: z.string().min(1),
    sender: z.string().refine((text) => parseIp(text) !== null),
    sequence: z.string().regex(/^[0-9a-f]{16}$/),
  })),
});

/** The text that {@link decodeReplayMarks} reads. */
export function encodeReplayMarks(marks: readonly ReplayMark[]): string {
  const written = marks.map(({ instance, sender, sequence }) => ({
    instance,
    sender,
    sequence: sequence.toString(16).padStart(16, "0"),
  }));
  return `${JSON.stringify({ format: FORMAT, version: VERSION, marks: written })}\n`;
}

/** `null` for a text that is none of this format. */
export function decodeReplayMarks(text: string): ReplayMark[] | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = MarksSchema.safeParse(data);
  if (!parsed.success) return null;
  return parsed.data.marks.map(({ instance, sender, sequence }) => ({
    instance,
    sender: sender as IpAddress,
    sequence: BigInt(`0x${sequence}`),
  }));
}
