/**
 * The configurations that 0.1.0's tree has: of its documents, its examples, its tests and its imports. Not among them are
 *
 * - those of tests with hosts of their own (e2e, linux, bench, soak): they are written by functions and reach another
 *   process, so only a run of these tests would show them; their keys are in those of the reader's own tests;
 * - the damaged ones of tests/fuzz: each run draws others, and only that the reader stands them is tested;
 * - texts of more than 20,000 characters: they test how much is read, and tests/config asks the present reader the same;
 * - texts with the path of a temporary folder: what is said of them depends on files that are gone.
 *
 * @module
 */

import { FAST_IPV4, FAST_IPV6, PLAN, SLOW, vipdConfig as pairConfig } from "../../interop/pair.ts";
import type { AskedVipd } from "../asked.ts";
import { withFiles } from "../folder.ts";
import type { Configuration } from "./configurations.ts";
import type { Question } from "./family.ts";

const ROOT = new URL("../../../", import.meta.url);
const IMPORTS = "tests/keepalived/files";
/** Tests that give configurations to the reader in their own process. */
const TESTS = ["tests/config", "tests/keepalived", "tests/cli", "tests/node", "tests/doctor"];
/** A text that long tests how much is read. */
const MAX_CHARS = 20_000;

const READER = "src/config/load.ts";
const READER_HEAD =
  "export function parseConfig(text: string, fileName: string, options: LoadOptions): LoadResult {\n";

export async function* configurationTexts(
  vipd: AskedVipd,
): AsyncGenerator<Question<Configuration>> {
  yield* await ofDocuments();
  yield* ofPairs();
  yield* await ofImports(vipd);
  yield* await ofTests();
}

/** The examples, and the blocks of the documents; most of these are a part of a file, and checked as that. */
async function ofDocuments(): Promise<Question<Configuration>[]> {
  const found: Question<Configuration>[] = [];
  for (const name of ["config/lb01.yaml", "config/lb02.yaml"]) {
    found.push([name, only("vipd.yaml", await read(name))]);
  }
  const documents = await names("docs", ".md");
  for (const name of ["README.md", ...documents.map((each) => `docs/${each}`)]) {
    const blocks = Array.from((await read(name)).matchAll(/^```(\w+)\n([^]*?)^```$/gm));
    blocks.forEach(([, language, text], index) => {
      const file = language === "yaml" ? "vipd.yaml" : isKeepalived(text!) ? "k.conf" : null;
      if (file !== null) found.push([`${name} block ${index + 1}`, only(file, text!)]);
    });
  }
  return found;
}

/** The pairs of the interoperation's walk. */
function* ofPairs(): Generator<Question<Configuration>> {
  const pairs = { slow: SLOW, ipv4: FAST_IPV4, ipv6: FAST_IPV6 };
  for (const [name, pair] of Object.entries(pairs)) {
    const variants = {
      plain: pair,
      password: { ...pair, password: "123456" },
      unicast: { ...pair, unicast: { lb01: "192.168.31.11", lb02: "192.168.31.12" } },
      "virtual mac": { ...pair, virtualMac: true },
      synced: { ...pair, synced: ["192.168.31.6/24"] },
      delayed: { ...pair, preemptDelayMs: 3000 },
      "no preemption": { ...pair, preempt: false },
    };
    for (const [variant, settings] of Object.entries(variants)) {
      for (const node of Object.keys(PLAN) as (keyof typeof PLAN)[]) {
        const text = pairConfig(settings, node, 150);
        yield [`pair ${name}, ${variant}, ${node}`, only("vipd.yaml", text)];
      }
    }
  }
}

/** The files of the import's tests, and what an import makes of each. */
async function ofImports(vipd: AskedVipd): Promise<Question<Configuration>[]> {
  const found: Question<Configuration>[] = [];
  const included: Record<string, string> = {};
  for (const name of await names(`${IMPORTS}/conf.d`, "")) {
    included[`conf.d/${name}`] = await read(`${IMPORTS}/conf.d/${name}`);
  }
  for (const name of await names(IMPORTS, ".conf")) {
    const text = await read(`${IMPORTS}/${name}`);
    const files = { [name]: text, ...(/\binclude/.test(text) ? included : {}) };
    found.push([`import ${name}`, { main: name, files }]);
    const imported = await withFiles(files, async (folder) => {
      const { code, out } = await vipd.run(["import", `${folder}/${name}`]);
      return code === 0 ? out.replaceAll(folder, "/etc/keepalived") : null;
    });
    if (imported !== null) found.push([`imported ${name}`, only("vipd.yaml", imported)]);
  }
  return found;
}

/** What the tests give to the reader: it writes down each text while they run. */
async function ofTests(): Promise<Question<Configuration>[]> {
  const heard = await Deno.makeTempFile();
  const reader = new URL(READER, ROOT);
  const before = await Deno.readTextFile(reader);
  if (!before.includes(READER_HEAD)) throw new Error(`${READER} has no ${READER_HEAD}`);
  const listening = `  Deno.writeTextFileSync(${JSON.stringify(heard)}, ` +
    "`${JSON.stringify(text)}\\n`, { append: true });\n";
  try {
    await Deno.writeTextFile(reader, before.replace(READER_HEAD, READER_HEAD + listening));
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--quiet", "--ignore=tests/cli/process_test.ts", ...TESTS],
      cwd: ROOT,
      stdout: "null",
    }).output();
    if (!success) throw new Error("the tests of 0.1.0 fail");
    const lines = (await Deno.readTextFile(heard)).trimEnd().split("\n");
    const texts = lines.map((line): string => JSON.parse(line));
    // What names a folder of one run is no question for another.
    const useful = new Set(
      texts.filter((text) => text.length <= MAX_CHARS && !text.includes("/tmp/")),
    );
    return [...useful].toSorted().map((text, index) => [
      `tests ${String(index + 1).padStart(3, "0")}`,
      only("vipd.yaml", text),
    ]);
  } finally {
    await Deno.writeTextFile(reader, before);
    await Deno.remove(heard);
  }
}

function only(name: string, text: string): Configuration {
  return { main: name, files: { [name]: text } };
}

function isKeepalived(text: string): boolean {
  return /^vrrp_(instance|script|sync_group)\b/m.test(text);
}

async function read(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, ROOT));
}

async function names(folder: string, end: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(`${folder}/`, ROOT)));
  return entries.filter((entry) => entry.isFile && entry.name.endsWith(end))
    .map(({ name }) => name).sort();
}
