/** `vipd completion`. */

import { LOG_FORMATS, LOG_LEVELS } from "../../daemon/log.ts";
import { EXIT } from "../../exit.ts";
import { VERDICTS } from "../../status/codes/verdicts.ts";
import { printable } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, DAEMON_OPTIONS } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { daemonFor } from "../target/target.ts";
import { DOCUMENT_NAMES } from "../../codes/document_names.ts";
import { helpParts, type OptionHelp } from "../text/option_help.ts";
import { ROLES } from "../role.ts";
import { STATES } from "../status/selection.ts";
import { readWrittenStatus } from "../status/written_status.ts";

/** The possible values of an option, by the name that the help gives the value. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ROLE: ROLES,
  FORM: LOG_FORMATS,
  LEVEL: LOG_LEVELS,
  STATE: STATES,
  VERDICT: VERDICTS,
};
const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash,
  zsh,
  fish,
};

/** Operands that are words, by command; all other operands may be files. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  completion: Object.keys(SHELLS),
  man: ["vipd", "vipd.yaml", ...DOCUMENT_NAMES],
  manpage: ["vipd", "vipd.yaml"],
};

/** Commands whose operands are names of instances. */
const OF_INSTANCES: ReadonlySet<string> = new Set([
  ...["status", "watch", "promote", "demote", "release", "priority"],
]);
/** The operand with which the completions ask vipd for the names. */
const INSTANCES = "instances";
/** How long a shell waits for the names at most, in milliseconds. */
const NAMES_LIMIT_MS = 1000;

/** The command that prints the completion of `commands()`. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    summary: "print the completion for a shell",
    help: `Prints what makes a shell complete vipd's commands, options and their values,
and the names of the running vipd's instances, which it asks for with
vipd completion instances.

Examples:
  vipd completion bash > /etc/bash_completion.d/vipd
  vipd completion zsh > /usr/local/share/zsh/site-functions/_vipd
  vipd completion fish > /etc/fish/completions/vipd.fish

Options:
  --config FILE      the names of the vipd of this configuration
`,
    options: { config: DAEMON_OPTIONS.config },
    maxOperands: 1,
    async execute(args, context) {
      const { output } = context;
      const shell = args.operands[0] ?? "";
      if (shell === INSTANCES) {
        for (const name of await instanceNames(args, context)) output.out(`${printable(name)}\n`);
        return EXIT.ok;
      }
      if (!Object.hasOwn(SHELLS, shell)) {
        throw usageError(`which shell? name one of ${Object.keys(SHELLS).join(", ")}`);
      }
      output.out(SHELLS[shell]!(commands()));
      return EXIT.ok;
    },
  };
}

/** The names that the engine wrote last, because a file answers at once; else those of the API. */
async function instanceNames(args: Arguments, context: CliContext): Promise<string[]> {
  const { client, runDir } = await daemonFor(args, context);
  const kept = runDir === null ? null : await readWrittenStatus(runDir);
  const status = kept?.status ?? await client.status(NAMES_LIMIT_MS);
  return status.instances.map(({ name }) => name);
}

function optionsOf({ help }: Command): OptionHelp[] {
  const common = { value: "", flag: "--help", meaning: "help for the command" };
  return [...helpParts(help).options, common];
}

function operandsOf(command: Command, commands: readonly Command[]): readonly string[] {
  const own = OPERANDS[command.name] ?? [];
  return ["help", "man"].includes(command.name)
    ? [...new Set([...commands.map(({ name }) => name), ...own])]
    : own;
}

function bash(commands: readonly Command[]): string {
  const words = (command: Command) =>
    [
      ...OF_INSTANCES.has(command.name) ? ["$(_vipd_instances)"] : operandsOf(command, commands),
      ...optionsOf(command).map(({ flag }) => flag),
    ].join(" ");
  const values = Object.entries(VALUES).map(([value, choices]) => {
    const flags = flagsTaking(commands, value);
    return `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${
      choices.join(" ")
    }" -- "$word")); return ;;`;
  });
  const cases = commands.map((command) => `    ${command.name}) words="${words(command)}" ;;`);
  return `# bash completion of vipd
_vipd_instances() { "\${COMP_WORDS[0]}" completion ${INSTANCES} 2>/dev/null; }
_vipd() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case $before in
${values.join("\n")}
    ${flagsTaking(commands, "FILE").join("|")}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _vipd vipd
`;
}

/** The options whose value has this name, of all commands. */
function flagsTaking(commands: readonly Command[], value: string): string[] {
  const options = commands.flatMap(optionsOf).filter((option) => option.value === value);
  return [...new Set(options.map(({ flag }) => flag))];
}

function zsh(commands: readonly Command[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''");
  const plain = (text: string) => quote(text.replace(/[[\]:\\]/g, "\\$&"));
  const action = ({ value }: OptionHelp) => {
    if (value === "") return "";
    const choices = VALUES[value];
    return `:${value}:${choices ? `(${choices.join(" ")})` : value === "FILE" ? "_files" : " "}`;
  };
  const list = commands.map(({ name, summary }) => `    '${name}:${plain(summary)}'`).join("\n");
  const cases = commands.map((command) => {
    const options = optionsOf(command).map((option) =>
      `'*${option.flag}[${plain(option.meaning)}]${action(option)}'`
    );
    const operands = operandsOf(command, commands);
    const words = operands.length > 0
      ? `'*:operand:(${operands.join(" ")})'`
      : "'*:operand:_files'";
    const rest = OF_INSTANCES.has(command.name) ? "'*:instance:_vipd_instances'" : words;
    return `    ${command.name}) _arguments ${[...options, rest].join(" ")} ;;`;
  });
  return `#compdef vipd
_vipd_instances() { compadd -- \${(f)"$(vipd completion ${INSTANCES} 2>/dev/null)"} }
_vipd() {
  local -a commands=(
${list}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  ((CURRENT--))
  case $command in
${cases.join("\n")}
  esac
}
compdef _vipd vipd
`;
}

function fish(commands: readonly Command[]): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const { name, summary } = command;
    const within = `complete -c vipd -n '__fish_seen_subcommand_from ${name}'`;
    const options = optionsOf(command).map(({ flag, value, meaning }) => {
      const choices = VALUES[value];
      const takes = value === "" ? "" : choices ? ` -x -a ${quote(choices.join(" "))}` : " -r";
      return `${within} -l ${flag.slice(2)}${takes} -d ${quote(meaning)}`;
    });
    const operands = operandsOf(command, commands);
    const names = OF_INSTANCES.has(name)
      ? `(vipd completion ${INSTANCES} 2>/dev/null)`
      : operands.join(" ");
    const words = names === "" ? [] : [`${within} -f -a ${quote(names)}`];
    return [
      `complete -c vipd -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      ...options,
      ...words,
    ];
  });
  return `# fish completion of vipd\n${lines.join("\n")}\n`;
}
