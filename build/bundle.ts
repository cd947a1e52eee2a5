/**
 * All of vipd as one minified JavaScript file that knows how it was built.
 *
 * @module
 */

import { join, relative, resolve } from "node:path";
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

/** Writes the bundle into `folder` and returns its path. */
export async function bundle(build: Build, folder: string): Promise<string> {
  const entry = join(folder, "main.ts");
  const file = join(folder, "vipd.js");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(entry, entryPoint(build, folder));
  const options = ["--quiet", "--frozen", "--minify", "--sourcemap=external"];
  const { code, stderr } = await runDeno(["bundle", ...options, "--output", file, entry]);
  if (code !== 0) throw new BuildError(`the program cannot be bundled:\n${stderr}`);
  const map: SourceMap = JSON.parse(await Deno.readTextFile(`${file}.map`));
  await Deno.writeTextFile(file, withMap(await Deno.readTextFile(file), map, folder));
  await Deno.remove(`${file}.map`);
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
 * `code` behind the preamble and with its source map inside, so that a defect is reported with the lines of the
 * source. The map names files as the repository does, wherever this was built, and does not hold their text.
 */
function withMap(code: string, map: SourceMap, folder: string): string {
  const { sourcesContent: _text, ...rest } = map;
  const sources = map.sources.map((source) => {
    const path = resolve(folder, source);
    const inRepository = relative(ROOT, path);
    if (!inRepository.startsWith("..")) return inRepository;
    // <cache>/npm/<registry>/<package>/<version>/...
    return path.replace(/^.*\/npm\/[^/]+\//, "npm/");
  });
  const mappings = `;${map.mappings}`;
  const text = new TextEncoder().encode(JSON.stringify({ ...rest, sources, mappings }));
  const data = `data:application/json;base64,${base64(text)}`;
  return `${PREAMBLE}\n${code.trimEnd()}\n//# sourceMappingURL=${data}\n`;
}

function base64(octets: Uint8Array): string {
  const chunks: string[] = [];
  for (let at = 0; at < octets.length; at += 0x3000) {
    chunks.push(btoa(String.fromCharCode(...octets.subarray(at, at + 0x3000))));
  }
  return chunks.join("");
}
