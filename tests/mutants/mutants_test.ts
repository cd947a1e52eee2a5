/** The tool itself: what it does with a small repository, and what it leaves behind. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EQUIVALENT, stale } from "./equivalent.ts";
import { isGood, summary, summaryText, survivorText } from "./report.ts";
import { patienceAfter } from "./patience.ts";
import type { Result } from "./result.ts";
import { keepResult, keptResults } from "./results_file.ts";
import { PURE_ROOMS } from "../pure_rooms.ts";
import { SLOW_TESTS, Tree } from "./rooms.ts";
import { run, type RunOptions } from "./run.ts";
import { type Site, sitesOf } from "./sites.ts";
import { Workshop } from "./workshop.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A repository with one file; its test does not look at the bound. */
const WEAK: Readonly<Record<string, string>> = {
  "deno.json": "{}",
  "src/vip/limit.ts": "export function isLow(value: number): boolean {\n  return value < 5;\n}\n",
  "tests/vip/limit_test.ts": `import { isLow } from "../../src/vip/limit.ts";
Deno.test("low", () => {
  if (!isLow(1) || isLow(9)) throw new Error("wrong");
});
`,
};

/** Makes a repository in a temporary folder of its own, next to where the tool makes its copies. */
async function inRepository(
  files: Readonly<Record<string, string>>,
  act: (root: string, workshop: Workshop) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "vipd-mutants-test-" });
  const workshop = new Workshop();
  try {
    await new Deno.Command("git", { args: ["init", "-q"], cwd: root }).output();
    for (const [file, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, file)), { recursive: true });
      await Deno.writeTextFile(join(root, file), text);
    }
    await act(root, workshop);
  } finally {
    await workshop.close();
    await Deno.remove(root, { recursive: true });
  }
}

async function runIn(
  root: string,
  workshop: Workshop,
  options: Partial<RunOptions> = {},
): Promise<Result[]> {
  const { tree = new Tree(root, ["vip"]) } = options;
  const {
    sites = tree.sources("vip").flatMap((file) => sitesOf(file, tree.read(file))),
  } = options;
  return await run({
    ...{ root, equivalent: [], quick: false, jobs: 1, workshop, onResult: () => {} },
    ...options,
    ...{ tree, sites },
  });
}

function outcomesOf(results: readonly Result[]): (readonly [after: string, outcome: string])[] {
  return results.map(({ site, outcome }) => [site.after, outcome]);
}

Deno.test("what a weak test does not notice survives, the rest is caught", async () => {
  await inRepository(WEAK, async (root, workshop) => {
    const results = await runIn(root, workshop);
    assert.deepEqual(results.map(({ site, outcome }) => [site.kind, outcome]), [
      ["comparison", "failed"],
      ["boundary", "survived"],
      ["constant", "survived"],
    ]);
    assert.equal(
      survivorText(results[1]!),
      "src/vip/limit.ts:2  boundary in isLow\n-   return value < 5;\n+   return value <= 5;",
    );
    assert.equal(isGood(results), false);
    assert.deepEqual(results.map(({ noticedBy }) => noticedBy), [
      ...["tests/vip/limit_test.ts: low", null, null],
    ]);
    const text = await Deno.readTextFile(join(root, "src/vip/limit.ts"));
    assert.equal(text, WEAK["src/vip/limit.ts"]);
  });
});

Deno.test("an explained break is not tried", async () => {
  await inRepository(WEAK, async (root, workshop) => {
    const place = { file: "src/vip/limit.ts", function: "isLow", proof: "nobody asks at five" };
    const before = "return value < 5;";
    const results = await runIn(root, workshop, {
      equivalent: [
        { ...place, before, after: "return value <= 5;" },
        { ...place, before, after: "return value < 6;" },
      ],
    });
    const explained = results.filter(({ outcome }) => outcome === "explained");
    assert.deepEqual(explained.map(({ site }) => site.kind), ["boundary", "constant"]);
    assert.ok(isGood(results));
  });
});

