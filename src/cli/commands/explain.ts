/** `vipd explain`. */

import { EXIT } from "../../exit.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { pageColumns } from "../manual/plain_page.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "say what a code means and what to do about it",
  help: `Explains a code of an alarm, a verdict, the journal, the API, vipd check,
vipd doctor, vipd listen, or an exit code. Without a code it lists all of them.
Asks no running vipd: the texts are in the executable.

Examples:
  vipd explain address_conflict
  vipd explain 3
  vipd explain | less

Options:
  --json   print what GET /v1/codes/CODE answers
`,
  options: { json: "flag" },
  maxOperands: 1,
  async execute(args, { output }) {
    // Imported here, because the texts are long and other commands do not need them.
    const { codeList, explain, explanationText, unknownCode } = await import(
      "../../codes/explanation.ts"
    );
    const columns = pageColumns(output);
    const [code] = args.operands;
    if (code === undefined) {
      if (args.flag("json")) throw usageError("--json needs a code");
      output.out(codeList(columns));
      return EXIT.ok;
    }
    const explanation = explain(code);
    if (explanation === null) throw usageError(`${unknownCode(code)}; vipd explain lists all`);
    output.out(
      args.flag("json")
        ? `${JSON.stringify(explanation, null, 2)}\n`
        : explanationText(explanation, columns),
    );
    return EXIT.ok;
  },
};
