/**
 * Scripts that only a shell understands, and which shell that is.
 *
 * @module
 */

import { isShellSyntax, SHELLS } from "./probe_recogniser.ts";

/** A pipe without blanks, as in `ss -ltn|grep :80`; a regular expression such as `nginx|haproxy` is none. */
const GLUED_PIPE =
  /\|\s*(?:e?grep|fgrep|wc|awk|sed|cut|tr|head|tail|sort|uniq|xargs|tee|read|logger)\b/;

/** Words that bash has and the POSIX shell does not, or that mean something else there (bash(1)). */
const BASH: readonly RegExp[] = [
  /&>|>&\s*\/|\|&/, // Redirections of both outputs; in dash `&>` sends the program to the background.
  /(?:^|[\s;&|!(])\[\[\s/,
  /(?:^|[\s;&|!])\(\(/,
  /<<<|[<>]\(/,
  /\/dev\/(?:tcp|udp)\//,
  /\[\s[^\]]*\s==\s/,
  /\$'|\$\{!|\$\{\w+(?:\[|\/|:\d|\^|,)|\{\d+\.\.\d+\}/,
  /(?:^|[\s;&|])(?:source|function|declare|shopt|mapfile)\s/,
  /\bpipefail\b|\b(?:BASH\w*|RANDOM|SECONDS|HOSTNAME)\b(?=[^=]|$)/,
];

/** Words with which only a shell begins: its grammar, its commands, a variable. */
const BEGINNING =
  /^(?:!|[({:.]|if|while|until|for|case|exit|exec|eval|source|set|cd|export|trap|ulimit|umask|command|type|\w+=.*)$/s;

/** True if the script means something only to a shell, and names none itself. */
export function needsShell(text: string, words: readonly string[]): boolean {
  const [program = "", option] = words;
  if (option === "-c" && SHELLS.includes(program.slice(program.lastIndexOf("/") + 1))) return false;
  if (BEGINNING.test(program)) return true;
  const unquoted = text.replace(/'[^']*'/g, "''");
  return words.some(isShellSyntax) || GLUED_PIPE.test(unquoted);
}

/** `/bin/bash` if the script has words of bash, else `/bin/sh`, which is dash on many systems. */
export function shellFor(text: string): "/bin/bash" | "/bin/sh" {
  return BASH.some((pattern) => pattern.test(text)) ? "/bin/bash" : "/bin/sh";
}
