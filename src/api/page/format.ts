/**
 * Times and numbers as people read them.
 *
 * @module
 */

/** `12 s`, `3 min`, `3 h 12 min`, `4 d 3 h`: two units at most. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min`;
  if (days === 0) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `3.6 s`, `361 ms` */
export function duration(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}

/** The time of day, with the date when it is another one than that of `nowMs`; on the reader's clock. */
export function clock(time: string, nowMs: number): string {
  const date = new Date(time);
  const sameDay = date.toDateString() === new Date(nowMs).toDateString();
  const pad = (value: number) => String(value).padStart(2, "0");
  const ofDay = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(":");
  return sameDay ? ofDay : `${date.getMonth() + 1}/${date.getDate()} ${ofDay}`;
}

/** A minus that reads as one, and a plus for what is not negative. */
export function signed(change: number): string {
  return change < 0 ? `− ${-change}` : `+ ${change}`;
}
