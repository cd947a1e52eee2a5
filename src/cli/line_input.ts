/**
 * Standard input, line by line, without stopping everything else as a prompt does.
 *
 * @module
 */

/** A longer line is nothing that a person types or pastes, in octets. */
const MAX_OCTETS = 64 * 1024;
const NEWLINE = 10;

/** Reads one line of `input` at each call, without its end; `null` after the last one. */
export function lineReader(
  input: { read(buffer: Uint8Array): Promise<number | null> },
): () => Promise<string | null> {
  let rest: number[] = [];
  const buffer = new Uint8Array(1024);
  return async () => {
    for (;;) {
      const end = rest.indexOf(NEWLINE);
      if (end >= 0 || rest.length > MAX_OCTETS) {
        const line = rest.slice(0, end < 0 ? rest.length : end);
        rest = rest.slice(line.length + 1);
        return textOf(line);
      }
      const count = await input.read(buffer);
      if (count === null) {
        const last = rest;
        rest = [];
        return last.length === 0 ? null : textOf(last);
      }
      rest.push(...buffer.subarray(0, count));
    }
  };
}

function textOf(octets: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(octets)).replace(/\r$/, "");
}
