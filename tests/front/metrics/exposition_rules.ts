/** The rules of Prometheus' text format and of its naming, beyond what a parser refuses. */

import assert from "node:assert/strict";
import parsePrometheusTextFormat from "parse-prometheus-text-format";

export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly {
    readonly value: string;
    readonly labels?: Readonly<Record<string, string>>;
  }[];
}

const NAME = "[a-z][a-z0-9_]*";
const LABEL = `[a-z][a-z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?)$`,
);

/** Throws unless `text` is a well-formed exposition whose names follow the conventions. */
export function assertStrict(text: string): void {
  assert.ok(text.endsWith("\n"), "the last line must end with a line feed");
  const families = new Map<string, string>();
  const series = new Set<string>();
  let help = "";
  let current = "";
  for (const line of text.trimEnd().split("\n")) {
    const described = new RegExp(`^# HELP (${NAME}) \\S.*$`).exec(line);
    if (described) {
      help = described[1]!;
      continue;
    }
    const typed = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`).exec(line);
    if (typed) {
      current = typed[1]!;
      assert.equal(help, current, `${current} has no HELP of its own right before its TYPE`);
      assert.ok(!families.has(current), `${current} comes twice`);
      assert.equal(typed[2] === "counter", current.endsWith("_total"), `${current}: type and name`);
      families.set(current, typed[2]!);
      continue;
    }
    const sample = SAMPLE.exec(line);
    assert.ok(sample, `no sample: ${line}`);
    assert.equal(sample[1], current, `${line} stands in the family ${current}`);
    const key = `${sample[1]} ${sample[2] ?? ""}`;
    assert.ok(!series.has(key), `the series comes twice: ${line}`);
    series.add(key);
    const labels = [...(sample[2] ?? "").matchAll(/([a-z0-9_]+)="(?:[^"\\]|\\.)*"/g)];
    const names = labels.map((label) => label[1]!);
    assert.equal(new Set(names).size, names.length, `a label comes twice: ${line}`);
    // Prometheus gives these two to every series itself.
    for (const taken of ["instance", "job"]) assert.ok(!names.includes(taken), line);
  }
  const parsed: ParsedFamily[] = parsePrometheusTextFormat(text);
  assert.deepEqual(parsed.map(({ name }) => name), [...families.keys()]);
  const count = parsed.reduce((sum, { metrics }) => sum + metrics.length, 0);
  assert.equal(count, series.size, "the parser finds other samples than the rules");
}
