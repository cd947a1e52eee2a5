/**
 * Asks a file system whether it answers, before a file of it is opened.
 *
 * The runtime's oldest supported line, 2.6, opens files in the program's own thread, where a disk that does not answer
 * stops the adverts; all else that it does with files, it does in threads of its own. So that one comes first which waits
 * for whatever the opening would wait for.
 *
 * @module
 */

import { dirname } from "node:path";

/** To be awaited before a file is opened to be read. Never rejects: what is wrong with it, the opening says. */
export async function answersReading(path: string): Promise<void> {
  await Deno.stat(path).catch(() => {});
}

/**
 * To be awaited before a file is opened to be written, whose folder is there. Never rejects. Making a folder that is there
 * changes nothing, and waits for a file system that is frozen, as no look would.
 */
export async function answersWriting(path: string): Promise<void> {
  await Deno.mkdir(dirname(path)).catch(() => {});
}
