/** The commands that README and docs show are vipd's: names, options and their values; those that need nothing run. */

import assert from "node:assert/strict";
import { parseArguments } from "../../src/cli/arguments.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { capture } from "../cli/captured_context.ts";
import { commandsIn, namedCommands, type ShownCommand, shownCommands } from "./commands.ts";

const ROOT = new URL("../../", import.meta.url);
/** They read no machine and reach no daemon. */
const RUN_ANYWHERE = ["help", "version", "man", "manpage", "completion", "explain"];
/** Stands for a code, a command or a shell that the reader chooses. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { CODE: "api_down", COMMAND: "status" };

const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "RELEASING.md", ...docs()];

function docs(): string[] {
  return Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => `docs/${name}`)
    .filter((name) => name.endsWith(".md")).sort();
}

const SHOWN = DOCUMENTS.flatMap((name) => shownCommands(name, textOf(name)));
const NAMED = DOCUMENTS.flatMap((name) => namedCommands(name, textOf(name)));

function textOf(name: string): string {
  return Deno.readTextFileSync(new URL(name, ROOT));
}

/** Why vipd would not take these words; `null` if it would. */
function problemOf({ words: [name, ...rest] }: ShownCommand): string | null {
  if (name === "--no-color") return problemOf({ place: "", words: rest });
  if (name === "--help" || name === "--version") return null;
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return `there is no command ${name}`;
  try {
    // What may be left out stands in brackets.
    const words = rest.flatMap((word) => word.replace(/[[\]]/g, "").split(" "));
    parseArguments(words.filter((word) => word !== "..."), command.options, command.maxOperands);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("every command line of README and docs is one that vipd takes", () => {
  assert.ok(SHOWN.length > 80, `only ${SHOWN.length} were found`);
  const wrong = SHOWN.flatMap((shown) => {
    const problem = problemOf(shown);
    return problem === null ? [] : [`${shown.place}: vipd ${shown.words.join(" ")}: ${problem}`];
  });
  assert.deepEqual(wrong, [], wrong.join("\n"));
});

Deno.test("every command that the prose of README and docs names is one that vipd takes", () => {
  assert.ok(NAMED.length > 150, `only ${NAMED.length} were found`);
  const wrong = NAMED.flatMap((named) => {
    // Prose may name an option without its value.
    const problem = problemOf(named) && problemOf({ ...named, words: [...named.words, "VALUE"] });
    return problem === null ? [] : [`${named.place}: vipd ${named.words.join(" ")}: ${problem}`];
  });
  assert.deepEqual(wrong, [], wrong.join("\n"));
});

Deno.test("the commands of README and docs that need no daemon run", async () => {
  const lines = new Set(
    [...SHOWN, ...NAMED].filter(({ words: [name] }) => RUN_ANYWHERE.includes(name!))
      .map(({ words }) => words.join(" ")),
  );
  assert.ok(lines.size > 6, [...lines].join("\n"));
  for (const line of lines) {
    const words = line.split(" ").filter((word) => !word.startsWith("["))
      .map((word) => PLACEHOLDERS[word] ?? word);
    // Alone it says which there are, with the exit code of wrong usage.
    if (words.length === 1 && words[0] === "completion") continue;
    const { code, err } = await capture(words);
    assert.equal(code, 0, `vipd ${line}: ${err}`);
  }
});

Deno.test("a line is taken apart as a shell does it", () => {
  const cases: readonly (readonly [line: string, ...commands: string[][]])[] = [
    ["vipd status --all   # both", ["status", "--all"]],
    ["root@lb01:~# vipd pair --join", ["pair", "--join"]],
    ["# vipd run --config a", ["run", "--config", "a"]],
    ["ssh root@lb02 vipd demote --reason 'a b # c'", ["demote", "--reason", "a b # c"]],
    ["vipd check --probe && vipd reload", ["check", "--probe"], ["reload"]],
    ["vipd events | tail", ["events"]],
    ["vipd completion bash > /etc/x", ["completion", "bash"]],
    ["setpriv --bounding-set -all,+net_raw --no-new-privs vipd run", ["run"]],
    ["./vipd version; dist/x86_64/vipd version", ["version"], ["version"]],
    ["chown root:vipd /etc/vipd/vipd.yaml"],
  ];
  for (const [line, ...commands] of cases) assert.deepEqual(commandsIn(line), commands, line);
});
