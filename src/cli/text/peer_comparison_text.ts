/**
 * The comparison of this node with its peers, for a person at a terminal.
 *
 * @module
 */

import {
  type ComparedRow,
  comparePeers,
  type Comparison,
  peerWords,
} from "../../status/peer/comparison.ts";
import { clockOf } from "../../status/text/span.ts";
import type { NodeStatus } from "../../status/status.ts";
import { printableValue } from "../../wire/printable.ts";
import type { Style } from "./terminal/style.ts";
import { tableLines } from "./terminal/width.ts";

/** A line for each peer, a table for each instance; ends with a newline. */
export function peerComparisonText(said: NodeStatus, style: Style): string {
  const status = printableValue(said);
  const { node, version, peers } = status;
  const nowMs = clockOf(status);
  const lines = [
    `${style.bold(node)}  this node, vipd ${version}`,
    ...peers.map((peer) => {
      const words = peerWords(peer, nowMs);
      return `${style.bold(peer.name)}  ${peer.reachable ? words : style.bad(words)}`;
    }),
  ];
  if (peers.length === 0) {
    lines.push(
      "no peers are configured: name the other node's API in `peers`, vipd man configuration",
    );
  }
  const tables = comparePeers(status).map((comparison) => tableOf(comparison, style).join("\n"));
  return `${[lines.join("\n"), ...tables].join("\n\n")}\n`;
}

function tableOf({ instance, nodes, rows }: Comparison, style: Style): string[] {
  const [head = "", ...lines] = tableLines([
    [instance, ...nodes],
    ...rows.map(({ what, values, odd }) => [
      `  ${what}`,
      ...values,
      ...(odd === null ? [] : [`<- ${odd}`]),
    ]),
  ]);
  return [style.bold(head), ...lines.map((line, index) => painted(line, rows[index]!, style))];
}

function painted(line: string, { odd }: ComparedRow, style: Style): string {
  if (odd === null) return line;
  return odd === "two masters" || odd === "no master" ? style.bad(line) : style.warning(line);
}
