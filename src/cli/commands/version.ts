/** `vipd version`. */

import { EXIT } from "../../exit.ts";
import { VERSION } from "../../version.ts";
import { printableJson } from "../../wire/printable.ts";
import type { Command } from "../command.ts";

export const version: Command = {
  name: "version",
  summary: "print the version",
  help: `Prints vipd's version, the commit that it was built from and the kind of build:
compiled or portable (vipd man install explains the difference), or source.

Examples:
  vipd version
  vipd version --json   with the versions of the runtime

Options:
  --json   print an object: vipd, commit, build, deno, target
`,
  options: { json: "flag" },
  maxOperands: 0,
  execute(args, { output, build }) {
    const { commit, kind } = build;
    if (args.flag("json")) {
      const { version: { deno }, build: { target } } = Deno;
      const versions = { vipd: VERSION, commit, build: kind, deno, target };
      output.out(`${printableJson(JSON.stringify(versions, null, 2))}\n`);
    } else {
      output.out(`vipd ${VERSION} (${commit === null ? "" : `commit ${commit}, `}${kind})\n`);
    }
    return EXIT.ok;
  },
};
