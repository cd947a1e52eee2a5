/**
 * Programs that the file names, and as whom they run.
 *
 * @module
 */

import type { UserConfig } from "../../health/check_config.ts";
import { failed, ok, quote, type Result } from "./result.ts";

/** A program and its arguments. */
export type Command = [program: string, ...args: string[]];

const HINT = "write the program's whole path, or its name alone, then its arguments: " +
  "[/usr/local/bin/check-nginx, --quick]";

/** The remedy of a line that stands in a list as one word. */
export const WORDS_HINT =
  "write each word as an entry of its own: [curl, --fail, http://127.0.0.1/]; " +
  'a line for a shell is the last of [/bin/sh, -c, "..."]';

/** A list: the program as whole path, or as a name that is looked for among the system's programs. */
export function readCommand(words: readonly string[]): Result<Command> {
  const [program, ...rest] = words;
  if (program === undefined) return failed("invalid_command", "the list is empty", HINT);
  if (program === "" || (program.includes("/") && !program.startsWith("/"))) {
    const hint = /\s/.test(program) ? WORDS_HINT : HINT;
    return failed("invalid_command", `${quote(program)} is not an absolute path`, hint);
  }
  if (words.some((word) => word.includes("\0"))) {
    return failed("invalid_command", "a NUL character cannot be passed to a program", HINT);
  }
  return ok([program, ...rest]);
}

/** Characters that a shell would not take literally; no shell is used. */
const SHELL_SYNTAX = /[|&;<>()$`\\"'*?[\]#~{}]/;

/** The fault of a command with a mark that only a shell understands. */
export function noShellReads(mark: string): string {
  return `no shell reads the ${mark} in it`;
}

/** Pipes, lists, redirections, substitutions and variables, as whole words; a regular expression has most of these, too. */
const SHELL_WORD = /^(?:[|&;<>]{1,3}|\d?>{1,2}(?:&\d|\/\S*)|&>\S*|\$\w+|\$\{\w+\}|\S*\$\(.*|`.*`)$/;
/** Programs to which an operator is one of their own words. */
const WITH_OPERATORS: ReadonlySet<string> = new Set(["expr", "test", "[", "find", "awk", "jq"]);

/** The index of the first word that only a shell understands, and that no shell reads; -1 if there is none. */
export function shellWordIn([program = "", ...args]: readonly string[]): number {
  if (WITH_OPERATORS.has(program.slice(program.lastIndexOf("/") + 1))) return -1;
  const index = args.findIndex((word, at) =>
    SHELL_WORD.test(word) && !/^-\w*c$/.test(args[at - 1] ?? "")
  );
  return index < 0 ? -1 : index + 1;
}

/** One line of words parted by blanks. */
export function readCommandLine(line: string): Result<Command> {
  const [special] = SHELL_SYNTAX.exec(line) ?? [];
  if (special === undefined) return readCommand(line.split(/\s+/).filter(Boolean));
  return failed(
    "invalid_command",
    noShellReads(special),
    'write a list: [systemctl, restart, nginx], or [/bin/sh, -c, "..."] where a shell is needed',
  );
}

/** As useradd(8) allows them, and numbers. */
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$/;

/** `nginx`, `nginx:adm`, `1000:1000`: a user, and a group where it is not the user's own. */
export function readUser(text: string): Result<UserConfig> {
  const [name = "", group, ...rest] = text.split(":");
  const valid = [name, ...(group === undefined ? [] : [group])].every((each) => ACCOUNT.test(each));
  if (valid && rest.length === 0) return ok(group === undefined ? { name } : { name, group });
  return failed(
    "invalid_user",
    `${quote(text)} is not a user`,
    "write the user's name, or user and group as `nginx:adm`",
  );
}

/** `nginx`, `1000`: a user alone. */
export function readAccountName(text: string): Result<string> {
  if (ACCOUNT.test(text)) return ok(text);
  return failed("invalid_user", `${quote(text)} is not a user`, "write the user's name or number");
}
