/**
 * All lines of a configuration; the lines of an included file replace its `include`.
 *
 * @module
 */

import { quote, type Result } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import { withoutConditions } from "./conditions.ts";
import { expandGlob, folderOf, isPattern, joinPath, type ListFolder, normalPath } from "./glob.ts";
import { Parameters } from "./parameters.ts";
import type { EnvironmentValues } from "./parse.ts";
import type { Place, SourceLine } from "./statement.ts";
import { LINE_OCTETS, splitWords, stripComment } from "./words.ts";

/** The machine as an import sees it. */
export interface SourceFiles {
  /** A file's text, or why there is none. */
  readFile(path: string): Promise<Result<string>>;
  readonly listFolder: ListFolder;
  /** The variables of the environment; absent if the source is another machine's. */
  readEnvironment?(): Promise<EnvironmentValues>;
  /** True if the machine has the user; absent if the source is another machine's. */
  hasUser?(name: string): Promise<boolean>;
}

/** The files that were read, in this order, and their lines. */
export interface GatheredLines {
  readonly files: readonly string[];
  readonly lines: readonly SourceLine[];
}

/** keepalived's variants differ in which missing files they complain about. */
const INCLUDE = /^\s*(include[rmwba]?)\s+(.*)$/;

/** Octets of a character at most, of one UTF-16 unit. */
const UNIT_OCTETS = 3;

/** Number of inclusions; a file that is included twice counts twice. */
const MAX_INCLUDES = 1000;
/** Of all files together; a file that is included twice counts twice. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads `path` and the files that it includes, for the node `id`. A file that cannot be read is an error in the report.
 */
export async function gatherLines(
  path: string,
  source: SourceFiles,
  report: Report,
  id = "",
): Promise<GatheredLines> {
  const lines: SourceLine[] = [];
  let environment: EnvironmentValues | undefined;
  /** The parameters that are defined so far, for the names of files. */
  const parameters = new Parameters(id, (name) => environment?.get(name));
  const files = [path];
  let includes = 0;
  let characters = 0;

  async function gather(
    file: string,
    from: Place,
    above: readonly string[],
    keyword: string,
  ): Promise<void> {
    const problem = above.includes(file)
      ? `${quote(file)} includes itself: ${[...above, file].join(" -> ")}`
      : ++includes > MAX_INCLUDES
      ? `more than ${MAX_INCLUDES} files are included`
      : characters > MAX_CHARACTERS
      ? `more than ${MAX_CHARACTERS} characters are included`
      : null;
    if (problem !== null) {
      report.addAt("error", from, "include", problem, "remove this line and import again");
      return;
    }
    const read = await source.readFile(file);
    if (!read.ok) {
      const { code, message, hint } = read.problem;
      const subject = `${quote(file)} cannot be read: ${message}`;
      if (keyword === "include" && code === "file_not_found") {
        const remedy = `${hint}, or remove the line`;
        report.addAt("not_carried", from, keyword, `${subject}; keepalived goes on`, remedy);
      } else report.addAt("error", from, keyword, subject, hint);
      return;
    }
    characters += read.value.length;
    if (!files.includes(file)) files.push(file);
    for (const [index, text] of read.value.split(/\r\n|\n|\r/).entries()) {
      const line = cut({ file, line: index + 1, text }, report);
      const meant = stripComment(line.read ?? text).text;
      if (meant.includes("\ufffd")) {
        const problem = "the line is not UTF-8 text, as it may be in a comment only";
        report.addAt(
          "error",
          line,
          "",
          problem,
          "convert the file, for example iconv -f GBK -t UTF-8 or iconv -f LATIN1 -t UTF-8",
        );
        // Its values are not known.
        report.silence(line);
      }
      const own = /[@$]|include/.test(meant) ? withoutConditions(meant, id) : null;
      if (own !== null) parameters.define(own);
      const [, variant = "", written = ""] = INCLUDE.exec(own ?? "") ?? [];
      if (written.includes("${_ENV")) environment ??= await source.readEnvironment?.();
      const pattern = variant === "" ? null : parameters.expand(written, line);
      // The parser reports a parameter that is not there.
      if (pattern === null || !pattern.ok) {
        lines.push(line);
        continue;
      }
      lines.push({ ...line, read: null });
      await include(pattern.text.trim(), line, [...above, file], variant);
    }
  }

  async function include(
    pattern: string,
    at: Place,
    above: readonly string[],
    keyword: string,
  ): Promise<void> {
    if (/["']/.test(pattern)) {
      const message = "the quotation marks are a part of the file's name, so nothing is included";
      report.addAt("ignored", at, keyword, message, "remove them to have the file included");
      return;
    }
    // Relative to the including file, not to the program's working directory.
    const whole = normalPath(joinPath(folderOf(at.file), pattern));
    const { paths, tooMany } = await expandGlob(whole, source.listFolder);
    if (tooMany) {
      const problem = `too many folders and files are to be looked through for ${quote(whole)}`;
      return report.addAt("error", at, "include", problem, "name the files' folder");
    }
    if (paths.length === 0 && isPattern(whole)) {
      const remedy = "check the path if there should be one";
      report.addAt("advice", at, "include", `no file matches ${quote(whole)}`, remedy);
    }
    for (const path of paths) await gather(path, at, above, keyword);
  }

  await gather(path, { file: path, line: 1 }, [], "");
  return { files, lines };
}

/** The line as keepalived reads it: of one that is too long it leaves out what it reads at once, and takes the rest. */
function cut(line: SourceLine, report: Report): SourceLine {
  const { text } = line;
  if (text.length * UNIT_OCTETS < LINE_OCTETS) return line;
  const octets = new TextEncoder().encode(text);
  if (octets.length < LINE_OCTETS) return line;
  const left = octets.length - octets.length % LINE_OCTETS;
  const read = new TextDecoder().decode(octets.subarray(left));
  const [word = ""] = splitWords(stripComment(text).text.slice(0, LINE_OCTETS));
  // Of a comment nothing is missing.
  if (word === "" && stripComment(read).text.trim() === "") return { ...line, read };
  report.addAt(
    "ignored",
    line,
    word,
    `the line has ${octets.length} octets, and keepalived reads ${LINE_OCTETS} at once: it leaves out ${left} and takes ` +
      "what follows them for a line",
    "break the line, or shorten it",
  );
  return { ...line, read };
}
