/**
 * Two nodes compared, for a person at a terminal and for a program.
 *
 * @module
 */

import type { DifferenceKind } from "../../../config/pair_differences.ts";
import type { NodeConfig } from "../../../status/node_config.ts";
import { printable, printableJson } from "../../../wire/printable.ts";
import type { Paint, Style } from "../../text/terminal/style.ts";
import type { NodeDifference } from "./node_differences.ts";

/** Two nodes, and what of their differences is shown. */
export interface Shown {
  readonly own: NodeConfig;
  readonly other: NodeConfig;
  readonly shown: readonly NodeDifference[];
  readonly notCompared: readonly string[];
}

const HEADS: Readonly<Record<DifferenceKind, string>> = {
  breaks: "no pair with this:",
  differs: "differs, which may be on purpose:",
  expected: "differs, as it is to:",
};

/** The nodes, and below them the differences by kind; ends with a newline. */
export function nodesText({ own, other, shown, notCompared }: Shown, style: Style): string {
  const paint: Readonly<Record<DifferenceKind, Paint>> = {
    breaks: style.bad,
    differs: style.warning,
    expected: style.dim,
  };
  const head = [own, other].map(({ node, version, machine }) =>
    `${style.bold(printable(node))}  vipd ${printable(version)}, ` +
    `Linux ${printable(machine.kernel ?? "unknown")}`
  );
  const blocks = Array.from(
    Map.groupBy(shown, ({ kind }) => kind),
    (
      [kind, some],
    ) => ["", paint[kind](HEADS[kind]), ...some.map(({ text }) => `  ${printable(text)}`)],
  );
  const matters = shown.some(({ kind }) => kind !== "expected");
  const lines = [
    ...head,
    ...blocks.flat(),
    ...(matters ? [] : ["", style.good("nothing differs that should be alike")]),
    ...(notCompared.length === 0 ? [] : ["", ...notCompared.map((text) => `! ${printable(text)}`)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same for a program; ends with a newline. */
export function nodesJson({ own, other, shown, notCompared }: Shown): string {
  const answer = {
    ...{ here: own.node, there: other.node },
    nodes: [own, other].map(({ node, version, machine: { kernel } }) => ({
      ...{ node, version, kernel },
    })),
    differences: shown,
    not_compared: notCompared,
  };
  return `${printableJson(JSON.stringify(answer, null, 2))}\n`;
}
