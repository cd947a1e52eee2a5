/**
 * Converts a keepalived.conf to vipd's configuration, with a report of the changes.
 *
 * @module
 */

import type { Diagnostic } from "../config/diagnostics.ts";
import { checkData, placeFindings } from "../config/check_text.ts";
import type { Config } from "../config/model.ts";
import type { Finding as ConfigFinding } from "../config/findings.ts";
import { writeYaml } from "../config/yaml/write.ts";
import { type ExplainedLine, explainLines, Meanings } from "./explain.ts";
import { type Finding, formatFinding, Report } from "./finding.ts";
import { applyRules, FILE, guesser, type Reading } from "./keywords/rules.ts";
import { usersOfNotify } from "./keywords/notify.ts";
import { scriptFiles, type ScriptText } from "./keywords/scripts/script_offer.ts";
import {
  reportUnsecured,
  takeScriptUser,
  USUAL_SCRIPT_USER,
} from "./keywords/scripts/script_user.ts";
import { homesOf, TOP_LEVEL_RULES } from "./keywords/top_level.ts";
import { emptyImport } from "./partial.ts";
import { resolve, type Resolved, toFileData } from "./resolve/resolve.ts";
import { withoutSecretArguments } from "./secret_arguments.ts";
import { gatherLines, type SourceFiles } from "./syntax/lines.ts";
import { type EnvironmentValues, parseStatements } from "./syntax/parse.ts";
import { findTemplate } from "./syntax/template.ts";
import type { Place, SourceLine, Statement } from "./syntax/statement.ts";

/** Upper bounds of the script files that are read, and of the characters of each. */
const MAX_SCRIPTS = 100;
const MAX_SCRIPT_CHARS = 64 * 1024;

/** Upper bound of the users that are looked for; a name service may take seconds for each. */
const MAX_USERS = 8;

export interface ImportOptions {
  /** The value that `@id` conditions are compared with; keepalived's `--config-id`. */
  readonly id: string;
  /** The node's name if the source gives none. */
  readonly hostname: string;
  /** True if only VRRP is wanted, so that load balancing in the file is no loss. */
  readonly vrrpOnly?: boolean;
  /** Findings about the result on the machine that will run it. */
  readonly onMachine?: (config: Config) => readonly ConfigFinding[];
}

export interface ImportResult {
  /** The configuration; `null` if a finding is an error. It always passes `vipd check`. */
  readonly yaml: string | null;
  /** In the order of the source. */
  readonly findings: readonly Finding[];
  readonly counts: { readonly instances: number; readonly checks: number };
  /** Each line of the source and its outcome. */
  readonly explain: () => readonly ExplainedLine[];
  /** The statement that a key of the result comes from; `null` if there is none. */
  readonly originOf: (key: string) => Statement | null;
  /** True if keepalived leaves out what root would run and others can change. */
  readonly scriptSecurity: boolean;
}

/** Imports the file at `path`. */
export async function importKeepalived(
  path: string,
  source: SourceFiles,
  options: ImportOptions,
): Promise<ImportResult> {
  const report = new Report();
  const { files, lines } = await gatherLines(path, source, report, options.id);
  const scripts = await readScripts(scriptFiles(lines, MAX_SCRIPTS), source);
  const usesEnvironment = lines.some(({ text }) => text.includes("${_ENV"));
  const environment = usesEnvironment ? await source.readEnvironment?.() : undefined;
  const scriptText = (script: string) => scripts.get(script) ?? null;
  // A name service may take its time.
  const namesUser = lines.some(({ text }) => /^\s*script_user\s/.test(text));
  const hasScriptUser = runsScripts(lines) && !namesUser
    ? await source.hasUser?.(USUAL_SCRIPT_USER)
    : undefined;
  const users = new Map<string, boolean>();
  for (const name of usersOfNotify(lines, MAX_USERS)) {
    const isThere = await source.hasUser?.(name);
    if (isThere !== undefined) users.set(name, isThere);
  }
  const isUser = (name: string) => users.get(name);
  const surroundings = { scriptText, environment, hasScriptUser, isUser };
  return importLines(files, lines, options, report, surroundings);
}

/** The texts of the script files that are there, as far as a human writes them. */
async function readScripts(
  paths: readonly string[],
  source: SourceFiles,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const read = await source.readFile(path);
    const isText = read.ok && read.value.length <= MAX_SCRIPT_CHARS &&
      !/[\0\ufffd]/.test(read.value);
    if (isText) texts.set(path, read.value);
  }
  return texts;
}

function runsScripts(lines: readonly SourceLine[]): boolean {
  return lines.some(({ text }) => /^\s*(?:script|notify(?:_\w+)?)\s/.test(text));
}

/** The machine around the lines of an import. */
interface Surroundings {
  readonly scriptText?: ScriptText;
  readonly environment?: EnvironmentValues | undefined;
  /** `undefined` where nobody knows. */
  readonly hasScriptUser?: boolean | undefined;
  readonly isUser?: Reading["isUser"];
}

