/** The Debian packages that are installed in the machines: the present one, and that of the version before. */

import { join, resolve } from "node:path";
import { previousExecutable, previousSource } from "../../build/previous.ts";
import { BuildError, runDeno } from "../../build/process.ts";
import { type Executable, executable, portableExecutable } from "../e2e/built.ts";

const ROOT = resolve(import.meta.dirname!, "../..");

/** Paths of the packages, of the present executable alone, and of its portable kind. */
export interface Packages {
  readonly present: string;
  readonly previous: string;
  readonly executable: string;
  readonly portable: string;
}

/** Makes both in a folder. */
export async function makePackages(folder: string): Promise<Packages> {
  const [binary, portable] = [join(folder, "vipd"), join(folder, "portable")];
  await copyOf(executable(), binary);
  await copyOf(portableExecutable(), portable);
  await using source = await previousSource();
  const [present, previous] = await Promise.all([
    makePackage(ROOT, binary, join(folder, "present")),
    makePackage(source.folder, await previousExecutable(), join(folder, "previous")),
  ]);
  return { present, previous, executable: binary, portable };
}

async function copyOf(made: Promise<Executable>, target: string): Promise<void> {
  await using built = await made;
  await Deno.copyFile(built.path, target);
}

/** Has the packaging of a source tree make a package of an executable. */
async function makePackage(source: string, binary: string, output: string): Promise<string> {
  const args = ["run", "-A", "build/deb.ts", "--binary", binary, "--output", output];
  const { code, stdout, stderr } = await runDeno(args, source);
  if (code !== 0) throw new BuildError(`no package of ${binary}: ${stderr.trim()}`);
  return stdout.trim();
}
