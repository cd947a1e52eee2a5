/**
 * Bundles the status page into one module of strings, which works from source, bundled and compiled.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { BuildError, runDeno } from "./process.ts";

const PAGE = resolve(import.meta.dirname!, "../src/front/page");
/** The file that this writes. */
export const PAGE_ASSETS = join(PAGE, "assets.ts");

/** The text of {@link PAGE_ASSETS} as its sources say. */
export async function pageAssets(): Promise<string> {
  const [html, style, script] = await Promise.all([
    Deno.readTextFile(join(PAGE, "page.html")),
    Deno.readTextFile(join(PAGE, "page.css")),
    pageScript(),
  ]);
  return `// Made by \`deno task page\` out of the other files of this folder; not to be edited.
// deno-fmt-ignore-file

export const PAGE_HTML = ${JSON.stringify(html)};

export const PAGE_STYLE = ${JSON.stringify(smallStyle(style))};

export const PAGE_SCRIPT = ${JSON.stringify(script)};
`;
}

/** Without comments and space that mean nothing; the page's strings have neither. */
function smallStyle(style: string): string {
  return style
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/\s*([{};,])\s*/g, "$1")
    .replace(/:\s+/g, ":")
    .replace(/\s+/g, " ")
    .replaceAll(";}", "}");
}

async function pageScript(): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const options = ["--quiet", "--frozen", "--minify", "--platform=browser"];
    const entry = join(PAGE, "main.tsx");
    const { code, stderr } = await runDeno(["bundle", ...options, "--output", file, entry]);
    if (code !== 0) throw new BuildError(`the page cannot be bundled:\n${stderr}`);
    const script = (await Deno.readTextFile(file)).trim();
    // Inside <script> only this would end it early.
    if (/<\/script|<!--/i.test(script)) throw new BuildError("the script would end itself in HTML");
    return script;
  } finally {
    await Deno.remove(file);
  }
}

if (import.meta.main) await Deno.writeTextFile(PAGE_ASSETS, await pageAssets());
