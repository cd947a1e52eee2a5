/**
 * `deno task compile`: makes the executable. See {@link HELP}.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Build } from "../src/version.ts";
import { bundle } from "./bundle.ts";
import { writeChecksums } from "./checksums.ts";
import { permissionOptions } from "./permissions.ts";
import { PORTABLE_OPTIONS, writePortable } from "./portable.ts";
import { BuildError, runDeno, runProgram } from "./process.ts";
import { type Arch, ARCHES, denoFor, ENGINE_OPTION, targetTriple } from "./runtime.ts";

const HELP = `Makes the executable vipd, and SHA256SUMS next to it.

  deno task compile                    dist/vipd for this machine's processor
  deno task compile --target aarch64   for another one (${ARCHES.join(", ")})
  deno task compile --output FOLDER    into another folder
  deno task compile:portable           with the Deno that runs this, as one file that unpacks
                                       itself: nothing is downloaded

deno compile downloads a runtime base. Where that is not possible, name one that fits the Deno
version in DENORT_BIN, or take the portable executable, which is then made instead.
`;

const ROOT = resolve(import.meta.dirname!, "..");

interface Options {
  readonly arch: Arch;
  readonly portable: boolean;
  readonly folder: string;
}

function options(): Options | null {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      help: { type: "boolean", short: "h" },
      output: { type: "string", default: join(ROOT, "dist") },
      portable: { type: "boolean", default: false },
      target: { type: "string", default: Deno.build.arch },
    },
  });
  if (values.help) return null;
  const arch = ARCHES.find((known) => [known, targetTriple(known)].includes(values.target));
  if (!arch) {
    throw new BuildError(`--target ${values.target} is unknown; there are: ${ARCHES.join(", ")}`);
  }
  return { arch, portable: values.portable, folder: resolve(values.output) };
}

/** The commit that is checked out; `-dirty` when a file of it was changed. */
async function commit(): Promise<string | null> {
  const args = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
  const { code, stdout } = await runProgram("git", args, { cwd: ROOT })
    .catch(() => ({ code: 1, stdout: "" }));
  return code === 0 ? stdout.trim() : null;
}

/**
 * Makes the executable with `deno compile`; returns what kept its runtime base from being downloaded, or `null` when
 * it was made.
 */
async function compile(program: string, arch: Arch, output: string): Promise<string | null> {
  const args = ["compile", "--quiet", "--no-check", "--no-config", "--no-lock", "--no-remote"];
  // The engine's own cache lies in a folder of everybody's, under a name that everybody knows: what root runs is not
  // looked up there, and it makes no start faster.
  const options = ["--no-code-cache", ENGINE_OPTION, `--include=${dirname(program)}`];
  const { code, stderr } = await runDeno([
    ...args,
    ...options,
    ...permissionOptions(),
    `--target=${targetTriple(arch)}`,
    `--output=${output}`,
    program,
  ]);
  if (code === 0) return null;
  const base = /error sending request for url \((\S*denort\S*)\)[^\n]*/.exec(stderr) ??
    /(?:Download|download)[^\n]*denort[^\n]*/.exec(stderr);
  if (base && !Deno.env.get("DENORT_BIN")) return base[0];
  throw new BuildError(`deno compile failed:\n${stderr.split("\n\nStack backtrace")[0]!.trim()}`);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function main({ arch, portable, folder }: Options): Promise<void> {
  const scratch = join(folder, ".build");
  // A build that was cut off has left its files.
  await Deno.remove(scratch, { recursive: true }).catch(() => {});
  await Deno.mkdir(scratch, { recursive: true });
  try {
    const recorded = await commit();
    const made = (kind: Build["kind"]) => {
      const runOptions = kind === "portable" ? { runOptions: PORTABLE_OPTIONS } : {};
      return bundle({ kind, commit: recorded, ...runOptions }, join(scratch, kind));
    };
    // First under another name: the program that has the final one may be running.
    const output = join(scratch, "vipd");
    const refused = portable ? null : await compile(await made("compiled"), arch, output);
    if (refused !== null) {
      say(`The runtime base of deno compile cannot be downloaded: ${refused}
Made instead: the portable executable, from the Deno that runs this. It behaves the same and
unpacks itself at its first start (docs/install.md). For the compiled one set DENORT_BIN.`);
    }
    if (portable || refused !== null) {
      const parts = { program: await made("portable"), runtime: await denoFor(arch, scratch) };
      await writePortable(parts, output);
    }
    await Deno.rename(output, join(folder, "vipd"));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  await writeChecksums(folder);
  const { size } = await Deno.stat(join(folder, "vipd"));
  say(`${join(folder, "vipd")}: ${(size / 1e6).toFixed(1)} MB, for ${targetTriple(arch)}`);
}

try {
  const asked = options();
  if (asked) await main(asked);
  else say(HELP.trimEnd());
} catch (error) {
  const usage = error instanceof TypeError && "code" in error;
  if (!(error instanceof BuildError) && !usage) throw error;
  Deno.stderr.writeSync(new TextEncoder().encode(`${(error as Error).message}\n`));
  Deno.exit(1);
}
