/**
 * The command line of one command: options and operands, checked strictly.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import { shellWord } from "../wire/shell_word.ts";
import { usageError } from "./errors.ts";

/** The value of an option: none (`flag`) or a text (`text`). */
export type OptionKind = "flag" | "text";
export type OptionKinds = Readonly<Record<string, OptionKind>>;

/** Options that every command knows. */
const COMMON: OptionKinds = { help: "flag", "no-color": "flag" };

/** A checked command line. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#values = values;
  }

  /** True if the flag was given. */
  flag(name: string): boolean {
    return this.#values.has(name);
  }

  /** The same command line without the option. */
  without(name: string): Arguments {
    return new Arguments(
      this.operands,
      new Map([...this.#values].filter(([given]) => given !== name)),
    );
  }

  /** The option's value, the last one if it was repeated; `undefined` if it was not given. */
  text(name: string): string | undefined {
    return this.texts(name).at(-1);
  }

  /** All values of an option that may be repeated. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/** Reads the words after the command's name. Throws a usage error for any word that the command does not know. */
export function parseArguments(
  argv: readonly string[],
  options: OptionKinds,
  maxOperands: number,
): Arguments {
  const kinds: OptionKinds = { ...options, ...COMMON };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [
        name,
        {
          type: kind === "flag" ? "boolean" : "string",
          ...(name === "help" ? { short: "h" } : {}),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const operands: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind === "option") {
      const value = optionValue(token.name, token.rawName, token.value, kinds);
      values.set(token.name, [...(values.get(token.name) ?? []), value]);
    }
  }
  if (operands.length > maxOperands) {
    const operand = operands[maxOperands]!;
    const hint = maxOperands === 0 && kinds.config === "text" && isFile(operand)
      ? `; did you mean --config ${shellWord(operand)}?`
      : "";
    throw usageError(`unexpected argument ${JSON.stringify(operand)}${hint}`);
  }
  return new Arguments(operands, values);
}

function optionValue(
  name: string,
  rawName: string,
  value: string | undefined,
  kinds: OptionKinds,
): string {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) {
    const similar = nearest(name, Object.keys(kinds));
    const hint = similar === null ? "" : `; did you mean --${similar}?`;
    throw usageError(`unknown option ${rawName}${hint}`);
  }
  if (kind === "flag" && value !== undefined) throw usageError(`${rawName} takes no value`);
  if (kind === "text" && (value === undefined || value === "")) {
    throw usageError(`${rawName} needs a value`);
  }
  return value ?? "";
}

/** The options about a keepalived.conf. */
export function keepalivedOptions(args: Arguments) {
  return { acceptLoss: args.flag("accept-loss"), vrrpOnly: args.flag("vrrp-only") };
}

/** True for a word that names the file of a configuration, and no instance or node. */
function isFile(word: string): boolean {
  return word === "-" || word.includes("/") || /\.(ya?ml|conf)$/.test(word);
}
