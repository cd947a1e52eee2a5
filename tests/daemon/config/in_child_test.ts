/** A large configuration is judged beside the engine, which reads no more of it than its data. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { processContext } from "../../../src/cli/context.ts";
import type { CheckReport } from "../../../src/config/check_report.ts";
import type { LoadResult } from "../../../src/config/check_text.ts";
import { failed, ok, type Result } from "../../../src/config/values/result.ts";
import { LARGE_CHARS } from "../../../src/config/yaml/large_text.ts";
import { loadInChild } from "../../../src/daemon/config/in_child.ts";
import { exampleConfig, inFolder } from "../../cli/captured_context.ts";

const COMMENTS = "# a comment\n".repeat(Math.ceil(LARGE_CHARS / 12));
/** What no reading of these files finds. */
const FOUND: CheckReport["diagnostics"][number] = {
  ...{ severity: "warning", code: "unknown_key", file: "a", line: 1, column: 2, key: "b" },
  ...{ message: "c", hint: "d", excerpt: "e" },
};

type LoadDiagnostic = CheckReport["diagnostics"][number];

interface Loaded {
  readonly loaded: LoadResult;
  readonly asked: number;
}

async function load(
  text: (folder: string) => string,
  answer: Result<CheckReport>,
): Promise<Loaded> {
  const results: Loaded[] = [];
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    await Deno.writeTextFile(path, text(folder));
    await Deno.chmod(path, 0o600);
    let asked = 0;
    const loaded = await loadInChild(path, processContext(), (asking) => {
      assert.equal(asking, path);
      asked++;
      return Promise.resolve(answer);
    });
    results.push({ loaded, asked });
  });
  return results[0]!;
}

const large = (folder: string) => COMMENTS + exampleConfig(folder);

Deno.test("a large configuration has its warnings from the other process, its values from a quick reading", async () => {
  const { loaded, asked } = await load(large, ok({ valid: true, diagnostics: [FOUND] }));
  assert.equal(asked, 1);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.warnings, [FOUND]);
  assert.equal(loaded.config.instances[0]!.name, "VI_1");
});

Deno.test("what is wrong with a large one is what the other process says", async () => {
  const problem = { ...FOUND, severity: "error" } as const;
  const { loaded } = await load(large, ok({ valid: false, diagnostics: [problem] }));
  assert.deepEqual(loaded, { ok: false, diagnostics: [problem] });
});

Deno.test("a large one that could not be judged is not taken, and why is said", async () => {
  const { loaded } = await load(large, failed("file_unreadable", "no process", "try again"));
  assert.ok(!loaded.ok);
  const [{ code, message, hint }] = loaded.diagnostics as [typeof loaded.diagnostics[number]];
  assert.deepEqual([code, message, hint], ["file_unreadable", "no process", "try again"]);
});

Deno.test("a large one with an alias is valid for the other process, and read thoroughly", async () => {
  const aliased = (folder: string) =>
    large(folder).replace("node: lb01", "node: &n lb01").replace("name: VI_1", "name: *n");
  const { loaded, asked } = await load(aliased, ok({ valid: true, diagnostics: [] }));
  assert.equal(asked, 1);
  assert.ok(loaded.ok);
  assert.equal(loaded.config.instances[0]!.name, "lb01");
});

Deno.test("a small one costs no process, unless something is wrong with it", async () => {
  const problem = { ...FOUND, severity: "error" } as const;
  const wrong = ok({ valid: false, diagnostics: [problem] });
  const small = await load(exampleConfig, wrong);
  assert.deepEqual([small.asked, small.loaded.ok], [0, true]);
  for (const text of ["node: [", "vrid: 3"]) {
    const { loaded, asked } = await load(() => text, wrong);
    assert.equal(asked, 1);
    assert.deepEqual(loaded, { ok: false, diagnostics: [problem] });
  }
});

Deno.test("a reload does not read a keepalived.conf that would hold up adverts", async () => {
  const block = "vrrp_instance VI_1 {\n  interface eth1\n  virtual_router_id 55\n}\n";
  const text = block + "# a comment\n".repeat(100_000);
  const { loaded, asked } = await load(() => text, failed("file_unreadable", "a", "b"));
  assert.equal(asked, 0);
  assert.ok(!loaded.ok);
  const [{ code, message, hint }] = loaded.diagnostics as [LoadDiagnostic];
  assert.deepEqual([code, message], [
    "file_too_large",
    "the file is larger than 1 MiB, so a reload does not read it",
  ]);
  assert.match(hint, /restart vipd/);
});
