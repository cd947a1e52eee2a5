/**
 * Whole files: what an import makes of `files/NAME.conf` stands in `files/NAME.expected`, findings first.
 * `UPDATE_GOLDEN=1` writes them anew.
 */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf, told } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);

async function readFolder(folder: URL, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      Object.assign(files, await readFolder(new URL(`${name}/`, folder), `${prefix}${name}/`));
    } else files[prefix + name] = await readWhole(new URL(name, folder));
  }
  return files;
}

/** The text as an import reads it: a byte order mark is a character of it. */
async function readWhole(file: URL): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(file));
}

const READ = await readFolder(FOLDER);
/** The scripts that the files name are where those look for them. */
const FILES: Readonly<Record<string, string>> = {
  ...READ,
  ...Object.fromEntries(
    Object.entries(READ)
      .filter(([name]) => name.startsWith("scripts/"))
      .map(([name, text]) => [name.replace("scripts", "/etc/keepalived"), text]),
  ),
};
const NAMES = Object.keys(FILES).filter((name) => /^[^/]+\.conf$/.test(name)).sort();
const OPTIONS = { id: "lb01", hostname: "lb01" };

Deno.test("files from life give the configuration and the findings that are written down", async (t) => {
  assert.ok(NAMES.length >= 120, `${NAMES.length} files`);
  for (const name of NAMES) {
    await t.step(name, async () => {
      const { yaml, findings } = await importKeepalived(name, filesOf(FILES), OPTIONS);
      const actual = [...told(findings), "", yaml ?? "nothing is written\n"].join("\n");
      const expected = new URL(name.replace(/conf$/, "expected"), FOLDER);
      if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(expected, actual);
      assert.equal(actual, await Deno.readTextFile(expected));
    });
  }
});

Deno.test("what an import writes is a configuration that vipd takes without a warning it has not shown", async (t) => {
  let written = 0;
  for (const name of NAMES) {
    const { yaml, findings } = await importKeepalived(name, filesOf(FILES), OPTIONS);
    const failed = findings.some(({ severity }) => severity === "error");
    assert.equal(
      yaml === null,
      failed,
      `${name}: nothing is written exactly when there is an error`,
    );
    if (yaml === null) continue;
    written++;
    await t.step(name, () => {
      const result = parseConfig(yaml, "vipd.yaml", { hostname: "lb01" });
      assert.ok(result.ok, result.ok ? "" : result.diagnostics.map((d) => d.message).join());
      for (const { message } of result.warnings) {
        assert.ok(findings.some((finding) => finding.message.includes(message)), message);
      }
    });
  }
  assert.ok(written >= 20, `${written} of ${NAMES.length} are written`);
});

Deno.test("every finding has a place, a meaning and a remedy", async () => {
  for (const name of NAMES) {
    const { findings } = await importKeepalived(name, filesOf(FILES), OPTIONS);
    for (const { file, line, message, remedy } of findings) {
      const text = FILES[file];
      const known = text !== undefined && line >= 1 && line <= text.split("\n").length;
      assert.ok(known, `${name}: ${file}:${line} is no place`);
      assert.ok(message.length > 5 && remedy.length > 5, `${name}:${line}`);
    }
  }
});

Deno.test("no finding shows a password", async () => {
  const { yaml, findings } = await importKeepalived("authentication.conf", filesOf(FILES), OPTIONS);
  assert.match(yaml!, /password: correcth\b/);
  assert.doesNotMatch(told(findings).join("\n"), /correcth|1111|p#s/);
  assert.doesNotMatch(yaml!.split("\n").filter((line) => line.startsWith("#")).join(), /correcth/);
});
