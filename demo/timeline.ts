/**
 * The walk as text: a line when a step begins, its outcome when it ends, a table at the end.
 *
 * @module
 */

import { PICTURE, VIP } from "../lab/cluster.ts";
import { type Outcome, type Slot, strip } from "./step_runner.ts";
import type { Step } from "./walk.ts";

/** How much time one character of the client's strip stands for. */
const SLOT_MS = 100;
/** Before the text of a step. */
const INDENT = " ".repeat(13);

const SGR = { bold: 1, dim: 2, red: 31, green: 32, lb01: 36, lb02: 35 } as const;
type Paint = keyof typeof SGR;

/** Renders the walk, with colours or without. */
export class Timeline {
  readonly #colors: boolean;
  readonly #startedAtMs: number;

  constructor(colors: boolean, startedAtMs: number) {
    this.#colors = colors;
    this.#startedAtMs = startedAtMs;
  }

  /** A picture of the lab, and how to read the lines below it. */
  opening(vipd: string): string {
    const legend = [
      `Each step shows what a client saw that opens 50 connections a second to ${VIP.address}:`,
      `one character is ${SLOT_MS / 1000} s, ${this.#mark("lb01")} served by lb01, ` +
      `${this.#mark("lb02")} served by lb02, ${this.#mark(null)} a request failed.`,
    ];
    const title = this.#paint("bold", "Two load balancers keep one address alive");
    return `\n${title}  ${this.#paint("dim", vipd)}\n${PICTURE}\n${legend.join("\n")}\n\n`;
  }

  /** A step begins. */
  begin(index: number, step: Step, nowMs: number): string {
    const at = `${seconds(nowMs - this.#startedAtMs)} s`.padStart(8);
    const number = String(index + 1).padStart(2);
    return `${this.#paint("dim", at)}  ${number} ${this.#paint("bold", step.title)}\n` +
      `${INDENT}${this.#paint("dim", step.because)}\n`;
  }

  /** A step has ended. */
  end(outcome: Outcome): string {
    const { step, movedAfterMs, client, complaints } = outcome;
    const lines = [];
    const slots = strip(outcome.records, SLOT_MS);
    if (slots.length > 0) lines.push(this.#strip(slots));
    lines.push(`client: ${requests(outcome)}, longest gap ${gap(outcome)}`);
    for (const [error, count] of Object.entries(client.errors)) {
      lines.push(this.#paint("dim", `        ${count} x ${error}`));
    }
    if (complaints.length === 0 && movedAfterMs !== null) {
      lines.push(
        `${this.#paint("green", "✓")} ${this.#paint(step.holder, step.holder)} holds ` +
          `${VIP.address} after ${seconds(movedAfterMs)} s`,
      );
    }
    lines.push(
      ...complaints.map((it) => this.#paint("red", `✗ ${it.replaceAll("\n", `\n${INDENT}  `)}`)),
    );
    return `${lines.map((line) => INDENT + line).join("\n")}\n\n`;
  }

  /** The whole walk in one table. */
  summary(outcomes: readonly Outcome[], planned: number): string {
    const rows = outcomes.map((outcome) => [
      outcome.complaints.length === 0 ? "✓" : "✗",
      outcome.step.title,
      outcome.step.holder,
      outcome.movedAfterMs === null ? "never" : `${seconds(outcome.movedAfterMs)} s`,
      String(outcome.client.sent),
      String(outcome.client.failed),
      gap(outcome),
    ]);
    const head = ["", "step", "held by", "after", "requests", "failed", "longest gap"];
    const widths = head.map((it, column) =>
      Math.max(it.length, ...rows.map((row) => row[column]?.length ?? 0))
    );
    const render = (row: readonly string[]) =>
      row.map((it, column) => {
        const width = widths[column] ?? 0;
        return column < 3 ? it.padEnd(width) : it.padStart(width);
      }).join("  ").trimEnd();
    const wrong = outcomes.filter((it) => it.complaints.length > 0).length;
    const took = seconds((outcomes.at(-1)?.untilMs ?? this.#startedAtMs) - this.#startedAtMs);
    const verdict = wrong === 0
      ? this.#paint("green", `All ${outcomes.length} steps did what they should, in ${took} s.`)
      : this.#paint(
        "red",
        `${wrong} of ${planned} steps went wrong, ${planned - outcomes.length} were not taken.`,
      );
    const body = rows.map((row, index) => {
      const good = outcomes[index]?.complaints.length === 0;
      return this.#paint(good ? "green" : "red", render(row).slice(0, 1)) + render(row).slice(1);
    });
    return `${this.#paint("bold", render(head))}\n${body.join("\n")}\n\n${verdict}\n`;
  }

  /** One character for each slot, one colour for each run of the same. */
  #strip(slots: readonly Slot[]): string {
    let text = "";
    for (let from = 0, to = 0; from < slots.length; from = to) {
      while (to < slots.length && slots[to] === slots[from]) to++;
      text += this.#mark(slots[from], to - from);
    }
    return text;
  }

  #mark(slot: Slot, length = 1): string {
    if (slot === undefined) return " ".repeat(length);
    return slot === null
      ? this.#paint("red", "x".repeat(length))
      : this.#paint(slot, slot.slice(-1).repeat(length));
  }

  #paint(paint: Paint, text: string): string {
    return this.#colors ? `\x1b[${SGR[paint]}m${text}\x1b[0m` : text;
  }
}

function requests({ client }: Outcome): string {
  return `${client.sent} requests, ${client.failed} failed`;
}

function gap({ client }: Outcome): string {
  const ms = client.longestGapMs;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${seconds(ms)} s`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1);
}
