/**
 * Which known word a mistyped one was probably meant to be.
 *
 * @module
 */

/** The candidate most like `word`, or `null` when none is near enough to be worth suggesting. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const typed = plain(word);
  // Nobody mistypes at length; and the distance costs the product of both lengths.
  if (typed.length > 64) return null;
  const limit = Math.max(1, Math.floor(typed.length / 3));
  const typedLetters = lettersOf(typed);
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const known = plain(candidate);
    if (Math.abs(known.length - typed.length) >= bestDistance) continue;
    if (foreignLetters(typedLetters, lettersOf(known)) >= bestDistance) continue;
    const distance = editDistance(typed, known, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `advert-interval`, `advertInterval` and `advert_interval` are one word to the writer. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** A bit for each letter that occurs; characters other than small letters share some. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let at = 0; at < word.length; at++) letters |= 1 << (word.charCodeAt(at) & 31);
  return letters;
}

/** The distance is no less: an edit brings or takes one letter. */
function foreignLetters(a: number, b: number): number {
  return Math.max(bitsOf(a & ~b), bitsOf(b & ~a));
}

function bitsOf(word: number): number {
  let bits = 0;
  for (let left = word; left !== 0; left &= left - 1) bits++;
  return bits;
}

/**
 * Damerau-Levenshtein, optimal string alignment: insert, delete, replace, or swap two neighbours.
 *
 * @param limit a distance of so much or more is as good as any other: it ends early, with `limit` or more
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  let beforeLast = new Array<number>(b.length + 1).fill(0);
  let last = beforeLast.map((_, column) => column);
  let current = [...beforeLast];
  let lastNearest = 0;
  for (let row = 1; row <= a.length; row++) {
    const [here, above] = [a.charCodeAt(row - 1), a.charCodeAt(row - 2)];
    current[0] = row;
    let nearest = row;
    for (let column = 1; column <= b.length; column++) {
      const there = b.charCodeAt(column - 1);
      const replaced = last[column - 1]! + (here === there ? 0 : 1);
      let cost = Math.min(replaced, last[column]! + 1, current[column - 1]! + 1);
      const swapped = row > 1 && column > 1 && above === there &&
        here === b.charCodeAt(column - 2);
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current[column] = cost;
      if (cost < nearest) nearest = cost;
    }
    // Each later row follows from the two above it, and is nowhere nearer than they are.
    if (nearest >= limit && lastNearest >= limit) return limit;
    [beforeLast, last, current, lastNearest] = [last, current, beforeLast, nearest];
  }
  return last[b.length]!;
}
