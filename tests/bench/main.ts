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
import { type Line, lineOf, markdownTable, updateDocument } from "./report.ts";
import { type ScenarioResult, take } from "./runner.ts";
import { SCENARIOS } from "./scenarios.ts";

const DOCUMENT = new URL("../../docs/performance.md", import.meta.url);

const HELP = `Measures vipd beside keepalived, each in turn on this machine, in network namespaces.

Usage: deno task bench [options]

  --binary PATH   the built executable (dist/vipd) instead of the source
  --runs N        how often each scenario is run with each daemon (default 5)
  --only NAMES    only these scenarios, separated by commas; the names are below
  --json FILE     write the value of every run to FILE
  --markdown      print the table alone, without what happens on the way
  --write         put the table into docs/performance.md
  --help          this text

Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(15)} ${title}`).join("\n")}

Exit codes: 0 measured, 1 a run yielded nothing, 2 wrong usage, 130 and 143 ended by Ctrl-C and SIGTERM.
Whether a target is met does not change the exit code: this measures, it does not judge.
`;

interface Options {
  readonly binary: string | undefined;
  readonly runs: number;
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly markdown: boolean;
  readonly write: boolean;
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  return await runInLab((interrupted) => Promise.race([bench(options), interrupted]));
}

async function bench(options: Options): Promise<number> {
  const progress = options.markdown ? () => {} : (line: string) => tell(line);
  await ensurePackages([...LAB_PROGRAMS, "nginx", "keepalived", "tcpdump"], progress);
  if (options.binary === undefined) await fetchPackages();
  const startedAtMs = performance.now();
  const taken: ScenarioResult[] = [];
  for (const scenario of SCENARIOS) {
    if (options.only.length > 0 && !options.only.includes(scenario.name)) continue;
    taken.push(await take(scenario, { ...options, tell: progress }));
  }
  const lines = taken.flatMap(({ results }) => results).map(lineOf);
  const failures = taken.flatMap((it) => it.failures);
  if (options.json !== undefined) await writeValues(options.json, options, taken, lines);
  const keepalived = await keepalivedVersion();
  if (options.write) await write(lines, keepalived);
  tell(`${options.markdown ? "" : "\n"}${markdownTable(lines, keepalived)}`);
  const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(1);
  const missed = lines.filter(({ met }) => met === "no").length;
  progress(`\n${lines.length} figures in ${minutes} minutes; ${missed} miss their target.`);
  for (const failure of failures) tell(`Yielded nothing: ${failure}`, Deno.stderr);
  return failures.length === 0 ? 0 : 1;
}

async function write(lines: readonly Line[], keepalived: string): Promise<void> {
  const document = await Deno.readTextFile(DOCUMENT);
  const titles = SCENARIOS.flatMap(({ figures }) => figures).map(({ title }) => title);
  await Deno.writeTextFile(DOCUMENT, updateDocument(document, lines, titles, keepalived));
}

async function writeValues(
  path: string,
  options: Options,
  taken: readonly ScenarioResult[],
  lines: readonly Line[],
): Promise<void> {
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
    notes: taken.flatMap(({ notes }) => notes),
    failures: taken.flatMap(({ failures }) => failures),
  };
  // JSON has no Infinity: a run that waited in vain becomes null; how long it waited is in its line.
  await Deno.writeTextFile(path, JSON.stringify(data, null, 2) + "\n");
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        binary: { type: "string" },
        runs: { type: "string", default: "5" },
        only: { type: "string" },
        json: { type: "string" },
        markdown: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      tell(HELP);
      return 0;
    }
    const only = values.only?.split(",").map((it) => it.trim()) ?? [];
    const unknown = only.find((name) => !SCENARIOS.some((it) => it.name === name));
    if (unknown !== undefined) throw new RangeError(`There is no scenario "${unknown}"`);
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1) {
      throw new RangeError(`--runs must be a whole number from 1 on, not "${values.runs}"`);
    }
    if (values.binary !== undefined) Deno.statSync(values.binary);
    const { binary, json, markdown, write } = values;
    return { binary, runs, only, json, markdown, write };
  } catch (error) {
    tell(`${error instanceof Error ? error.message : error}\n\n${HELP}`, Deno.stderr);
    return 2;
  }
}
