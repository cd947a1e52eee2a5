/**
 * From a text to a configuration, or to all that is wrong with it. Reads no file.
 *
 * @module
 */

import { boundsFinding, firstProblems } from "./bounds.ts";
import { toConfig } from "./build/to_config.ts";
import { compareDiagnostics, type Diagnostic, type DiagnosticCode } from "./diagnostics.ts";
import type { Config } from "./model.ts";
import type { Path } from "./path.ts";
import { type Finding, pathText, unseenFile } from "./findings.ts";
import { type CheckOptions, judge, readBySchema } from "./judge.ts";
import { type ConfigSource, PlainSource } from "./plain_source.ts";
import { findingsOf } from "./schema/issues.ts";
import { secretInKey } from "./secrets/secret_places.ts";
import { maskQuoted, maskRanges } from "./masking.ts";
import { LARGE_CHARS, readablePart } from "./yaml/large_text.ts";
import { plainYaml } from "./yaml/plain_yaml.ts";
import { slipNextTo } from "./yaml/slips.ts";
import { type SyntaxProblem, YamlSource } from "./yaml/source.ts";

export type LoadResult =
  | {
    readonly ok: true;
    readonly config: Config;
    readonly warnings: readonly Diagnostic[];
    /** Of a comparison, if there are some. */
    readonly unseen?: readonly UnseenFile[];
  }
  /** At least one error; warnings are among them. In the order of the file. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A file that a configuration names and that this process cannot look at. */
export interface UnseenFile {
  readonly path: string;
  /** The fault that the configuration has where it is to be used. */
  readonly diagnostic: Diagnostic;
}

/** The configuration in `text`; `fileName` is only named in diagnostics. */
export function checkText(text: string, fileName: string, options: CheckOptions): LoadResult {
  // In a hurry, because the places in a text of this size take the thorough reading seconds.
  const part = readablePart(text);
  const exceeding = boundsFinding(part.data ?? plainYaml(text));
  if (exceeding !== null) {
    return { ok: false, diagnostics: placeFindings([exceeding], null, fileName) };
  }
  const countFaults = (data: unknown) => countErrors(data, options);
  const source = new YamlSource(part.text, countFaults);
  if (part.faultAt !== null) {
    return { ok: false, diagnostics: faultDiagnostics(source, part.faultAt, fileName) };
  }
  const diagnostics = source.problems.map((problem) => syntaxDiagnostic(problem, source, fileName));
  if (!source.readable) return { ok: false, diagnostics: firstProblems(diagnostics, fileName) };
  if (source.data === null) {
    const hint = "`vipd init` writes one";
    const message = "there is nothing in the file";
    return { ok: false, diagnostics: [fileDiagnostic(fileName, "file_empty", message, hint)] };
  }
  const result = checkSource(source, fileName, options, diagnostics);
  if (result.ok || part.text.length > LARGE_CHARS) return result;
  const slip = slipNextTo(text, misplacedLines(result.diagnostics), countFaults);
  if (slip === null) return result;
  // The other errors come from it; the warnings may, too.
  return {
    ok: false,
    diagnostics: [syntaxDiagnostic({ ...slip, code: "yaml_syntax" }, source, fileName)],
  };
}

/** Faults that a line in the wrong mapping or list leads to. */
const LEADS_TO: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  ...["unknown_key", "missing_key", "duplicate_key", "wrong_type", "invalid_address"] as const,
]);

function misplacedLines(diagnostics: readonly Diagnostic[]): number[] {
  return diagnostics.filter(({ code, severity }) => severity === "error" && LEADS_TO.has(code))
    .flatMap(({ line }) => line ?? []);
}

/** How many errors the schema and the rules find in data, without the files that it names. */
function countErrors(data: unknown, { hostname }: CheckOptions): number {
  const read = readBySchema(data);
  if ("exceeding" in read) return Infinity;
  const { findings } = judge(read, "", { hostname });
  return read.issues.length + findings.filter(({ severity }) => severity === "error").length;
}

/**
 * The configuration of `data`, as if it had been read from a file: the same findings with the same words, without the
 * places in a text.
 */
