/** `vipd man`. */

import { EXIT } from "../../exit.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { DOCUMENT_NAMES, type DocumentName } from "../../codes/document_names.ts";
import { pageColumns } from "../manual/plain_page.ts";
import { wrapped } from "../../codes/plain_text.ts";

/** The command that prints the manual of `commands()`. */
export function manCommand(commands: () => readonly Command[]): Command {
  return {
    name: "man",
    summary: "show the manual, from the executable itself",
    help: `Shows vipd(8), vipd.yaml(5), or what there is of a topic: a command, a key of
the configuration, a code, or a document:
${wrapped(`${DOCUMENT_NAMES.join(", ")}.`, 78)}
As plain text, on machines without man(1) too.

Examples:
  vipd man | less
  vipd man demote
  vipd man vipd.yaml | less
  vipd man announce.repeat
  vipd man alarms | less
`,
    options: {},
    maxOperands: 1,
    async execute({ operands }, { output }) {
      output.out(await manualOf(operands[0] ?? "vipd", commands(), pageColumns(output)));
      return EXIT.ok;
    },
  };
}

async function manualOf(
  name: string,
  commands: readonly Command[],
  columns: number,
): Promise<string> {
  const { commandPage, configPage, keyPage, programPage } = await import("../manual/pages.ts");
  const { plainPage } = await import("../manual/plain_page.ts");
  const command = commands.find((candidate) => candidate.name === name);
  const pages = [
    ...(name === "vipd" ? [programPage(commands)] : []),
    ...(name === "vipd.yaml" ? [configPage()] : []),
    ...(command === undefined ? [] : [commandPage(command)]),
  ].map((page) => plainPage(page, columns));
  if (isDocument(name)) pages.push(await documentText(name, columns));
  else {
    const { explain, explanationText } = await import("../../codes/explanation.ts");
    const [keys, code] = [keyPage(name), explain(name)];
    if (keys !== null) pages.push(plainPage(keys, columns));
    if (code !== null) pages.push(explanationText(code, columns));
  }
  if (pages.length > 0) return pages.join("\n");
  throw usageError(`there is no manual of ${JSON.stringify(name.slice(0, 100))}. There is one of:
${wrapped(`vipd, vipd.yaml; the commands ${commands.map((it) => it.name).join(", ")};`, 78)}
${wrapped(`the documents ${DOCUMENT_NAMES.join(", ")};`, 78)}
each key of the configuration (vipd man vipd.yaml) and each code (vipd explain)`);
}

function isDocument(name: string): name is DocumentName {
  return (DOCUMENT_NAMES as readonly string[]).includes(name);
}

async function documentText(name: DocumentName, columns: number): Promise<string> {
  const { DOCUMENTS } = await import("../manual/documents.ts");
  const { plainText } = await import("../../codes/plain_text.ts");
  return `${plainText(DOCUMENTS[name], columns)}\n`;
}
