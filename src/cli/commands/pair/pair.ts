/** `vipd pair`. */

import type { Command } from "../../command.ts";
import { usageError } from "../../errors.ts";

export const pair: Command = {
  name: "pair",
  summary: "make this node and another one a pair whose nodes see each other",
  help: `Lets two nodes read each other's API, over TLS: makes certificates and read
tokens, exchanges them, and writes api.listen, api.tls and peers on both nodes.
On the first node it waits and prints one line; on the other one it asks for
that line. The line is good once, for ten minutes. Both nodes show what they
would write and ask; nothing is written unless both agree, and the
configuration as it was stays next to it. What is exchanged can only read.

Examples:
  vipd pair              on the first node: prints the line, and waits
  vipd pair --join       on the other one: asks for the line
  vipd pair --listen 192.168.31.11:9112

Afterwards vipd reload, or start vipd, on both. vipd renews the certificate by
itself, with the same key.

Options:
  --join             read the line of the other node from the terminal, or from
                     standard input
  --listen ADDRESS   the address of this node, and the port if you like, where
                     the other one asks its API; the first node waits there, too
                     (default: the first address of the first instance's
                     interface; with --join the one towards the other node)
  --yes              agree without a question
  --renew            make another certificate for this node, with the same key,
                     if it is in the last third of its life; nothing else
  --config FILE      the configuration (default /etc/vipd/vipd.yaml)
`,
  options: { join: "flag", listen: "text", yes: "flag", renew: "flag", config: "text" },
  maxOperands: 0,
  async execute(args, context) {
    if (args.flag("join") && args.flag("renew")) {
      throw usageError("--join and --renew exclude each other");
    }
    // Loaded here, because no other command needs to know certificates.
    if (args.flag("renew")) {
      const [{ renew }, { ownNode }] = await Promise.all([
        import("./renew.ts"),
        import("./own_node.ts"),
      ]);
      return await renew(await ownNode(args, context), context);
    }
    if (args.flag("join")) return await (await import("./second.ts")).pairAsSecond(args, context);
    return await (await import("./first.ts")).pairAsFirst(args, context);
  },
};
