/**
 * Writes to a server, and ignores its answers.
 *
 * @module
 */

/** @throws {Error} If the other end has ended the connection. */
export async function writeAll(connection: Deno.Conn, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) at += await connection.write(octets.subarray(at));
}

/** Reads until the end, so that the other end never waits for its reader. `answered`: called for the first octets. */
export async function discard(connection: Deno.Conn, answered = () => {}): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    if (await connection.read(buffer) === null) return;
    answered();
    while (await connection.read(buffer) !== null);
  } catch {
    // The writing side notices the end, too.
  }
}