/** Imports lines that were read already; `files` are their files in the order of reading. */
export function importLines(
  files: readonly string[],
  lines: readonly SourceLine[],
  options: ImportOptions,
  report: Report,
  {
    scriptText = () => null,
    environment,
    hasScriptUser,
    isUser = () => undefined,
  }: Surroundings = {},
): ImportResult {
  const template = findTemplate(lines);
  if (template) {
    const { kind, place, remedy } = template;
    report.addAt("error", place, "", `the file is ${kind}, which keepalived cannot read`, remedy);
  }
  const statements = template ? [] : parseStatements(lines, options.id, report, environment);
  const partial = emptyImport();
  const meanings = new Meanings();
  const known = meanings.add.bind(meanings);
  const reading = { report, homesOf, scriptText, isUser, guess: guesser(), known };
  applyRules(statements, TOP_LEVEL_RULES, partial, FILE, reading);
  const start = { file: files[0] ?? "", line: 1 };
  if (hasScriptUser) takeScriptUser(partial, start, report);
  if (runsScripts(lines)) reportUnsecured(partial, hasScriptUser, report);
  const resolved = resolve(partial, report);
  check(resolved, start, options, report);
  // Settings of load balancing change nothing if nothing is balanced.
  const balances = statements.some(({ keyword }) => keyword === "virtual_server");
  if (options.vrrpOnly || !balances) report.vrrpOnly();
  const failed = report.failed;
  const findings = report.sorted(files);
  const counts = { instances: resolved.instances.length, checks: resolved.checks.length };
  const explain = () => {
    const result = resolved.instances.length === 0 ? null : toFileData(resolved);
    return explainLines(lines, findings, meanings, result, report.leftOut);
  };
  const ofSource = {
    explain,
    originOf: (key: string) => originOf(key, toFileData(resolved).origins),
    scriptSecurity: partial.scriptSecurity !== undefined,
  };
  const yaml = failed ? null : render(resolved, start.file, findings);
  return { yaml, findings, counts, ...ofSource };
}

/** Reports what the configuration's own rules find in the result, at the place in the source. */
function check(resolved: Resolved, start: Place, options: ImportOptions, report: Report): void {
  if (resolved.instances.length === 0) {
    const remedy = "name the file with the vrrp_instance blocks";
    if (!report.failed) {
      report.addAt("error", start, "", "no vrrp_instance can be imported", remedy);
    }
    return;
  }
  const { data, origins } = toFileData(resolved);
  const checked = checkData(data, start.file, { hostname: options.hostname });
  const diagnostics = checked.ok ? checked.warnings : checked.diagnostics;
  const found = checked.ok ? options.onMachine?.(checked.config) ?? [] : [];
  for (const diagnostic of [...diagnostics, ...placeFindings(found, null, start.file)]) {
    // Reported already, in the words of the source.
    if (
      /^instances\[\d+\]\.(?:vrid|interface)$/.test(diagnostic.key ?? "") &&
      diagnostic.code === "missing_key"
    ) continue;
    reportDiagnostic(diagnostic, origins, start, report);
  }
}

/** A diagnostic of the result, as a finding about the source. */
function reportDiagnostic(
  { severity, key, message, hint }: Diagnostic,
  origins: ReadonlyMap<string, Statement>,
  start: Place,
  report: Report,
): void {
  const statement = originOf(key ?? "", origins);
  const remedy = severity === "error" ? `${hint}; correct the source and import again` : hint;
  const kind = severity === "error" ? "error" : "advice";
  const subject = key === null ? message : `${key.replace(/^instances\[\d+\]\.?/, "")}: ${message}`;
  const text = subject.replace(/^: /, "");
  if (statement) report.add(kind, statement, text, remedy);
  else report.addAt(kind, start, "", text, remedy);
}

/** The statement of the nearest part: of `a[0].b.c`, else of `a[0].b`, else of `a[0]`. */
function originOf(key: string, origins: ReadonlyMap<string, Statement>): Statement | null {
  for (let path = key; path !== ""; path = path.replace(/(?:^|\.|\[)[^.[]*$/, "")) {
    const statement = origins.get(path);
    if (statement) return statement;
  }
  return null;
}

function render(resolved: Resolved, file: string, findings: readonly Finding[]): string {
  const { data, origins } = toFileData(resolved);
  const comments = new Map<string, string>();
  for (const [path, statement] of origins) {
    if (!/^(?:checks\.[^.]+|instances\[\d+\]|sync_groups\[\d+\]|notify\[\d+\])$/.test(path)) {
      continue;
    }
    const name = statement.words[0] ?? "";
    const text = `${statement.keyword} ${name}`.trimEnd();
    comments.set(path, `${statement.file}:${statement.line}: ${withoutSecretArguments(text)}`);
  }
  const summary = findings.length === 0
    ? ["Everything in it was carried over as it is."]
    : ["What to look at:", ...findings.map((finding) => `- ${formatFinding(finding)}`)];
  const header = [`Imported from ${file} by vipd import.`, ...summary].join("\n");
  return writeYaml(data, { header, comments, inline: INLINE });
}

/** Keys whose values, or whose list's entries, are written on one line. */
const INLINE = [
  ...[
    "process",
    "unicast",
    "authentication",
    "addresses",
    "virtual_mac",
    "routes",
    "rules",
    "track",
    "announce",
    "to",
    "on",
  ],
];
