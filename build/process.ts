/**
 * Programs that a build runs.
 *
 * @module
 */

/** A build that cannot continue; the message says why and what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", ...options });
    const { code, stdout, stderr } = await command.output();
    const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(`${program} is not installed`);
  }
}

/** Runs the Deno that runs this, in `cwd`, by default the project's folder. */
export function runDeno(
  args: readonly string[],
  cwd = `${import.meta.dirname}/..`,
): Promise<Finished> {
  const env = {
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    // As npm does it: a company's own registry or proxy is trusted when the system trusts it.
    DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "system,mozilla",
  };
  return runProgram(Deno.execPath(), args, { cwd, env });
}
