/**
 * Many instances as a table: one line each, faults first.
 *
 * @module
 */

import { presentReason } from "../../status/pair/present_reason.ts";
import { gravestFirst } from "../../status/pair/severity.ts";
import { clockOf } from "../../status/text/span.ts";
import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import { verdictPaint } from "./pair_text.ts";
import type { Paint, Style } from "./terminal/style.ts";
import type { Times } from "./times.ts";
import { cutTo, padTo, widthOf } from "./terminal/width.ts";

export interface TableLook {
  readonly style: Style;
  readonly times: Times;
  /** False: the engine hangs or does not run, and the states are its last. */
  readonly runs: boolean;
  /** Columns that there are; `null` for any number. */
  readonly columns: number | null;
}

const COLUMNS = ["NAME", "STATE", "PRIORITY", "ADDRESS", "VERDICT", "WHY"] as const;
type Column = (typeof COLUMNS)[number];

/** The columns that a narrow terminal does without, the first one first. */
const DISPENSABLE: readonly Column[] = ["ADDRESS", "PRIORITY"];
/** Fewer columns say too little of why. */
const LEAST_WHY = 24;
/** A longer name is cut where the terminal is narrow. */
const NARROW_NAME = 12;
const GAP = "  ";

/** A head and a line for each instance; of {@link NodeStatus} whose texts are printable. */
export function instanceTable(status: NodeStatus, look: TableLook): string[] {
  const rows = gravestFirst(status.instances).map((instance) => cellsOf(instance, status, look));
  const head = Object.fromEntries(COLUMNS.map((column) => [column, column])) as Cells;
  const judged = look.runs && status.instances.some(({ pair }) => pair !== undefined);
  const widths = fitted([head, ...rows], judged, look.columns);
  const paints = gravestFirst(status.instances).map((instance) => paintsOf(instance, look));
  return [
    line(head, widths, () => look.style.dim, look.columns),
    ...rows.map((cells, row) =>
      line(cells, widths, (column) => paints[row]![column], look.columns)
    ),
  ];
}

/** One line for each instance, without a head. */
export function briefLines(status: NodeStatus, look: TableLook): string[] {
  return instanceTable(status, look).slice(1);
}

type Cells = Readonly<Record<Column, string>>;

function cellsOf(instance: InstanceStatus, status: NodeStatus, { times, runs }: TableLook): Cells {
  const { name, state, priority, addresses, pair } = instance;
  const nowMs = clockOf(status);
  const [first, ...others] = addresses;
  const more = others.length === 0 ? "" : ` +${others.length}`;
  return {
    NAME: name,
    STATE: runs ? state.toUpperCase() : `was ${state.toUpperCase()}`,
    PRIORITY: `${priority.effective}`,
    ADDRESS: first === undefined ? "-" : `${first.address}${more}`,
    VERDICT: pair?.verdict ?? "-",
    WHY: presentReason(instance, status, (time) => times.short(time, nowMs)),
  };
}

function paintsOf(
  { state, pair }: InstanceStatus,
  { style, runs }: TableLook,
): Partial<Record<Column, Paint>> {
  const states = {
    master: style.good,
    fault: style.bad,
    init: style.warning,
    backup: style.bold,
  };
  return {
    ...(runs ? { STATE: states[state] } : {}),
    ...(pair ? { VERDICT: verdictPaint(pair.verdict, style) } : {}),
  };
}

/** The columns that are shown, each with its width. */
function fitted(
  rows: readonly Cells[],
  judged: boolean,
  columns: number | null,
): Map<Column, number> {
  const widths = new Map<Column, number>();
  for (const column of COLUMNS) {
    if (column === "VERDICT" && !judged) continue;
    widths.set(column, Math.max(...rows.map((cells) => widthOf(cells[column]))));
  }
  if (columns === null) return widths;
  const free = () =>
    columns - widths.entries().reduce(
      (sum, [column, width]) => column === "WHY" ? sum : sum + width + GAP.length,
      0,
    );
  for (const column of DISPENSABLE) {
    if (free() < Math.min(LEAST_WHY, widths.get("WHY")!)) widths.delete(column);
  }
  if (free() < LEAST_WHY) widths.set("NAME", Math.min(widths.get("NAME")!, NARROW_NAME));
  return widths;
}

function line(
  cells: Cells,
  widths: ReadonlyMap<Column, number>,
  paintOf: (column: Column) => Paint | undefined,
  columns: number | null,
): string {
  const parts = Array.from(widths, ([column, width]) => {
    const text = column === "WHY" ? cells.WHY : padTo(cutTo(cells[column], width), width);
    return paintOf(column)?.(text) ?? text;
  });
  const whole = parts.join(GAP);
  return columns === null ? whole : cutTo(whole, columns);
}
