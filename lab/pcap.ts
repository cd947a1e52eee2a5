/**
 * The file format of tcpdump, pcap-savefile(5).
 *
 * @module
 */

/** A frame from the wire, as far as it was recorded; `atMs` is milliseconds since the epoch. */
export interface PcapFrame {
  readonly atMs: number;
  readonly frame: Uint8Array;
}

const FILE_HEADER_OCTETS = 24;
const FRAME_HEADER_OCTETS = 16;
/** The magic number of a file with microseconds; one with nanoseconds has another. */
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

/**
 * The frames of a file that this machine wrote, oldest first. Omits a frame whose end has not been written yet.
 *
 * @throws {SyntaxError} If it is no such file.
 */
export function readPcap(octets: Uint8Array): PcapFrame[] {
  if (octets.length < FILE_HEADER_OCTETS) throw new SyntaxError("Cannot read pcap: no file header");
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const perMs = unitsPerMs(view.getUint32(0, true));
  const frames: PcapFrame[] = [];
  let at = FILE_HEADER_OCTETS;
  while (at + FRAME_HEADER_OCTETS <= octets.length) {
    const length = view.getUint32(at + 8, true);
    const from = at + FRAME_HEADER_OCTETS;
    if (from + length > octets.length) break;
    const atMs = view.getUint32(at, true) * 1000 + view.getUint32(at + 4, true) / perMs;
    frames.push({ atMs, frame: octets.subarray(from, from + length) });
    at = from + length;
  }
  return frames;
}

function unitsPerMs(magic: number): number {
  if (magic === MAGIC_MICROSECONDS) return 1e3;
  if (magic === MAGIC_NANOSECONDS) return 1e6;
  throw new SyntaxError(`Cannot read pcap: magic number ${magic.toString(16)} is unknown`);
}
