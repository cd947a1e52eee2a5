/** `vipd listen`. */

import { parseDuration } from "../../../config/values/durations.ts";
import { EXIT } from "../../../exit.ts";
import type { Command } from "../../command.ts";
import { usageError } from "../../errors.ts";
import { styleFor } from "../../text/terminal/style.ts";
import { Listening } from "./listening.ts";

export const listen: Command = {
  name: "listen",
  summary: "show all VRRP on the links without taking part",
  help: `Listens to VRRP of any maker and shows who is master of which VRID, with which
settings, and what cannot be right: two masters, settings that differ, adverts
that every router discards, adverts that arrive and that the firewall of this
machine drops. Sends no VRRP and needs no configuration, but root
or CAP_NET_RAW. On a terminal a table until Ctrl-C, else a line for each change;
a summary at the end. What this machine itself sends is not heard: see vipd
status. A backup is silent, so its settings are known once it was master.

Examples:
  vipd listen
  vipd listen --interface eth1 --for 10s
  vipd listen --json | jq 'select(.change == "finding_began")'

Options:
  --interface NAME   listen there only; may be repeated (default: every
                     interface that is up, except lo)
  --for DURATION     end after this time: 10s, 5m (default: at Ctrl-C)
  --json             print an object for each change, the last is the summary
  --show-passwords   show the passwords of version 2; they are no secret on the
                     link
`,
  options: { interface: "text", for: "text", json: "flag", "show-passwords": "flag" },
  maxOperands: 0,
  async execute(args, { output }) {
    const duration = args.text("for");
    const forMs = duration === undefined ? null : parseDuration(duration);
    if (duration !== undefined && !forMs) {
      throw usageError(`--for ${duration} is no duration; write 10s, 5m or 1h`);
    }
    // Imported here, so that no other command opens libc.
    const { onLinuxSignal, openLinuxHost } = await import("../../../daemon/linux_process.ts");
    const ended = Promise.withResolvers<void>();
    const host = openLinuxHost((error) => ended.reject(error));
    const unheed = onLinuxSignal(() => ended.resolve());
    try {
      const listening = new Listening(host, output, {
        interfaces: args.texts("interface"),
        json: args.flag("json"),
        showPasswords: args.flag("show-passwords"),
        style: styleFor(output.colour && !args.flag("no-color")),
      });
      try {
        if (forMs) host.setTimer(host.nowMs() + forMs, () => ended.resolve());
        await ended.promise;
      } finally {
        listening.close();
      }
    } finally {
      unheed();
      await host.close();
    }
    return EXIT.ok;
  },
};
