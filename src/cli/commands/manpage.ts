/** `vipd manpage`. */

import { EXIT } from "../../exit.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { configPage, programPage } from "../manual/pages.ts";
import { roffPage } from "../manual/roff.ts";

/** The command that prints the man pages of `commands()`. */
export function manpageCommand(commands: () => readonly Command[]): Command {
  return {
    name: "manpage",
    summary: "print a man page",
    help: `Prints the man page vipd(8), or vipd.yaml(5) when that is named: the helps of
the commands, and the reference of the configuration, as roff.

Examples:
  vipd manpage | man -l -
  vipd manpage vipd.yaml | man -l -
`,
    options: {},
    maxOperands: 1,
    execute({ operands }, { output }) {
      const name = operands[0] ?? "vipd";
      if (name !== "vipd" && name !== "vipd.yaml") {
        throw usageError(`there is no page ${JSON.stringify(name)}; there are vipd and vipd.yaml`);
      }
      output.out(roffPage(name === "vipd" ? programPage(commands()) : configPage(), VERSION));
      return EXIT.ok;
    },
  };
}
