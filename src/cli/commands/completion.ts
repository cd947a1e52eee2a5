/** `vipd completion`. */

import { EXIT } from "../../exit.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { helpParts, type OptionHelp } from "../text/option_help.ts";

/** The possible values of an option, by the name that the help gives the value. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ROLE: ["master", "backup"],
  FORM: ["text", "systemd", "json"],
  LEVEL: ["error", "warning", "notice", "info", "debug"],
};
/** Operands that are words, by command; all other operands may be files. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  completion: ["bash", "zsh", "fish"],
  manpage: ["vipd", "vipd.yaml"],
};

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash,
  zsh,
  fish,
};

/** The command that prints the completion of `commands()`. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    summary: "print the completion for a shell",
    help: `Prints what makes a shell complete vipd's commands, options and their values.

Examples:
  vipd completion bash > /etc/bash_completion.d/vipd
  vipd completion zsh > /usr/local/share/zsh/site-functions/_vipd
  vipd completion fish > /etc/fish/completions/vipd.fish
`,
    options: {},
    maxOperands: 1,
    execute({ operands }, { output }) {
      const shell = operands[0] ?? "";
      if (!Object.hasOwn(SHELLS, shell)) {
        throw usageError(`which shell? name one of ${Object.keys(SHELLS).join(", ")}`);
      }
      output.out(SHELLS[shell]!(commands()));
      return EXIT.ok;
    },
  };
}

function optionsOf({ help }: Command): OptionHelp[] {
  const common = { value: "", flag: "--help", meaning: "help for the command" };
  return [...helpParts(help).options, common];
}

function operandsOf(command: Command, commands: readonly Command[]): readonly string[] {
  return command.name === "help" ? commands.map(({ name }) => name) : OPERANDS[command.name] ?? [];
}

function bash(commands: readonly Command[]): string {
  const words = (command: Command) =>
    [...operandsOf(command, commands), ...optionsOf(command).map(({ flag }) => flag)].join(" ");
  const values = Object.entries(VALUES).map(([value, choices]) => {
    const flags = flagsTaking(commands, value);
    return `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${
      choices.join(" ")
    }" -- "$word")); return ;;`;
  });
  const cases = commands.map((command) => `    ${command.name}) words="${words(command)}" ;;`);
  return `# bash completion of vipd
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
    const rest = operands.length > 0 ? `'*:operand:(${operands.join(" ")})'` : "'*:operand:_files'";
    return `    ${command.name}) _arguments ${[...options, rest].join(" ")} ;;`;
  });
  return `#compdef vipd
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
    const words = operands.length > 0 ? [`${within} -f -a ${quote(operands.join(" "))}`] : [];
    return [
      `complete -c vipd -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      ...options,
      ...words,
    ];
  });
  return `# fish completion of vipd\n${lines.join("\n")}\n`;
}
