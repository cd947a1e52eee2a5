/** `vipd goodbye`. */

import { usableConfig } from "../../config/fast_path.ts";
import type { Config } from "../../config/model.ts";
import { readConfigFile } from "../../config/yaml/read_file.ts";
import { endMastership } from "../../daemon/goodbye.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { Goodbye } from "../../node/goodbye.ts";
import { type Command, DEFAULT_CONFIG } from "../command.ts";
import type { CliContext } from "../context.ts";

export const goodbye: Command = {
  name: "goodbye",
  summary: "end the mastership of an engine that died",
  help: `Ends the mastership of an engine that died: removes the addresses, routes,
rules and virtual interfaces that it has left on this machine and sends
priority 0 in its name, so that the other node need not wait for
Master_Down_Interval. If the lease has removed the addresses before, it sends
nothing. systemd runs it after each end of vipd.service (ExecStopPost=); after
a clean stop there is nothing to do.

It touches only what the configuration has and what carries vipd's mark, as
far as held.json in run_dir names it or no other program here speaks VRRP;
and nothing while an engine runs. Needs root, or CAP_NET_RAW and
CAP_NET_ADMIN.

Examples:
  vipd goodbye
  vipd goodbye --config lb01.yaml

Options:
  --config FILE  the configuration of the engine (default
                 /etc/vipd/vipd.yaml)
`,
  options: { config: "text" },
  maxOperands: 0,
  async execute(args, context) {
    const config = await load(args.text("config") ?? DEFAULT_CONFIG, context);
    const { out, err } = context.output;
    const end = await endMastership(config, (farewell) => out(`${farewellText(farewell)}\n`));
    switch (end.kind) {
      case "nothing_left":
        out("nothing to do: no engine has left anything behind\n");
        return EXIT.ok;
      case "record_unusable":
        throw new CliError(
          EXIT.failure,
          `${end.problem}; nothing is touched: remove the file if no vipd of this machine wrote it`,
        );
      case "ended": {
        const { farewells, journalProblem } = end;
        if (journalProblem !== null) err(`the journal does not say so: ${journalProblem}\n`);
        if (farewells.some(({ problems }) => problems.length > 0)) return EXIT.failure;
        if (farewells.length === 0) out("nothing of the engine is left on this machine\n");
        return EXIT.ok;
      }
    }
  },
};

/** Uses the fast path if possible: milliseconds count here, and the engine has reported warnings before. */
async function load(path: string, context: CliContext): Promise<Config> {
  const file = await readConfigFile(path);
  const quick = file.ok ? usableConfig(file.value.text, context.hostname()) : null;
  if (quick) return quick;
  const [{ loadAny }, { diagnosticsText }, { unusableCode }] = await Promise.all([
    import("../../daemon/config/load.ts"),
    import("../../config/diagnostics.ts"),
    import("../text/unusable_config.ts"),
  ]);
  const loaded = await loadAny(path, context, { lenient: true, acceptLoss: true });
  if (loaded.ok) return loaded.config;
  context.output.err(diagnosticsText(loaded.diagnostics));
  throw new CliError(
    unusableCode(loaded.diagnostics),
    "without a valid configuration nothing is touched; the addresses end with their lease",
  );
}

function farewellText({ instance, removed, alsoRemoved, problems, said }: Goodbye): string {
  const off = removed.map(({ address, prefixLength, device }) =>
    `${address}/${prefixLength} is off ${device}`
  );
  const also = alsoRemoved.map((what) => `${what} is removed`);
  const sent = said === null ? [] : [`priority 0 has left from ${said}`];
  return `${instance}: ${[...off, ...also, ...sent, ...problems].join("; ")}`;
}
