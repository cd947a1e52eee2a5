/**
 * The interface of a command.
 *
 * @module
 */

import type { ExitCode } from "../exit.ts";
import type { Arguments, OptionKinds } from "./arguments.ts";
import type { CliContext } from "./context.ts";

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of `vipd help NAME`, examples first. */
  readonly help: string;
  /** Its options in addition to `--help` and `--no-color`. */
  readonly options: OptionKinds;
  readonly maxOperands: number;
  execute(args: Arguments, context: CliContext): ExitCode | Promise<ExitCode>;
}

/** Options of every command that talks to a running vipd. */
export const DAEMON_OPTIONS = {
  api: "text",
  "ca-file": "text",
  config: "text",
  json: "flag",
  node: "text",
} as const satisfies OptionKinds;

/** How the help describes `--node`. */
export const NODE_OPTION_HELP =
  `  --node NAME        ask this node of peers, as the configuration reaches it; it
                     can be read only: commands that change something refuse it
`;

/** Their description, for the commands' help. */
export const DAEMON_OPTIONS_HELP = `  --api ADDRESS      where vipd listens: http://127.0.0.1:9112,
                     https://lb02:9112 or unix:/run/vipd/api.sock
  --ca-file FILE     certificate in PEM that an https address is trusted by,
                     besides those of the system
  --config FILE      talk to the vipd of this configuration, over api.sock in
                     its run_dir (default /etc/vipd/vipd.yaml; /run/vipd if that
                     file cannot be read); an older vipd, of one process,
                     over its api.listen
${NODE_OPTION_HELP}  --json             print the answer of the API`;

/** The option of commands that change something. */
export const TOKEN_OPTIONS_HELP =
  `  --token-file FILE  file with the API's token (default: api.token_file of the
                     configuration, or /run/vipd/token)`;

/** The option of commands that read what another machine shows to those with a token. */
export const READ_TOKEN_HELP =
  `  --token-file FILE  file with a token that may read there (default: that of the
                     configuration)
`;

/** The configuration if no option names one. */
export const DEFAULT_CONFIG = "/etc/vipd/vipd.yaml";
