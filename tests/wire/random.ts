/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Up to `maximum` octets. */
export function randomOctets(random: () => number, maximum: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: Math.floor(random() * (maximum + 1)) },
    () => Math.floor(random() * 256),
  );
}
