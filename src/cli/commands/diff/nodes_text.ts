/**
 * Two nodes compared, for a person at a terminal.
 *
 * @module
 */

import type { DifferenceKind } from "../../../config/pair_differences.ts";
import type { NodeConfig } from "../../../status/node_config.ts";
import { printable } from "../../../wire/printable.ts";
import type { Paint, Style } from "../../text/terminal/style.ts";
import type { NodeDifference } from "./node_differences.ts";

interface Shown {
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
