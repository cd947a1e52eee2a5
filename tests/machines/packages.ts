/** The Debian packages that are installed in the machines: the present one, and that of the version before. */

import { join, resolve } from "node:path";
import { previousExecutable, previousSource } from "../../build/previous.ts";
import { BuildError, runDeno } from "../../build/process.ts";
import { executable } from "../e2e/built.ts";

const ROOT = resolve(import.meta.dirname!, "../..");

/** Paths of the packages, and of the present executable alone. */
export interface Packages {
  readonly present: string;
  readonly previous: string;
  readonly executable: string;
}

/** Makes both in a folder. */
export async function makePackages(folder: string): Promise<Packages> {
  const built = await executable();
  try {
    const binary = join(folder, "vipd");
    await Deno.copyFile(built.path, binary);
    await using source = await previousSource();
    const [present, previous] = await Promise.all([
      makePackage(ROOT, binary, join(folder, "present")),
      makePackage(source.folder, await previousExecutable(), join(folder, "previous")),
    ]);
    return { present, previous, executable: binary };
  } finally {
    await built[Symbol.asyncDispose]();
  }
}

/** Has the packaging of a source tree make a package of an executable. */
async function makePackage(source: string, binary: string, output: string): Promise<string> {
  const args = ["run", "-A", "build/deb.ts", "--binary", binary, "--output", output];
  const { code, stdout, stderr } = await runDeno(args, source);
  if (code !== 0) throw new BuildError(`no package of ${binary}: ${stderr.trim()}`);
  return stdout.trim();
}
