/**
 * All lines of a configuration; the lines of an included file replace its `include`.
 *
 * @module
 */

import { quote, type Result } from "../../config/values/result.ts";
import type { Report } from "../finding.ts";
import { expandGlob, folderOf, isPattern, joinPath, type ListFolder, normalPath } from "./glob.ts";
import type { EnvironmentValues } from "./parse.ts";
import type { Place, SourceLine } from "./statement.ts";
import { stripComment } from "./words.ts";

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

/** Number of inclusions; a file that is included twice counts twice. */
const MAX_INCLUDES = 1000;
/** Of all files together; a file that is included twice counts twice. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads `path` and the files that it includes. `include` takes effect before conditions and parameters
 * (keepalived.conf(5), "include"). A file that cannot be read is an error in the report.
 */
export async function gatherLines(
  path: string,
  source: SourceFiles,
  report: Report,
): Promise<GatheredLines> {
  const lines: SourceLine[] = [];
  const files: string[] = [];
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
      const line = { file, line: index + 1, text };
      const meant = stripComment(text).text;
      if (meant.includes("\ufffd")) {
        const problem = "the line is not UTF-8 text, as it may be in a comment only";
        report.addAt(
          "error",
          line,
          "",
          problem,
          "convert the file, for example iconv -f GBK -t UTF-8 or iconv -f LATIN1 -t UTF-8",
        );
      }
      const [, variant = "", pattern = ""] = INCLUDE.exec(meant) ?? [];
      if (variant === "") lines.push(line);
      else {
        const path = pattern.trim().replace(/^"(.*)"$/, "$1");
        await include(path, line, [...above, file], variant);
      }
    }
  }

  async function include(
    pattern: string,
    at: Place,
    above: readonly string[],
    keyword: string,
  ): Promise<void> {
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
  return { files: files.length > 0 ? files : [path], lines };
}
