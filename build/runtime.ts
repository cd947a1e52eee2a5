/**
 * The runtime under the executables: the Deno that a portable vipd carries, and how its engine runs either kind.
 *
 * @module
 */

import { join } from "node:path";
import { BuildError, runProgram } from "./process.ts";

/** Processor -> the npm package that delivers Deno for it. */
const NPM_PACKAGES = {
  x86_64: "@deno/linux-x64-glibc",
  aarch64: "@deno/linux-arm64-glibc",
} as const;

const ENGINE_FLAGS = [
  // Code that has not run for a while stays compiled: a backup takes over after months, and then at once. Without it the
  // engine compiles the code of a takeover again.
  "--no-flush-bytecode",
  // Live objects are marked on a thread of its own and not in tasks between the program's turns: the runtime runs those
  // one after the other, so that a hundred short ones held back every advert for 20 to 40 ms.
  "--no-incremental-marking-task",
  // Of itself the engine collects garbage seconds after work has ended, which holds back adverts for 15 ms: vipd chooses the
  // moments, src/runtime/garbage.ts.
  "--no-memory-reducer",
  "--expose-gc",
  // In MB: what is young has three times as much at most. Without it much short-lived work takes 48 MB and keeps them.
  "--max-semi-space-size=2",
  // Old objects are collected when they have grown by so much, in percent, and by 8 MB at least. Without it a front that
  // floods the engine makes it take 100 MB.
  "--heap-growing-percent=50",
];

export const ENGINE_OPTION = `--v8-flags=${ENGINE_FLAGS.join(",")}`;

export type Arch = keyof typeof NPM_PACKAGES;
export const ARCHES = Object.keys(NPM_PACKAGES) as Arch[];

/** The name that Deno gives the target. */
export function targetTriple(arch: Arch): string {
  return `${arch}-unknown-linux-gnu`;
}

/** Path of the executable: the one that runs this, or for another processor the same version from npm. */
export async function denoFor(arch: Arch, folder: string): Promise<string> {
  if (targetTriple(arch) === Deno.build.target) return Deno.execPath();
  const name = `${NPM_PACKAGES[arch]}@${Deno.version.deno}`;
  const pack = ["pack", "--silent", "--pack-destination", folder, name];
  const { code, stdout, stderr } = await runProgram("npm", pack);
  const archive = stdout.trim().split("\n").at(-1);
  if (code !== 0 || !archive) {
    throw new BuildError(`npm does not deliver ${name}: ${stderr.trim()}`);
  }
  const unpack = ["-xzf", join(folder, archive), "-C", folder, "package/deno"];
  const unpacked = await runProgram("tar", unpack);
  if (unpacked.code !== 0) {
    throw new BuildError(`${archive} cannot be unpacked: ${unpacked.stderr.trim()}`);
  }
  return join(folder, "package/deno");
}
