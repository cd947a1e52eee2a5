/**
 * The output of another program, for a process that runs for months.
 *
 * `Deno.Command.output` gives it, too, but keeps 56 KiB for each program that V8 does not count: the garbage of a thousand
 * programs is 56 MB before anything is collected.
 *
 * @module
 */

const FIRST_BUFFER_OCTETS = 4096;
const LAST_BUFFER_OCTETS = 64 * 1024;

/** How a program ended, and what it wrote. */
export interface ProgramEnd {
  readonly status: Deno.CommandStatus;
  readonly text: string;
}

/**
 * Runs a program to its end.
 *
 * @param command pipes this output and no other one, and inherits no standard input
 * @throws {Error} if it cannot be started
 */
export async function programEnd(
  command: Deno.Command,
  output: "stdout" | "stderr",
): Promise<ProgramEnd> {
  const child = command.spawn();
  const [status, text] = await Promise.all([child.status, textOf(child[output])]);
  return { status, text };
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = stream.getReader({ mode: "byob" });
  for await (const octets of chunksOf(reader)) text += decoder.decode(octets, { stream: true });
  return text + decoder.decode();
}

/**
 * The octets of a pipe, in one small buffer for all chunks, which doubles while the program fills it. The runtime's
 * own buffer takes 64 KiB for each chunk. A chunk lasts until the next one is read.
 */
export async function* chunksOf(reader: ReadableStreamBYOBReader): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(FIRST_BUFFER_OCTETS);
  for (;;) {
    const { done, value } = await reader.read(buffer);
    if (done) return;
    yield value;
    const { length } = value;
    const isFull = length === value.buffer.byteLength && length < LAST_BUFFER_OCTETS;
    buffer = isFull ? new Uint8Array(2 * length) : new Uint8Array(value.buffer);
  }
}
