/**
 * All of vipd as minified JavaScript that knows how it was built.
 *
 * @module
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import type { Build } from "../src/version.ts";
import { BuildError, runDeno } from "./process.ts";

/** The parts of a source map (ECMA-426) that matter here. */
export interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: unknown;
  /** A semicolon ends the mappings of one line of code. */
  readonly mappings: string;
}

/** Libraries that are CommonJS ask for the runtime's own modules by this; Deno before 2.7 does not give it to them. */
const PREAMBLE = 'import{createRequire as $require}from"node:module";' +
  "const require=$require(import.meta.url);";

const ROOT = resolve(import.meta.dirname!, "..");

/** The file that is run. */
const PROGRAM = "vipd.js";

/**
 * Writes the bundle into `folder`, which must be empty, and returns the path of the file to run.
 *
 * A portable program is this one file, with its source map inside. In a compiled one, the parts that a command
 * does not need are files of their own, which it then does not read; the source map of each file is next to it, with
 * `.map` added to the name. The engine reads through all that is inside at every start.
 */
export async function bundle(build: Build, folder: string): Promise<string> {
  const whole = build.kind === "portable";
  // Named after the program, as which it is bundled.
  const entry = join(folder, PROGRAM.replace(/js$/, "ts"));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(entry, entryPoint(build, folder));
  const into = whole
    ? ["--output", join(folder, PROGRAM)]
    : ["--code-splitting", "--outdir", folder];
  const options = ["--quiet", "--frozen", "--minify", "--sourcemap=external"];
  const { code, stderr } = await runDeno(["bundle", ...options, ...into, entry]);
  if (code !== 0) throw new BuildError(`the program cannot be bundled:\n${stderr}`);
  await Deno.remove(entry);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js")) await finish(join(folder, name), whole);
  }
  return join(folder, PROGRAM);
}

/** Gives a bundled file what it needs in order to run, and a source map with the repository's names. */
async function finish(file: string, mapInside: boolean): Promise<void> {
  const mapFile = `${file}.map`;
  const map = adjusted(JSON.parse(await Deno.readTextFile(mapFile)), dirname(file));
  if (mapInside) await Deno.remove(mapFile);
  else await Deno.writeTextFile(mapFile, map);
  const url = mapInside
    ? `data:application/json;base64,${base64(new TextEncoder().encode(map))}`
    : basename(mapFile);
  const program = (await Deno.readTextFile(file)).trimEnd();
  await Deno.writeTextFile(file, `${PREAMBLE}\n${program}\n//# sourceMappingURL=${url}\n`);
}

/** The same as main.ts, with the build that the program names as its own. */
function entryPoint(build: Build, folder: string): string {
  const source = (path: string) => JSON.stringify(`./${relative(folder, join(ROOT, "src", path))}`);
  return `import { runCli } from ${source("cli/cli.ts")};
import { processContext } from ${source("cli/context.ts")};
Deno.exit(await runCli(Deno.args, processContext(${JSON.stringify(build)})));
`;
}

/**
 * The source map of the code behind the preamble, by which a defect is reported with the lines of the source. It names
 * files as the repository does, wherever this was built, and does not hold their text.
 */
function adjusted(map: SourceMap, folder: string): string {
  const { sourcesContent: _text, ...rest } = map;
  const sources = map.sources.map((source) => {
    const path = resolve(folder, source);
    const inRepository = relative(ROOT, path);
    if (!inRepository.startsWith("..")) return inRepository;
    // <cache>/npm/<registry>/<package>/<version>/...
    return path.replace(/^.*\/npm\/[^/]+\//, "npm/");
  });
  return JSON.stringify({ ...rest, sources, mappings: `;${map.mappings}` });
}

function base64(octets: Uint8Array): string {
  const chunks: string[] = [];
  for (let at = 0; at < octets.length; at += 0x3000) {
    chunks.push(btoa(String.fromCharCode(...octets.subarray(at, at + 0x3000))));
  }
  return chunks.join("");
}
