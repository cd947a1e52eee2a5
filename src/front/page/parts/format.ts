/**
 * Times and numbers as people read them.
 *
 * @module
 */

/** `3.6 s`, `361 ms` */
export function duration(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}

/** The time of day, with the date if it differs from that of `nowMs`; by the reader's clock. */
export function clock(time: string, nowMs: number): string {
  const date = new Date(time);
  const sameDay = date.toDateString() === new Date(nowMs).toDateString();
  const pad = (value: number) => String(value).padStart(2, "0");
  const ofDay = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(":");
  return sameDay ? ofDay : `${date.getMonth() + 1}/${date.getDate()} ${ofDay}`;
}

/** With a proper minus sign, or a plus for a number that is not negative. */
export function signed(change: number): string {
  return change < 0 ? `− ${-change}` : `+ ${change}`;
}
