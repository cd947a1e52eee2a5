/**
 * vipd and keepalived, put through the same things in turn on this machine; ends with the table that
 * docs/performance.md shows.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runInLab, tell } from "../../lab/command.ts";
import { keepalivedVersion } from "../../lab/keepalived.ts";
import { ensurePackages, LAB_PROGRAMS } from "../../lab/packages.ts";
import { fetchPackages } from "../../lab/vipd.ts";
import { namesOf, readOptions, wholeNumber } from "../options.ts";
import { HOSTILE_HEAD, HOSTILE_MARKERS, hostileLine, hostileTable } from "./hostile/report.ts";
import { type HostileResult, takeRows } from "./hostile/runner.ts";
import { updateSummary } from "./hostile/summary.ts";
import { otherRows, readOutcomes, type RowValues, rowValues } from "./hostile/values.ts";
import { updateTable } from "./markdown_table.ts";
import { type Line, lineOf, markdownTable, updateDocument } from "./report.ts";
import { isNamed, type ScenarioResult, take } from "./runner.ts";
import { SCENARIOS } from "./scenarios.ts";
import { HOSTILE_GROUPS, HOSTILE_ROWS } from "./scenarios/hostile/rows.ts";

const DOCUMENT = new URL("../../docs/performance.md", import.meta.url);
/** Has the hostile loads once more, a line for each group. */
const SUMMARY = new URL("../../docs/security.md", import.meta.url);

const HELP = `Measures vipd beside keepalived, each in turn on this machine, in network namespaces.

Usage: deno task bench [options]

  --binary PATH   the built executable (dist/vipd) instead of the source
  --runs N        how often each scenario is run with each daemon (default 5)
  --only NAMES    only these scenarios, separated by commas; the names are below, and the beginning of some names,
                  such as kernel, means all of these
  --seconds N     how long each hostile load lasts (default 30)
  --json FILE     write the value of every run to FILE, of hostile loads after each run
  --earlier FILE  go on from the runs of hostile loads that --json has written there
  --markdown      print the table alone, without what happens on the way
  --write         put the table into docs/performance.md, that of hostile loads after each run, with their
                  summary in docs/security.md
  --help          this text

Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(15)} ${title}`).join("\n")}

Hostile loads of vipd alone, each next to a control; only when they are named: hostile for all of them, the
beginning of some names, such as hostile-http2, or one of these:
${HOSTILE_ROWS.map(({ name, title }) => `  hostile-${name}\n      ${title}`).join("\n")}

