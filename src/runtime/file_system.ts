/**
 * Asks a file system whether it answers, before the caller opens a file of it.
 *
 * The runtime's oldest supported line, 2.6, opens files in the program's own thread, also to read or write whole files.
 * There a disk that does not answer stops the adverts. All other file operations run in the runtime's threads. So the
 * caller first awaits an operation that waits for the same disk. It asks the folder of the file itself, because the
 * attributes of a folder come from another file system if the folder is a mount point.
 *
 * @module
 */

import { dirname, join } from "node:path";

/**
 * The caller awaits this before it opens an existing file. Never rejects, because opening the file reports any problem.
 * It asks for a new name, because the kernel may remember a file system's answer for a file (FUSE, NFS), but not for a
 * name that nobody has asked for yet.
 */
export async function answersOpening(path: string): Promise<void> {
  const real = await Deno.realPath(path).catch(() => path);
  await Deno.lstat(join(dirname(real), crypto.randomUUID())).catch(() => {});
}

/**
 * The caller awaits this before it creates a file in an existing folder. Never rejects. Makes a folder next to the file
 * and removes it: one of both changes something, also if an earlier run has left the folder, and a frozen disk blocks
 * writers.
 */
export async function answersMaking(path: string): Promise<void> {
  const asked = `${path}.asked`;
  await Deno.mkdir(asked).catch(() => {});
  await Deno.remove(asked).catch(() => {});
}
