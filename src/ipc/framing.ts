/**
 * Frames on a stream: a length of four octets, big-endian, and that many octets of JSON.
 *
 * @module
 */

const LENGTH_OCTETS = 4;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

/** What the other end sent is no frame; the connection cannot go on. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** The frame of a JSON text. */
export function encodeFrame(json: string): Uint8Array {
  const body = ENCODER.encode(json);
  const frame = new Uint8Array(LENGTH_OCTETS + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, LENGTH_OCTETS);
  return frame;
}

/** Puts frames together from the pieces in which they arrive. Holds at most one frame that is not whole. */
export class FrameReader {
  readonly #maxOctets: number;
  #pieces: Uint8Array[] = [];
  #octets = 0;

  /** `maxOctets`: the longest body that is taken. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** The values of the frames that are whole now. Throws {@link FrameError} for a long frame or one that is no JSON. */
  *feed(piece: Uint8Array): Generator<unknown> {
    this.#pieces.push(piece);
    this.#octets += piece.length;
    while (this.#octets >= LENGTH_OCTETS) {
      const length = this.#nextLength();
      if (length > this.#maxOctets) {
        throw new FrameError(`a frame of ${length} octets; ${this.#maxOctets} are taken at most`);
      }
      if (this.#octets < LENGTH_OCTETS + length) return;
      yield parse(this.#take(LENGTH_OCTETS + length).subarray(LENGTH_OCTETS));
    }
  }

  #nextLength(): number {
    // A length that came in pieces is put together first; with it, what came behind.
    if (this.#pieces[0]!.length < LENGTH_OCTETS) {
      const joined = this.#take(this.#octets);
      this.#pieces = [joined];
      this.#octets = joined.length;
    }
    const first = this.#pieces[0]!;
    return new DataView(first.buffer, first.byteOffset).getUint32(0);
  }

  /** The next so many octets, which are there. */
  #take(length: number): Uint8Array {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const piece = this.#pieces[0]!;
      const part = piece.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.#octets -= length;
    return taken;
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(body));
  } catch {
    throw new FrameError("a frame that is no JSON");
  }
}