Deno.test("what the quick tests do not notice is tried with the slow ones, but for a quick run", async () => {
  const source = "export function low(value: number): boolean {\n  return value < 5;\n}\n";
  const files = {
    "deno.json": "{}",
    "src/vrrp/limit.ts": source,
    "tests/vrrp/limit_test.ts": `import { low } from "../../src/vrrp/limit.ts";
Deno.test("low", () => {
  if (!low(1)) throw new Error("wrong");
});
`,
    "tests/vrrp/simulated_day_test.ts": `import { low } from "../../src/vrrp/limit.ts";
Deno.test("day", () => {
  if (low(5)) throw new Error("wrong");
});
`,
  };
  await inRepository(files, async (root, workshop) => {
    const tree = new Tree(root, ["vrrp"]);
    const sites = sitesOf("src/vrrp/limit.ts", source);
    const seen = async (quick: boolean) => {
      const results = await runIn(root, workshop, { tree, sites, quick });
      return results.map(({ site, noticedBy }) => [site.kind, noticedBy]);
    };
    const [low, day] = ["tests/vrrp/limit_test.ts: low", "tests/vrrp/simulated_day_test.ts: day"];
    assert.deepEqual(await seen(true), [
      ...[["comparison", low], ["boundary", null], ["constant", null]],
    ]);
    assert.deepEqual(await seen(false), [
      ...[["comparison", low], ["boundary", day], ["constant", day]],
    ]);
  });
});

Deno.test("a run that was ended continues: what its file says of a site is not tried again", async () => {
  await inRepository(WEAK, async (root, workshop) => {
    const sites = sitesOf("src/vip/limit.ts", WEAK["src/vip/limit.ts"]!);
    const file = join(workshop.folder, "results.jsonl");
    assert.deepEqual(keptResults(file, sites), []);
    // No test says so; only the file can.
    keepResult(file, { site: sites[0]!, outcome: "survived", noticedBy: null, durationMs: 7 });
    keepResult(file, { site: sites[1]!, outcome: "survived", noticedBy: null, durationMs: 7 });
    keepResult(file, { site: sites[1]!, outcome: "endless", noticedBy: "a", durationMs: 8 });
    keepResult(file, {
      site: { ...sites[2]!, nth: 9 },
      outcome: "endless",
      noticedBy: "a",
      durationMs: 9,
    });
    const tried: Result[] = [];
    const judged = keptResults(file, sites);
    const onResult = (result: Result) => tried.push(result);
    const results = await runIn(root, workshop, { sites, judged, onResult });
    assert.deepEqual(tried.map(({ site, outcome }) => [site.kind, outcome]), [
      ["constant", "survived"],
    ]);
    assert.deepEqual(results.map(({ site, outcome }) => [site.kind, outcome]), [
      ["comparison", "survived"],
      ["boundary", "endless"],
      ["constant", "survived"],
    ]);
  });
});

/** A run in a repository of one file and its test. */
async function outcomesIn(
  source: string,
  test: string,
  options: Partial<RunOptions> = {},
): Promise<Result[]> {
  const files = {
    "deno.json": "{}",
    "src/vip/a.ts": source,
    "tests/vip/a_test.ts": `import * as a from "../../src/vip/a.ts";
function check(isGood: boolean) {
  if (!isGood) throw new Error("wrong");
}
${test}`,
  };
  let results: Result[] = [];
  await inRepository(files, async (root, workshop) => {
    results = await runIn(root, workshop, options);
  });
  return results;
}

const ENDLESS = `export function sum(count: number): number {
  let total = 0;
  while (count > 0) {
    total += 7;
    count -= 1;
  }
  return total;
}
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    resolve();
  });
}
`;

Deno.test("breaks that never end are caught, whether they compute or wait, and the next ones are tried", async () => {
  const test = `Deno.test("sum", () => check(a.sum(3) === 21));
Deno.test("settled", () => a.settled());
`;
  const results = await outcomesIn(ENDLESS, test, {
    patienceOf: (tookMs) => ({ ...patienceAfter(tookMs), processorMs: 500, waitMs: 500 }),
  });
  const endless = results.filter(({ outcome }) => outcome === "endless");
  assert.deepEqual(endless.map(({ site, noticedBy }) => [site.before, site.after, noticedBy]), [
    ["count -= 1;", "", "tests/vip/a_test.ts: sum"],
    ["count -= 1;", "count += 1;", "tests/vip/a_test.ts: sum"],
    ["resolve();", "", "tests/vip/a_test.ts: settled"],
  ]);
  const caught = results.filter(({ outcome }) => outcome === "failed").map(({ site }) =>
    site.after
  );
  assert.ok(caught.includes("total += 8;"), String(caught));
});

