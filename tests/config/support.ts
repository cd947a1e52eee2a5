/**
 * Wrong configurations as tables: `»` in a text marks the place that its diagnostic must name.
 */

import assert from "node:assert/strict";
import { fastConfig } from "../../src/config/fast_path.ts";
import type { Diagnostic, DiagnosticCode } from "../../src/config/diagnostics.ts";
import type { LoadResult } from "../../src/config/check_text.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";

const MARK = "»";

/** A text with the mark, the one code that it must give, and what the message or the hint must say. */
export type WrongCase = readonly [
  name: string,
  text: string,
  code: DiagnosticCode,
  says: RegExp,
];

/** Parses a text as `vipd.yaml` on a machine called lb01, in the quick way too. */
export function parse(text: string): LoadResult {
  const options = { hostname: "lb01" };
  const result = parseConfig(text, "vipd.yaml", options);
  const usable = fastConfig(text, "vipd.yaml", options);
  if (usable) assert.deepEqual({ ok: true, config: usable, warnings: [] }, result);
  return result;
}

/** The configuration in a text that has no errors. */
export function parseValid(text: string): { config: Config; warnings: readonly Diagnostic[] } {
  const result = parse(text);
  assert.ok(result.ok, `refused: ${JSON.stringify(result)}`);
  return result;
}

/** All diagnostics of a text. */
export function diagnose(text: string): readonly Diagnostic[] {
  const result = parse(text);
  return result.ok ? result.warnings : result.diagnostics;
}

function markedPlace(text: string): { line: number; column: number } | null {
  const at = text.indexOf(MARK);
  if (at < 0) return null;
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Tests each case: one diagnostic, no other, with this code, at the mark, saying this. */
export function testWrong(cases: readonly WrongCase[], severity: "error" | "warning" = "error") {
  for (const [name, text, code, says] of cases) {
    Deno.test(`${code}: ${name}`, () => {
      const found = diagnose(text.replace(MARK, ""));
      assert.deepEqual(found.map((each) => each.code), [code], JSON.stringify(found, null, 2));
      const [diagnostic] = found as [Diagnostic];
      assert.equal(diagnostic.severity, severity);
      assert.match(`${diagnostic.message}; ${diagnostic.hint}`, says);
      const { line, column } = diagnostic;
      assert.deepEqual(line === null ? null : { line, column }, markedPlace(text));
    });
  }
}

const INSTANCE: Readonly<Record<string, string>> = {
  name: "VI_1",
  interface: "eth1",
  vrid: "55",
  addresses: "[192.168.31.5/24]",
};

/** A list entry of `instances` with these lines; what they do not say is as in a valid one. */
export function instance(...lines: string[]): string {
  const said = (key: string) => lines.some((line) => line.replace(MARK, "").startsWith(`${key}:`));
  const base = Object.entries(INSTANCE)
    .filter(([key]) => !said(key))
    .map(([key, value]) => `${key}: ${value}`);
  return [...base, ...lines]
    .flatMap((line) => line.split("\n"))
    .map((line, index) => `${index === 0 ? "  - " : "    "}${line}\n`)
    .join("");
}

/** A file with one instance of these lines. */
export function withInstance(...lines: string[]): string {
  return `instances:\n${instance(...lines)}`;
}

/** A file with a valid instance after these lines. */
export function withTop(...lines: string[]): string {
  return `${lines.join("\n")}\n${withInstance()}`;
}

/** A file with one check `web` of these lines. */
export function withCheck(...lines: string[]): string {
  return withTop("checks:", "  web:", ...lines.map((line) => `    ${line}`));
}
