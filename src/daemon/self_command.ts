/**
 * The command that starts this program again, as another process.
 *
 * @module
 */

import type { Build } from "../version.ts";

/** The words that start this program: the executable, or the runtime with its arguments. */
export function selfCommand({ kind, runOptions }: Build): string[] {
  switch (kind) {
    case "compiled":
      return [Deno.execPath()];
    case "portable":
      return [Deno.execPath(), "run", "--quiet", ...runOptions ?? [], mainFile()];
    case "source":
      // -P: the permissions in deno.json.
      return [Deno.execPath(), "run", "--quiet", "--no-prompt", "-P", mainFile()];
  }
}

function mainFile(): string {
  return new URL(Deno.mainModule).pathname;
}
