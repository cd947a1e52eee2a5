/**
 * Damage to octets, of the kinds that parsers of lengths, counts and checksums stumble over.
 *
 * @module
 */

import { concatenate } from "../../src/wire/octets.ts";
import { below, pick } from "./target.ts";

type Octets = Uint8Array<ArrayBuffer>;

/** The edges of what fields of one, two and four octets can hold, and of what lengths mean. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xfe, 0xff, 0x7fff, 0x8000, 0xffff];
const WIDE_EDGES = [...EDGES, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];

type Mutation = (octets: Octets, random: () => number, corpus: readonly Octets[]) => Octets;

const MUTATIONS: readonly Mutation[] = [
  // A bit.
  (octets, random) =>
    changed(octets, (it) => {
      it[below(random, it.length)]! ^= 1 << below(random, 8);
    }),
  // Any octet, more often one of the header.
  (octets, random) =>
    changed(octets, (it) => {
      it[below(random, random() < 0.6 ? Math.min(8, it.length) : it.length)] = below(random, 256);
    }),
  // A field at an edge.
  (octets, random) =>
    changed(octets, (it, view) => {
      const at = below(random, it.length);
      if (random() < 0.4) it[at] = pick(random, EDGES);
      else if (at + 4 <= it.length && random() < 0.5) {
        view.setUint32(at, pick(random, WIDE_EDGES), random() < 0.5);
      } else if (at + 2 <= it.length) view.setUint16(at, pick(random, EDGES), random() < 0.5);
    }),
  // Cut off.
  (octets, random) => octets.slice(0, below(random, octets.length + 1)),
  // A piece is missing.
  (octets, random) => {
    const at = below(random, octets.length + 1);
    return concatenate([octets.subarray(0, at), octets.subarray(at + below(random, 9))]);
  },
  // A piece is there twice.
  (octets, random) => {
    const at = below(random, octets.length + 1);
    const to = at + below(random, 17);
    return concatenate([octets.subarray(0, to), octets.subarray(at)]);
  },
  // More at the end.
  (octets, random) =>
    concatenate([octets, Uint8Array.from({ length: below(random, 20) }, () => below(random, 256))]),
  // The end of another.
  (octets, random, corpus) => {
    const other = pick(random, corpus);
    return concatenate([
      octets.subarray(0, below(random, octets.length + 1)),
      other.subarray(below(random, other.length + 1)),
    ]);
  },
];

/** Longer than anything that arrives in one datagram of these protocols. */
const LONGEST = 4096;

/** One of the corpus with up to four damages; sometimes none at all, sometimes nothing but noise. */
export function mutateOctets(corpus: readonly Octets[], random: () => number): Octets {
  if (random() < 0.02) {
    return Uint8Array.from({ length: below(random, 120) }, () => below(random, 256));
  }
  let octets = pick(random, corpus).slice();
  for (let count = below(random, 5); count > 0; count--) {
    octets = pick(random, MUTATIONS)(octets, random, corpus).slice(0, LONGEST);
  }
  return octets;
}

/** Changes octets in place; what is empty stays so. */
function changed(octets: Octets, change: (octets: Octets, view: DataView) => void): Octets {
  if (octets.length > 0) {
    change(octets, new DataView(octets.buffer, octets.byteOffset, octets.length));
  }
  return octets;
}
