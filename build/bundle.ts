/**
 * All of vipd as one minified JavaScript file that knows how it was built.
 *
 * @module
 */

import { basename, join, relative, resolve } from "node:path";
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

/**
 * Writes the bundle into `folder` and returns its path. Its source map is inside where the program is to be one file,
 * and else beside it with `.map` added to its name: the engine reads through what is inside at every start.
 */
export async function bundle(build: Build, folder: string): Promise<string> {
  const entry = join(folder, "main.ts");
  const file = join(folder, "vipd.js");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(entry, entryPoint(build, folder));
  const options = ["--quiet", "--frozen", "--minify", "--sourcemap=external"];
  const { code, stderr } = await runDeno(["bundle", ...options, "--output", file, entry]);
  if (code !== 0) throw new BuildError(`the program cannot be bundled:\n${stderr}`);
  const mapFile = `${file}.map`;
  const map = adjusted(JSON.parse(await Deno.readTextFile(mapFile)), folder);
  if (build.kind === "portable") await Deno.remove(mapFile);
  else await Deno.writeTextFile(mapFile, map);
  const url = build.kind === "portable"
    ? `data:application/json;base64,${base64(new TextEncoder().encode(map))}`
    : basename(mapFile);
  const program = (await Deno.readTextFile(file)).trimEnd();
  await Deno.writeTextFile(file, `${PREAMBLE}\n${program}\n//# sourceMappingURL=${url}\n`);
  return file;
}

/** What main.ts does, with the build told. */
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
