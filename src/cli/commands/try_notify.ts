/** `vipd notify-test`. */

import type { NotifyConfig } from "../../config/notify_model.ts";
import { loadAny } from "../../daemon/config/load.ts";
import { CliError, EXIT } from "../../exit.ts";
import { openRemoteTarget } from "../../front/notify/remote_targets.ts";
import type { NotifyEvent } from "../../notify/event.ts";
import { execTarget } from "../../notify/exec.ts";
import { fifoTarget } from "../../notify/fifo.ts";
import { Libc } from "../../linux/sys/libc.ts";
import { NamedPipe } from "../../linux/sys/named_pipe.ts";
import type { Target } from "../../notify/target.ts";
import { readRegular } from "../../runtime/regular_file.ts";
import { printable } from "../../wire/printable.ts";
import { type Command, DEFAULT_CONFIG } from "../command.ts";
import { usageError } from "../errors.ts";
import { unusableCode } from "../text/unusable_config.ts";
import { diagnosticsText } from "../../config/diagnostics.ts";
import { asRunner } from "../machine/check_service.ts";

/** A longer file contains no secret and no certificates, in octets. */
const MAX_OCTETS = 1024 * 1024;
const readFile = (path: string) => readRegular(path, MAX_OCTETS);

export const notifyTest: Command = {
  name: "notify-test",
  summary: "send a test to those whom vipd notifies",
  help: `Sends one test notification to each target of notify, or to the one named,
and reports the outcome. It needs no daemon and is sent as the user who calls;
programs are run with NODE, the node's name, TEST and 0. Ends with 1 if one of
them does not get it. Programs that root tries run as the user that runs vipd.

Examples:
  vipd notify-test
  vipd notify-test ops --config lb01.yaml

Options:
  --config FILE  the configuration (default /etc/vipd/vipd.yaml)
`,
  options: { config: "text" },
  maxOperands: 1,
  async execute(args, context) {
    const path = args.text("config") ?? DEFAULT_CONFIG;
    const loaded = await loadAny(path, context);
    if (!loaded.ok) {
      context.output.err(diagnosticsText(loaded.diagnostics));
      return unusableCode(loaded.diagnostics);
    }
    const { node, notify } = loaded.config;
    const targets = await asRunner(chosen(notify, args.operands[0]), path, loaded.config);
    const libc = Libc.open();
    const results = await Promise.all(targets.map(async (config) => {
      const target = openTarget(config, node, libc);
      const delivery = await target.deliver([testEvent(node)], new AbortController().signal);
      target.close?.();
      const outcome = delivery.ok ? "delivered" : `not delivered: ${delivery.why}`;
      context.output.out(`${printable(`${config.name} (${config.type}): ${outcome}`)}\n`);
      return delivery.ok;
    }));
    libc.close();
    return results.every(Boolean) ? EXIT.ok : EXIT.failure;
  },
};

function openTarget(config: NotifyConfig, node: string, libc: Libc): Target {
  switch (config.type) {
    case "exec":
      return execTarget(config);
    case "fifo":
      return fifoTarget(config, (path, owner) => NamedPipe.open(libc, path, owner));
    default:
      return openRemoteTarget(config, node, { run: crypto.randomUUID(), readFile });
  }
}

function chosen(notify: readonly NotifyConfig[], name: string | undefined): NotifyConfig[] {
  if (notify.length === 0) {
    throw new CliError(EXIT.failure, "there is nobody to notify: `notify` is empty");
  }
  const found = notify.filter((config) => name === undefined || config.name === name);
  if (found.length > 0) return found;
  throw usageError(
    `there is no target ${JSON.stringify(name)}; there is: ${
      notify.map((config) => config.name).join(", ")
    }`,
  );
}

function testEvent(node: string): NotifyEvent {
  return {
    kind: "test",
    scope: "node",
    name: node,
    priority: 0,
    entry: {
      id: 1,
      time: new Date().toISOString(),
      severity: "info",
      code: "test",
      message: `a test of the notifications of ${node}, sent by vipd notify-test`,
    },
  };
}