export function checkData(data: unknown, fileName: string, options: CheckOptions): LoadResult {
  return checkSource(new PlainSource(data), fileName, options, []);
}

/** `diagnostics` are of the text itself. */
function checkSource(
  source: ConfigSource,
  fileName: string,
  options: CheckOptions,
  diagnostics: readonly Diagnostic[],
): LoadResult {
  const read = readBySchema(source.data);
  if ("exceeding" in read) {
    return { ok: false, diagnostics: [place(read.exceeding, source, fileName)] };
  }
  const { findings, omitted } = findingsOf(read.issues, source);
  const judged = judge(read, fileName, options);
  const placed = [...findings, ...judged.findings].map((each) => place(each, source, fileName));
  const found = [...diagnostics, ...placed].sort(compareDiagnostics);
  const failed = found.some(({ severity }) => severity === "error");
  if (failed || read.file === null) {
    return { ok: false, diagnostics: firstProblems(found, fileName, omitted) };
  }
  const config = toConfig(read.file, options.hostname, judged.named);
  const unseen = judged.unseen.map((each) => unseenAt(each, place(each, source, fileName)));
  return { ok: true, config, warnings: found, ...(unseen.length > 0 && { unseen }) };
}

/** The file that a finding is about, with the finding at its place. */
export function unseenAt(finding: Finding, diagnostic: Diagnostic): UnseenFile {
  return { path: unseenFile(finding) ?? diagnostic.file, diagnostic };
}

/** Of a large text that is no YAML: what is wrong up to its first fault, and that it was not read any further. */
function faultDiagnostics(source: YamlSource, faultAt: number, file: string): Diagnostic[] {
  const found = source.problemsUntil(faultAt).map((problem) =>
    syntaxDiagnostic(problem, source, file)
  );
  const [message, hint] = ["what follows the first fault was not read", "correct this first"];
  return [...firstProblems(found, file), fileDiagnostic(file, "more_problems", message, hint)];
}

function syntaxDiagnostic(problem: SyntaxProblem, source: YamlSource, file: string): Diagnostic {
  return { severity: "error", file, key: null, excerpt: source.excerpt(problem.line), ...problem };
}

/** Findings about the configuration in `text` with their places in it; without a text, with their keys alone. */
export function placeFindings(
  findings: readonly Finding[],
  text: string | null,
  fileName: string,
): Diagnostic[] {
  if (findings.length === 0) return [];
  if (text === null) {
    return findings.map(({ severity, code, path, message, hint, unreadable }) => ({
      ...fileDiagnostic(fileName, code, message, hint),
      severity,
      key: pathText(path),
      ...(unreadable !== undefined && { unreadable }),
    }));
  }
  const source = new YamlSource(text);
  return findings.map((finding) => place(finding, source, fileName));
}

function place(finding: Finding, source: ConfigSource, file: string): Diagnostic {
  const { severity, code, path, at, message, hint, unreadable } = finding;
  const position = at === "key" ? source.keyPosition(path) : source.valuePosition(path);
  // The secrets are looked for only if something is quoted.
  const masked = (text: string) => text.includes('"') ? maskQuoted(text, source.secrets) : text;
  return {
    ...{ severity, code, file, line: null, column: null, ...position },
    key: pathText(withoutSecrets(path)),
    message: masked(message),
    hint: masked(hint),
    excerpt: position && source.excerpt(position.line),
    ...(unreadable !== undefined && { unreadable }),
  };
}

/** For want of a blank, a secret may be part of its key. */
function withoutSecrets(path: Path): Path {
  return path.map((step, index) => {
    const begin = typeof step === "string" ? secretInKey(path.slice(0, index), step) : -1;
    return begin < 0 ? step : maskRanges(String(step), [[begin, String(step).length]]);
  });
}

/** A diagnostic of the file as a whole. */
export function fileDiagnostic(
  file: string,
  code: DiagnosticCode,
  message: string,
  hint: string,
): Diagnostic {
  const place = { line: null, column: null, key: null, excerpt: null };
  return { severity: "error", code, file, ...place, message, hint };
}
