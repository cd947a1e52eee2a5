/**
 * Asks a file system whether it answers, before a file of it is opened.
 *
 * The runtime's oldest supported line, 2.6, opens files in the program's own thread, also to read or write them whole.
 * There a disk that does not answer stops the adverts; all else that it does with files, it does in threads of its own.
 * So that one comes first which waits for whatever the opening would wait for. It asks the folder of the file itself:
 * what is said of the folder comes from another file system where the folder is a mount point.
 *
 * @module
 */

import { dirname, join } from "node:path";

/**
 * To be awaited before a file is opened that is there. Never rejects: what is wrong with it, the opening says. What a
 * file system has said of a file, the kernel may remember (FUSE, NFS), but not of a name that nobody has asked for yet.
 */
export async function answersOpening(path: string): Promise<void> {
  const real = await Deno.realPath(path).catch(() => path);
  await Deno.lstat(join(dirname(real), crypto.randomUUID())).catch(() => {});
}

/**
 * To be awaited before a file is made in a folder that is there. Never rejects. Makes a folder next to it and removes that:
 * one of both changes something, also if an earlier run has left the folder, and a frozen disk keeps who wants to.
 */
export async function answersMaking(path: string): Promise<void> {
  const asked = `${path}.asked`;
  await Deno.mkdir(asked).catch(() => {});
  await Deno.remove(asked).catch(() => {});
}
