/**
 * Frames on a stream: a length of four octets, big-endian, and that many octets of JSON.
 *
 * @module
 */

const LENGTH_OCTETS = 4;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

/** The other end sent no valid frame; the connection cannot continue. */
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

/** The contents of a frame. */
export interface Frame {
  readonly value: unknown;
  /** The length of its JSON. */
  readonly octets: number;
}

/** Assembles frames from the pieces in which they arrive. Stores at most one incomplete frame. */
export class FrameReader {
  readonly #maxOctets: number;
  readonly #length = new Uint8Array(LENGTH_OCTETS);
  /** The incomplete body; `null` while its length is not known. */
  #body: Uint8Array | null = null;
  /** How much of the length, or of the body, has arrived. */
  #filled = 0;

  /** `maxOctets`: the longest body that it accepts. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /**
   * The frames that are complete now, each parsed when the caller asks for it. Keeps no reference to `piece`. Throws
   * {@link FrameError} for a long frame or one that is no JSON.
   */
  *feed(piece: Uint8Array): Generator<Frame> {
    for (let rest = piece; rest.length > 0;) {
      const octets = rest.subarray(0, this.#part.length - this.#filled);
      this.#part.set(octets, this.#filled);
      this.#filled += octets.length;
      rest = rest.subarray(octets.length);
      if (this.#filled < this.#part.length) return;
      this.#filled = 0;
      if (this.#body === null) {
        this.#body = this.#allocate();
      } else {
        const body = this.#body;
        this.#body = null;
        yield { value: parse(body), octets: body.length };
      }
    }
  }

  get #part(): Uint8Array {
    return this.#body ?? this.#length;
  }

  #allocate(): Uint8Array {
    const length = new DataView(this.#length.buffer).getUint32(0);
    if (length === 0) throw new FrameError("an empty frame");
    if (length > this.#maxOctets) {
      throw new FrameError(`a frame of ${length} octets; ${this.#maxOctets} are taken at most`);
    }
    return new Uint8Array(length);
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(body));
  } catch {
    throw new FrameError("a frame that is no JSON");
  }
}
