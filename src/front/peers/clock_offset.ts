/**
 * How far a peer's clock is ahead of this node's, by the times that its answers carry: as NTP does it, from the answer
 * that came quickest.
 *
 * @module
 */

/** Number of answers that are kept. */
const SAMPLES = 8;
/** Upper bound of a status's age when it is sent, in milliseconds. */
const STATUS_AGE_MS = 100;
/**
 * A Date of HTTP is older than its answer by less, in milliseconds: it has whole seconds (RFC 9110 section 5.6.7), and a
 * server may make its text after the last answer, a second ago, instead of before this one.
 */
const DATE_AGE_MS = 3000;

/** The offset by one answer, in milliseconds. */
export interface OffsetSample {
  readonly offsetMs: number;
  /** The offset differs from the true one by no more. */
  readonly uncertaintyMs: number;
}

/** When a question was begun and its answer was complete, by this node's clock, in milliseconds since the epoch. */
export interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
}

/** By the time of the status itself, which is made for the question unless another one came just before. */
export function sampleOfStatus(peerMs: number, asked: Asked): OffsetSample {
  const { offsetMs, uncertaintyMs } = sampleOf(peerMs, asked);
  return { offsetMs, uncertaintyMs: uncertaintyMs + STATUS_AGE_MS };
}

/** By Date of the answer's head, for a vipd whose status has no time: the smallest offset that it allows. */
export function sampleOfDate(peerMs: number, asked: Asked): OffsetSample {
  const { offsetMs, uncertaintyMs } = sampleOf(peerMs, asked);
  const leastMs = offsetMs - uncertaintyMs;
  const mostMs = offsetMs + DATE_AGE_MS + uncertaintyMs;
  return { offsetMs: Math.min(Math.max(0, leastMs), mostMs), uncertaintyMs: mostMs - leastMs };
}

function sampleOf(peerMs: number, { fromMs, toMs }: Asked): OffsetSample {
  return { offsetMs: peerMs - (fromMs + toMs) / 2, uncertaintyMs: Math.abs(toMs - fromMs) / 2 };
}

export class ClockOffset {
  #samples: readonly OffsetSample[] = [];

  /** Takes the newest answer. Those that contradict it are from before one of the clocks was set. */
  add(newest: OffsetSample): void {
    const agreeing = this.#samples.filter(({ offsetMs, uncertaintyMs }) =>
      Math.abs(offsetMs - newest.offsetMs) <= uncertaintyMs + newest.uncertaintyMs
    );
    this.#samples = [...agreeing, newest].slice(-SAMPLES);
  }

  /** In whole milliseconds; `null` before the first answer with a time. */
  get ms(): number | null {
    const [best] = this.#samples.toSorted((a, b) => a.uncertaintyMs - b.uncertaintyMs);
    return best === undefined ? null : Math.round(best.offsetMs);
  }
}
