/** `vipd support-bundle`. */

import { EXIT } from "../../../exit.ts";
import type { Arguments } from "../../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  DEFAULT_CONFIG,
  NODE_OPTION_HELP,
} from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { cannotWrite, createFile } from "../../new_files.ts";
import { bundleText } from "./parts.ts";

export const supportBundle: Command = {
  name: "support-bundle",
  summary: "write everything that helps to find a fault into one file",
  help: `Writes one JSON file with what helps to find a fault: versions, configuration,
status, events, metrics; kernel, interfaces, addresses, counters, neighbours,
routes, rules, packet filters, sysctls; limits and cgroup of the daemon.
Passwords and tokens are left out; read it before you give it away all the
same. What cannot be read, as when vipd does not run, is named in the file
instead. As root it has all of it.

Examples:
  vipd support-bundle
  vipd support-bundle --output /tmp/lb01.json
  vipd support-bundle --output - | jq .status

Options:
  --output FILE      where to write it; - is standard output (default: a name
                     with node and time in the current folder)
${DAEMON_OPTIONS_HELP.replace(NODE_OPTION_HELP, "").replace(/\n {2}--json.*$/s, "")}
  --token-file FILE  whose content must not be in the bundle (default:
                     api.token_file of the configuration)
`,
  options: {
    api: DAEMON_OPTIONS.api,
    "ca-file": DAEMON_OPTIONS["ca-file"],
    config: DAEMON_OPTIONS.config,
    ...{ output: "text", "token-file": "text" },
  },
  maxOperands: 0,
  async execute(args, context) {
    const path = args.text("config") ?? DEFAULT_CONFIG;
    const text = await bundleText(path, args, context);
    const output = args.text("output") ?? defaultName(args, context);
    if (output === "-") {
      context.output.out(text);
      return EXIT.ok;
    }
    try {
      // For its owner alone; never replaces an existing file.
      await createFile(output, new TextEncoder().encode(text), 0o600);
    } catch (error) {
      throw cannotWrite(output, error, "name another with --output");
    }
    context.output.out(`${output}\n`);
    return EXIT.ok;
  },
};

function defaultName(_args: Arguments, { hostname }: CliContext): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `vipd-support-${hostname().replaceAll(/[^\w.-]/g, "_")}-${time}.json`;
}