Deno.test("what is there while files are loaded is tried from the beginning, and may keep them from loading", async () => {
  const source = `const table = [7, 8];
export const first = table[0];
export const unused = 3;
if (table.length < 2) throw new Error("too short");
`;
  const results = await outcomesIn(source, 'Deno.test("first", () => check(a.first === 7));\n');
  assert.deepEqual(outcomesOf(results), [
    ["const table = [8, 8];", "failed"],
    ["const table = [7, 9];", "survived"],
    ["export const first = table[1];", "failed"],
    ["export const unused = 4;", "survived"],
    ["", "survived"],
    ['if (table.length >= 2) throw new Error("too short");', "failed"],
    ['if (table.length <= 2) throw new Error("too short");', "failed"],
    ['if (table.length < 3) throw new Error("too short");', "failed"],
  ]);
  assert.equal(results.at(-1)!.noticedBy, "tests/vip/a_test.ts");
});

for (
  const [how, reset] of [["stays", ""], ["goes with the next test", "a.reset();"]] as const
) {
  Deno.test(`what a break leaves in a file is not held against the next one: it ${how}`, async () => {
    // Without its last line, the first function spoils what the test of the second one finds when it runs again.
    const source = `let open = 0;
export function use(): void {
  open++;
  open--;
}
export function isFree(): boolean {
  const limit = 5;
  return open === 0 && limit < 9;
}
export function reset(): void {
  open = 0;
}
`;
    const test = `Deno.test("free", () => {
  const isFree = a.isFree();
  ${reset}
  check(isFree);
  a.use();
});
`;
    const results = await outcomesIn(source, test);
    assert.deepEqual(outcomesOf(results).filter(([, outcome]) => outcome !== "survived"), [
      ["let open = 1;", "failed"],
      ["return open !== 0 && limit < 9;", "failed"],
      ["return open === 1 && limit < 9;", "failed"],
      ["return open === 0 && limit >= 9;", "failed"],
    ]);
  });
}

Deno.test("what a file remembers from before does not hide a break", async () => {
  const source = `let made: number | undefined;
export function table(): number {
  made ??= 2 * 3;
  return made;
}
`;
  const results = await outcomesIn(source, 'Deno.test("table", () => check(a.table() === 6));\n');
  assert.deepEqual(outcomesOf(results), [
    ["", "failed"],
    ["made ??= 2 / 3;", "failed"],
    ["made ??= 3 * 3;", "failed"],
    ["made ??= 2 * 4;", "failed"],
  ]);
});

Deno.test("a break is tried again by itself where that is wanted, and this counts", async () => {
  // A test that fails at every second run looks like one that notices the second break.
  const source = "export const both = () => [1, 2];\n";
  const test = `let runs = 0;
Deno.test("alternating", () => {
  a.both();
  check(++runs % 2 === 1);
});
`;
  const seen = async (check: boolean) =>
    (await outcomesIn(source, test, { check })).map(({ outcome, before }) => [outcome, before]);
  assert.deepEqual(await seen(false), [["survived", undefined], ["failed", undefined]]);
  assert.deepEqual(await seen(true), [["survived", undefined], ["survived", "failed"]]);
});

Deno.test("tests that fail without any break say nothing: the run ends", async () => {
  const failing = { ...WEAK, "tests/vip/other_test.ts": 'throw new Error("always");\n' };
  await inRepository(failing, async (root, workshop) => {
    await assert.rejects(
      runIn(root, workshop),
      /without any break, tests\/vip\/other_test.ts: always/,
    );
  });
});

