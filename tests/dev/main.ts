/**
 * `deno task dev`: runs the unit tests that import what has changed since the last commit, then again those that import what
 * changes. Types are left to the editor and `deno check`.
 *
 * @module
 */

import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import project from "../../deno.json" with { type: "json" };
import { importersOf, type ModuleInfo, testsOf } from "./import_graph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What is saved together is tested together, in milliseconds. */
const QUIET_MS = 200;
/** Git's own files, and what is built. */
const BESIDE = /^(?:\.git|dist)(?:\/|$)/;
/** What `test:unit` leaves out. */
const LEFT_OUT = /--ignore=(\S+) /.exec(project.tasks["test:unit"].command)![1]!.split(",");

await runTests(await changedSinceCommit());
await watch();

/** Paths below the root, also of files that git does not know yet. */
async function changedSinceCommit(): Promise<string[]> {
  return [...await gitPaths("diff", "--name-only", "HEAD"), ...await newPaths()];
}

/** Those that git does not know yet and does not ignore. */
function newPaths(): Promise<string[]> {
  return gitPaths("ls-files", "--others", "--exclude-standard");
}

async function gitPaths(...command: readonly string[]): Promise<string[]> {
  return (await output("git", command)).split("\n").filter((path) => path !== "");
}

async function watch(): Promise<void> {
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const watcher = Deno.watchFs(ROOT);
  say("waiting for changes; Ctrl-C ends it");
  for await (const { kind, paths } of watcher) {
    if (kind === "access" || kind === "any" || kind === "other") continue;
    const names = paths.map((path) => relative(ROOT, path)).filter((path) => !BESIDE.test(path));
    if (names.length === 0) continue;
    for (const name of names) changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = [...changed];
      changed.clear();
      running = running.then(async () => await runTests(await knownOf(now)));
    }, QUIET_MS);
  }
}

/** Without what git ignores, and what an editor keeps for a moment. */
async function knownOf(changed: readonly string[]): Promise<string[]> {
  const known = new Set([...await gitPaths("ls-files"), ...await newPaths()]);
  return changed.filter((path) => known.has(path));
}

async function runTests(files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const tests = new Set(unitTests("tests").map(urlOf));
  const info = await moduleInfo([...tests]);
  const run = testsOf(files.map(urlOf), tests, importersOf(info)).map(pathOf);
  say(
    `${files.join(", ")}: ${run.length === 0 ? "no unit test imports it" : `${run.length} files`}`,
  );
  if (run.length === 0) return;
  await new Deno.Command(Deno.execPath(), {
    ...{ args: ["test", "-A", "--no-check", "--parallel", "--quiet", ...run], cwd: ROOT },
  }).spawn().status;
}

/** Paths of the tests of `test:unit`. */
function unitTests(folder: string): string[] {
  if (LEFT_OUT.includes(folder)) return [];
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return unitTests(path);
    return name.endsWith("_test.ts") && !LEFT_OUT.includes(path) ? [path] : [];
  });
}

/** What all of these modules import; those that cannot be read import nothing. */
async function moduleInfo(modules: readonly string[]): Promise<ModuleInfo> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const text = modules.map((module) => `import ${JSON.stringify(module)};\n`).join("");
    await Deno.writeTextFile(entry, text);
    const config = join(ROOT, "deno.json");
    return JSON.parse(await output(Deno.execPath(), ["info", "--json", "--config", config, entry]));
  } finally {
    await Deno.remove(entry);
  }
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], cwd: ROOT, stderr: "inherit" });
  return new TextDecoder().decode((await command.output()).stdout);
}

function urlOf(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}

function pathOf(url: string): string {
  return relative(ROOT, fileURLToPath(url));
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`\n${line}\n`));
}