Exit codes: 0 measured, 1 a run yielded nothing, 2 wrong usage, 130 and 143 ended by Ctrl-C and SIGTERM.
Whether a target is met does not change the exit code: this measures, it does not judge.
`;

interface Options {
  readonly binary: string | undefined;
  readonly runs: number;
  readonly seconds: number;
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly earlier: string | undefined;
  readonly markdown: boolean;
  readonly write: boolean;
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  return await runInLab((interrupted) => Promise.race([bench(options), interrupted]));
}

async function bench(options: Options): Promise<number> {
  const progress = options.markdown ? () => {} : (line: string) => tell(line);
  await ensurePackages([...LAB_PROGRAMS, "nginx", "keepalived", "tcpdump"], progress);
  if (options.binary === undefined) await fetchPackages();
  const startedAtMs = performance.now();
  const keepalived = await keepalivedVersion();
  const taken: ScenarioResult[] = [];
  for (const scenario of SCENARIOS) {
    if (options.only.length > 0 && !options.only.some((name) => isNamed(scenario.name, name))) {
      continue;
    }
    taken.push(await take(scenario, { ...options, tell: progress }));
  }
  const lines = taken.flatMap(({ results }) => results).map(lineOf);
  const keep = async (hostile: readonly HostileResult[]) => {
    if (options.json !== undefined) {
      await writeValues(options.json, options, { taken, lines, hostile });
    }
    if (options.write) await write(lines, hostile, keepalived);
  };
  const hostile = await takeHostile(options, progress, keep);
  await keep(hostile);
  const failures = [...taken, ...hostile].flatMap((it) => it.failures);
  const gap = options.markdown ? "" : "\n";
  if (lines.length > 0) tell(`${gap}${markdownTable(lines, keepalived)}`);
  if (hostile.length > 0) tell(`${gap}${hostileTable(hostile.map(lineOfRow))}`);
  const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(1);
  const missed = lines.filter(({ met }) => met === "no").length +
    hostile.map(lineOfRow).filter((line) => line.at(-1)!.startsWith("no")).length;
  const figures = lines.length + hostile.length;
  progress(`\n${figures} figures and rows in ${minutes} minutes; ${missed} miss their target.`);
  for (const failure of failures) tell(`Yielded nothing: ${failure}`, Deno.stderr);
  return failures.length === 0 ? 0 : 1;
}

async function takeHostile(
  options: Options,
  progress: (line: string) => void,
  keep: (results: readonly HostileResult[]) => Promise<void>,
): Promise<readonly HostileResult[]> {
  const rows = HOSTILE_ROWS.filter((row) =>
    options.only.some((name) => isNamed(`hostile-${row.name}`, name))
  );
  if (rows.length === 0) return [];
  await ensurePackages(["bindfs", "openssl", "prlimit"], progress);
  const durationMs = options.seconds * 1000;
  const earlier = options.earlier === undefined
    ? new Map()
    : readOutcomes(await Deno.readTextFile(options.earlier), durationMs);
  return await takeRows(rows, { ...options, durationMs, earlier, tell: progress, keep });
}

function lineOfRow({ row, outcomes, durationMs }: HostileResult): readonly string[] {
  return hostileLine(row, outcomes, durationMs);
}

async function write(
  lines: readonly Line[],
  hostile: readonly HostileResult[],
  keepalived: string,
): Promise<void> {
  const document = await Deno.readTextFile(DOCUMENT);
  const titles = SCENARIOS.flatMap(({ figures }) => figures).map(({ title }) => title);
  const written = updateDocument(document, lines, titles, keepalived);
  // A row that is still to be taken keeps its former line.
  const rows = hostile.filter(({ outcomes }) => outcomes.length > 0).map(lineOfRow);
  const hostileTitles = HOSTILE_ROWS.map(({ title }) => title);
  const performance = updateTable(written, HOSTILE_MARKERS, HOSTILE_HEAD, rows, hostileTitles);
  await Deno.writeTextFile(DOCUMENT, performance);
  const security = await Deno.readTextFile(SUMMARY);
  await Deno.writeTextFile(SUMMARY, updateSummary(security, performance, HOSTILE_GROUPS));
}

/** Everything that was measured. */
interface Values {
  readonly taken: readonly ScenarioResult[];
  readonly lines: readonly Line[];
  readonly hostile: readonly HostileResult[];
}

async function writeValues(
  path: string,
  options: Options,
  { taken, lines, hostile }: Values,
): Promise<void> {
  const names = hostile.map(({ row }) => row.name);
  const earlier = options.earlier === undefined
    ? []
    : otherRows(await Deno.readTextFile(options.earlier), names);
  const data = {
    at: new Date().toISOString(),
    runs: options.runs,
    binary: options.binary ?? null,
    lines,
    figures: taken.flatMap(({ results }) => results).map(({ figure, values }) => ({
      id: figure.id,
      title: figure.title,
      unit: figure.unit,
      values,
    })),
    hostile: [...hostile.map(rowValues), ...earlier] satisfies RowValues[],
    notes: [...taken, ...hostile].flatMap(({ notes }) => notes),
    failures: [...taken, ...hostile].flatMap((it) => it.failures),
  };
  // JSON has no Infinity: a run that waited in vain becomes null; how long it waited is in its line.
  const next = `${path}.new`;
  await Deno.writeTextFile(next, JSON.stringify(data, null, 2) + "\n");
  await Deno.rename(next, path);
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      binary: { type: "string" },
      runs: { type: "string", default: "5" },
      seconds: { type: "string", default: "30" },
      only: { type: "string", default: "" },
      json: { type: "string" },
      earlier: { type: "string" },
      markdown: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const only = namesOf(values.only);
  const unknown = only.find((name) => !isScenario(name));
  if (unknown !== undefined) throw new RangeError(`There is no scenario "${unknown}"`);
  const runs = wholeNumber("--runs", values.runs, 1);
  const seconds = wholeNumber("--seconds", values.seconds, 1);
  if (values.binary !== undefined) Deno.statSync(values.binary);
  if (values.earlier !== undefined) Deno.statSync(values.earlier);
  const { binary, json, earlier, markdown, write } = values;
  return { binary, runs, seconds, only, json, earlier, markdown, write };
}

function isScenario(name: string): boolean {
  return SCENARIOS.some((it) => isNamed(it.name, name)) ||
    HOSTILE_ROWS.some((it) => isNamed(`hostile-${it.name}`, name));
}