Deno.test("an entry of equivalent.ts that fits no site is stale", () => {
  const sites = sitesOf("src/vip/limit.ts", WEAK["src/vip/limit.ts"]!);
  const [file, before, after] = ["src/vip/limit.ts", "return value < 5;", "return value <= 5;"];
  const entry = { file, function: "isLow", before, after, proof: "" };
  const wrong = [
    { ...entry, file: "src/vip/other.ts" },
    { ...entry, function: "isHigh" },
    { ...entry, before: "return value < 4;" },
    { ...entry, after: "return value <= 4;" },
  ];
  assert.deepEqual(stale([entry, ...wrong], sites), wrong);
});

Deno.test("no entry of equivalent.ts is stale, and each is there once, with a sentence", () => {
  const tree = new Tree(ROOT);
  const files = new Set(EQUIVALENT.map(({ file }) => file));
  const sites = [...files].flatMap((file) => sitesOf(file, tree.read(file)));
  assert.deepEqual(stale(EQUIVALENT, sites), []);
  const names = EQUIVALENT.map(({ proof: _, ...name }) => JSON.stringify(name));
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(EQUIVALENT.filter(({ proof }) => !/^[A-Z].{20,}\.$/.test(proof)), []);
});

Deno.test("the tests of a file: those that import it, its room, other rooms, the slow ones", () => {
  const tree = new Tree(ROOT);
  const ofTimers = tree.quickTests("src/vrrp/timers.ts");
  assert.equal(ofTimers[0], "tests/vrrp/timers_test.ts");
  assert.ok(ofTimers.includes("tests/vrrp/priority_test.ts"));
  const slow = tree.slowTests("src/vrrp/timers.ts");
  assert.ok(slow.includes("tests/vrrp/simulated_day_test.ts"));
  assert.ok(slow.every((test) => !ofTimers.includes(test)));
  const ofPackets = tree.quickTests("src/wire/vrrp.ts");
  const [near, ofRoom, elsewhere] = ["wire/vrrp", "wire/filters/bpf", "monitor/monitor"]
    .map((test) => ofPackets.indexOf(`tests/${test}_test.ts`));
  assert.ok(near === 0 && ofRoom! > near && elsewhere! > ofRoom!);
  assert.ok(tree.quickTests("src/recording/line.ts").includes("tests/replay/replay_test.ts"));
  for (const room of PURE_ROOMS) {
    for (const file of tree.sources(room)) {
      const tests = tree.quickTests(file);
      assert.equal(new Set(tests).size, tests.length, file);
      assert.ok(tests.some((test) => test.startsWith(`tests/${room}/`)), file);
    }
  }
  for (const test of SLOW_TESTS) assert.ok(Deno.statSync(join(ROOT, test)).isFile);
});

Deno.test("more than one unexplained survivor in twenty is too many", () => {
  const results = (survivors: number): Result[] =>
    Array.from({ length: 40 }, (_, number) => ({
      site: { file: number < 30 ? "src/wire/a.ts" : "src/node/b.ts" } as Site,
      outcome: number < survivors ? "survived" : number === 39 ? "explained" : "failed",
      noticedBy: null,
      durationMs: 500,
    }));
  assert.equal(isGood(results(2)), true);
  assert.equal(isGood(results(3)), false);
  assert.equal(
    summaryText(summary(results(3))),
    `                breaks    caught  survived explained   seconds
node                10         9         0         1         5
wire                30        27         3         0        15
all                 40        36         3         1        20`,
  );
});

Deno.test("an interrupted run leaves nothing behind", async () => {
  // It can be removed at the end only if it is empty.
  const temporary = await Deno.makeTempDir({ prefix: "vipd-mutants-test-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "tests/mutants/main.ts"), "--room", "vip", "--jobs", "1"],
    env: { TMPDIR: temporary },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  while (!isCopied(temporary)) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  await output.cancel();
  assert.equal((await child.status).code, 130);
  await Deno.remove(temporary);
});

/** Whether the tool, whose temporary folder this is, has begun with the tests in its copy. */
function isCopied(temporary: string): boolean {
  const [folder] = Deno.readDirSync(temporary);
  if (folder === undefined) return false;
  const cache = join(temporary, folder.name, "cache");
  return Array.from(Deno.readDirSync(cache)).some(({ name }) => name !== "npm");
}
