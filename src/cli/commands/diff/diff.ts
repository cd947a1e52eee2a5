/** `vipd diff`. */

import type { ApiClient } from "../../../api/client.ts";
import { EXIT } from "../../../exit.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../../command.ts";
import { usageError } from "../../errors.ts";
import { clientFor } from "../../target/target.ts";
import { styleFor } from "../../text/terminal/style.ts";
import { nodesJson, nodesText } from "./nodes_text.ts";
import { type NodeAnswers, nodeDifferences, uncompared } from "./node_differences.ts";
import { peerFor } from "./peer_client.ts";

export const diff: Command = {
  name: "diff",
  summary: "compare this node with the other one",
  help: `Compares the running vipd of this node with that of NODE, one of its peers (the
only one if you omit it): the configurations, the versions, the kernel's
settings that matter, the certificates of the API, and the names that nginx
serves and when their certificates end, as of each node's last rehearsal. First
what keeps the two from being a pair; then what else differs, which may be on
purpose. What every node has of its own, such as its name and priority, is shown
with --all.

No node shows a password, a key, a token, an argument of a program, or more of a
URL than its host: these are not compared. vipd check --peer FILE compares
passwords and keys, from the files.

With --json it prints an object: here, there, nodes, each with node, version and
kernel, differences, each with kind, about and text, and not_compared.

Examples:
  vipd diff
  vipd diff lb02 --all
  vipd diff --json | jq -r '.differences[] | select(.kind == "breaks")'

Options:
  --all              also what is to differ
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}

Ends with 1 if something differs that is not to, like diff(1).
`,
  options: { ...DAEMON_OPTIONS, all: "flag", "token-file": "text" },
  maxOperands: 1,
  async execute(args, context) {
    const { output } = context;
    const node = args.text("node");
    if (node !== undefined) throw usageError(`name the node without --node: vipd diff ${node}`);
    const peer = await peerFor(args.operands[0], args, context);
    const client = await clientFor(args, context);
    const [here, there] = await Promise.all([answersOf(client), answersOf(peer.client)]);
    const [own, other] = [here.config, there.config];
    const found = nodeDifferences(here, there, Date.now());
    const notCompared = uncompared([here, there]);
    const shown = args.flag("all") ? found : found.filter(({ kind }) => kind !== "expected");
    const answer = { own, other, shown, notCompared };
    const style = styleFor(output.colour && !args.flag("no-color"));
    output.out(args.flag("json") ? nodesJson(answer) : nodesText(answer, style));
    return found.every(({ kind }) => kind === "expected") ? EXIT.ok : EXIT.failure;
  },
};

async function answersOf(client: ApiClient): Promise<NodeAnswers> {
  const [config, rehearsal] = await Promise.all([client.config(), client.rehearsal()]);
  return { config, rehearsal };
}
