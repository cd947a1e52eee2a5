/** Waits for `promise`, but no longer than `limitMs`; `late` is the answer then. */
export async function atMost<T>(promise: Promise<T>, limitMs: number, late: T): Promise<T> {
  const { promise: limit, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(late), limitMs);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
