/**
 * The steady client's record of each request, and a summary of many.
 *
 * @module
 */

/** One request. Times in milliseconds since the epoch, see `clockMs()`. */
export interface ClientRecord {
  readonly sentAtMs: number;
  readonly tookMs: number;
  /** `null` if it failed. */
  readonly answer: { readonly loadBalancer: string; readonly backend: string } | null;
  /** Why it failed, in a few words; `null` if it did not. */
  readonly error: string | null;
  /** Every request sent before this moment has been reported. */
  readonly completeUntilMs: number;
}

/** A summary of a span of time. */
export interface ClientReport {
  readonly sent: number;
  readonly failed: number;
  /** The longest time without a good answer, in milliseconds. */
  readonly longestGapMs: number;
  /** In the order in which the client first saw them. */
  readonly loadBalancers: readonly string[];
  readonly backends: readonly string[];
  /** Why requests failed -> how many. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Sums up the requests sent in a span.
 *
 * @param records All requests so far, sorted or not: a gap counts from the last good answer before the span, or from
 * the first request if there is none.
 */
export function summarize(
  records: readonly ClientRecord[],
  fromMs: number,
  untilMs: number,
): ClientReport {
  const inSpan = records
    .filter((it) => it.sentAtMs >= fromMs && it.sentAtMs < untilMs)
    .sort((a, b) => a.sentAtMs - b.sentAtMs);
  const answers = inSpan.flatMap((it) => it.answer ?? []);
  const errors: Record<string, number> = {};
  for (const { error } of inSpan) if (error !== null) errors[error] = (errors[error] ?? 0) + 1;
  return {
    sent: inSpan.length,
    failed: inSpan.length - answers.length,
    longestGapMs: longestGap(records, fromMs, untilMs),
    loadBalancers: [...new Set(answers.map((it) => it.loadBalancer))],
    backends: [...new Set(answers.map((it) => it.backend))],
    errors,
  };
}

function longestGap(records: readonly ClientRecord[], fromMs: number, untilMs: number): number {
  const answeredAt = records
    .filter((it) => it.answer !== null)
    .map((it) => it.sentAtMs + it.tookMs)
    .sort((a, b) => a - b);
  const firstSentMs = Math.min(...records.map((it) => it.sentAtMs));
  const before = answeredAt.findLast((at) => at < fromMs) ?? Math.max(fromMs, firstSentMs);
  let longestMs = 0;
  let lastMs = before;
  for (const at of answeredAt.filter((it) => it >= before && it < untilMs)) {
    longestMs = Math.max(longestMs, at - lastMs);
    lastMs = at;
  }
  return Math.max(longestMs, untilMs - lastMs);
}
