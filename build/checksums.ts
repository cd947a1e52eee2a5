/**
 * SHA-256 digests, as sha256sum(1) writes and checks them.
 *
 * @module
 */

import { basename, join } from "node:path";

export async function sha256Hex(octets: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  return digest.toHex();
}

/** Writes `SHA256SUMS` next to the build results that are in `folder`. */
export async function writeChecksums(folder: string): Promise<void> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name !== SUMS) names.push(name);
  }
  const lines = await Promise.all(
    names.sort().map(async (name) => {
      return `${await sha256Hex(await Deno.readFile(join(folder, name)))}  ${basename(name)}\n`;
    }),
  );
  await Deno.writeTextFile(join(folder, SUMS), lines.join(""));
}

const SUMS = "SHA256SUMS";
