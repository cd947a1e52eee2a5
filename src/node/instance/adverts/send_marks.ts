/**
 * The numbers of signed adverts, from one process to the next: any that signs for this node after this one, be it the
 * goodbye after its death or the next engine, continues with later numbers, whatever the wall clock says then.
 *
 * Numbers are reserved on the disk in blocks, so that an advert waits for no disk: a new block is written when half of
 * the one before is used up.
 *
 * @module
 */

import * as z from "zod";
import type { HostError } from "../../../host/errors.ts";
import type { FoundState, StateStore } from "../../../host/state_store.ts";
import { type HmacPolicy, SendSequence, sequenceAt } from "../../../vrrp/hmac.ts";

/** How much time's numbers a block has, in milliseconds. */
const BLOCK_MS = 3_600_000;

/** Numbers that a sender uses one by one while the wall clock is behind them: some thousand years of adverts. */
const COUNTED = 1n << 24n;
/** Numbers of one moment are counted too; that is not the clock's doing. In milliseconds. */
const MOMENT_MS = 2;

/** The number on the disk. */
interface Mark {
  /** No number was sent that is above this and was not the wall clock's when it was sent. */
  readonly sent: bigint;
  /** No number was sent that is above this. */
  readonly reserved: bigint;
}

const FORMAT = "vipd-send-marks";
const NOTHING: Mark = { sent: 0n, reserved: 0n };

const number = z.string().regex(/^[0-9a-f]{1,16}$/).transform((text) => BigInt(`0x${text}`));
const MarkSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  sent: number,
  reserved: number,
});

export class SendMarks {
  readonly #store: StateStore | null;
  readonly #found: Mark;
  #mark: Mark;
  /** The highest number of this process; 0 before the first. */
  #used = 0n;
  #writing: Promise<HostError | null> | null = null;

  /** Without a store numbers begin with the wall clock. */
  constructor(store: StateStore | null) {
    this.#store = store;
    this.#found = store ? decode(store.found) : NOTHING;
    this.#mark = this.#found;
  }

  /**
   * The numbers of a sender that begins. With `monotonic` protection they follow the whole block of the process before,
   * for receivers take any later number. With `time` they must be of now: they follow the last one that is known.
   */
  begin(policy: HmacPolicy): SendSequence {
    const { sent, reserved } = this.#found;
    return new SendSequence(policy, policy.replay === "monotonic" ? reserved : sent);
  }

  /** A number is used at this time of the wall clock. Writes what has to be known of it in the background. */
  use(sequence: bigint, wallClockMs: number): void {
    if (sequence > this.#used) this.#used = sequence;
    if (!this.#store || this.#writing) return;
    const { sent, reserved } = this.#mark;
    const behind = sequence > sequenceAt(wallClockMs + MOMENT_MS) && sequence > sent;
    if (!behind && this.#used + sequenceAt(BLOCK_MS / 2) <= reserved) return;
    this.#writing = this.#write({
      sent: behind ? this.#used + COUNTED : this.#used,
      reserved: this.#used + sequenceAt(BLOCK_MS),
    });
  }

  /** The end of the process: what is left of the block is given back. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#used === 0n) return;
    await this.#write({ sent: this.#used, reserved: this.#used });
  }

  async #write(mark: Mark): Promise<HostError | null> {
    // A disk that refuses is asked again with the next block; that it refuses is the alarm `state_unwritable`.
    this.#mark = mark;
    const error = await this.#store?.write(encode(mark)) ?? null;
    this.#writing = null;
    return error;
  }
}

function encode({ sent, reserved }: Mark): string {
  const mark = { format: FORMAT, version: 1, sent: sent.toString(16) };
  return `${JSON.stringify({ ...mark, reserved: reserved.toString(16) })}\n`;
}

/** Of a damaged mark nothing is known; then the wall clock has to do. */
function decode(found: FoundState): Mark {
  if (found.kind !== "text") return NOTHING;
  try {
    const { sent, reserved } = MarkSchema.parse(JSON.parse(found.text));
    return { sent, reserved };
  } catch {
    return NOTHING;
  }
}
