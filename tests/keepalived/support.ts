/** Imports in tests, from texts instead of files. */

import { failed, ok } from "../../src/config/values/result.ts";
import { type Finding, formatFinding, Report } from "../../src/keepalived/finding.ts";
import { importKeepalived, type ImportResult } from "../../src/keepalived/import.ts";
import type { SourceFiles } from "../../src/keepalived/syntax/lines.ts";
import { parseStatements } from "../../src/keepalived/syntax/parse.ts";
import type { SourceLine, Statement } from "../../src/keepalived/syntax/statement.ts";

/** A machine whose disk holds only these files, by path, and whose environment has what the files mean. */
export function filesOf(files: Readonly<Record<string, string>>): SourceFiles {
  return {
    readEnvironment: () =>
      Promise.resolve(
        new Map([["PRIORITY", "150"], ["PASSWORD", "s3cr3t"], ["ADDRESS", "10.0.0.100"]]),
      ),
    readFile: (path) =>
      Promise.resolve(
        Object.hasOwn(files, path)
          ? ok(files[path]!)
          : failed("file_not_found", "there is no such file", "check the path"),
      ),
    listFolder: (path) => {
      const prefix = path === "." ? "" : path === "/" ? "/" : `${path}/`;
      const names = Object.keys(files)
        .filter((file) => file.startsWith(prefix))
        .map((file) => file.slice(prefix.length).split("/")[0]!);
      return Promise.resolve([...new Set(names)]);
    },
  };
}

/** Imports `text` as the file `keepalived.conf`. */
export async function importText(text: string, id = "lb01"): Promise<ImportResult> {
  const files = filesOf({ "keepalived.conf": text });
  return await importKeepalived("keepalived.conf", files, { id, hostname: "lb01" });
}

/** The lines of an instance that needs nothing more, around `more`. */
export function instanceWith(more: string): string {
  return `vrrp_instance VI_1 {
interface eth0
virtual_router_id 10
virtual_ipaddress { 10.0.0.100/24 }
${more}
}
`;
}

export function linesOf(text: string, file = "keepalived.conf"): SourceLine[] {
  return text.split("\n").map((line, index) => ({ file, line: index + 1, text: line }));
}

/** Statements and findings of a text. */
export function parseText(text: string, id = "lb01"): {
  readonly statements: readonly Statement[];
  readonly findings: readonly string[];
} {
  const report = new Report();
  const statements = parseStatements(linesOf(text), id, report);
  return { statements, findings: told(report.sorted([])) };
}

/** Findings as people read them. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(formatFinding);
}

/** Statements in short: `a b { c; d }`. */
export function outline(statements: readonly Statement[]): string {
  return statements.map(({ keyword, words, block }) => {
    const head = [keyword, ...words].join(" ");
    return block === null ? head : `${head} { ${outline(block)} }`;
  }).join("; ");
}
