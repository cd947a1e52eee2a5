/**
 * The executable for tests that need one as another user sees it: the one in `VIPD_BINARY`, else a portable one that
 * is made for the test.
 *
 * @module
 */

import { bundle } from "../../build/bundle.ts";
import { PORTABLE_OPTIONS, writePortable } from "../../build/portable.ts";

export interface Executable extends AsyncDisposable {
  readonly path: string;
}

export async function executable(): Promise<Executable> {
  const named = Deno.env.get("VIPD_BINARY");
  if (named !== undefined) {
    return { path: await Deno.realPath(named), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  return await portableExecutable();
}

/** A portable one, whatever `VIPD_BINARY` names. */
export async function portableExecutable(): Promise<Executable> {
  const folder = await Deno.makeTempDir({ prefix: "vipd-built-" });
  const build = { kind: "portable", commit: null, runOptions: PORTABLE_OPTIONS } as const;
  const program = await bundle(build, folder);
  const path = `${folder}/vipd`;
  await writePortable({ program, runtime: Deno.execPath() }, path);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
