/** `vipd version`. */

import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

export const version: Command = {
  name: "version",
  summary: "print the version",
  help: `Prints vipd's version.

Examples:
  vipd version
  vipd version --json   with the versions of the runtime

Options:
  --json   print an object: vipd, deno, target
`,
  options: { json: "flag" },
  maxOperands: 0,
  execute(args, { output }) {
    const versions = { vipd: VERSION, deno: Deno.version.deno, target: Deno.build.target };
    output.out(args.flag("json") ? `${JSON.stringify(versions, null, 2)}\n` : `vipd ${VERSION}\n`);
    return EXIT.ok;
  },
};
