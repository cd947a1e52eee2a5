/** The tool itself: what it does with a small repository, and what it leaves behind. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EQUIVALENT, stale } from "./equivalent.ts";
import { isGood, summary, summaryText, survivorText } from "./report.ts";
import { keepResult, keptResults } from "./results_file.ts";
import { PURE_ROOMS } from "../pure_rooms.ts";
import { SLOW_TESTS, Tree } from "./rooms.ts";
import { type Result, run } from "./run.ts";
import { type Site, sitesOf } from "./sites.ts";
import { leftMs, Workshop } from "./workshop.ts";

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
  equivalent: typeof EQUIVALENT = [],
): Promise<Result[]> {
  const tree = new Tree(root, ["vip"]);
  const sites = tree.sources("vip").flatMap((file) => sitesOf(file, tree.read(file)));
  return await run({
    root,
    tree,
    sites,
    equivalent,
    quick: false,
    jobs: 1,
    workshop,
    onResult: () => {},
  });
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
    for (const tree of [root, join(workshop.folder, "0")]) {
      const text = await Deno.readTextFile(join(tree, "src/vip/limit.ts"));
      assert.equal(text, WEAK["src/vip/limit.ts"]);
    }
  });
});

Deno.test("an explained break is not tried", async () => {
  await inRepository(WEAK, async (root, workshop) => {
    const place = { file: "src/vip/limit.ts", function: "isLow", proof: "nobody asks at five" };
    const before = "return value < 5;";
    const results = await runIn(root, workshop, [
      { ...place, before, after: "return value <= 5;" },
      { ...place, before, after: "return value < 6;" },
    ]);
    const explained = results.filter(({ outcome }) => outcome === "explained");
    assert.deepEqual(explained.map(({ site }) => site.kind), ["boundary", "constant"]);
    assert.ok(isGood(results));
  });
});

Deno.test("a run that was ended continues: what its file says of a site is not tried again", async () => {
  await inRepository(WEAK, async (root, workshop) => {
    const sites = sitesOf("src/vip/limit.ts", WEAK["src/vip/limit.ts"]!);
    const file = join(workshop.folder, "results.jsonl");
    assert.deepEqual(keptResults(file, sites), []);
    // No test says so; only the file can.
    keepResult(file, { site: sites[0]!, outcome: "survived", durationMs: 7 });
    keepResult(file, { site: sites[1]!, outcome: "survived", durationMs: 7 });
    keepResult(file, { site: sites[1]!, outcome: "endless", durationMs: 8 });
    keepResult(file, { site: { ...sites[2]!, nth: 9 }, outcome: "endless", durationMs: 9 });
    const tried: Result[] = [];
    const results = await run({
      ...{ root, tree: new Tree(root, ["vip"]), sites, equivalent: [], quick: false, jobs: 1 },
      ...{ judged: keptResults(file, sites), workshop, onResult: (result) => tried.push(result) },
    });
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

Deno.test("a break that never ends is caught, and so is one that does not load", async () => {
  const endless = `export const table = [7, 8];
export function sum(count: number): number {
  let total = 0;
  while (count > 0) {
    total += table[0]!;
    count -= 1;
  }
  return total;
}
if (table.length < 2) throw new Error("too short");
`;
  const test = `import { sum } from "../../src/vip/loop.ts";
Deno.test("sum", () => {
  if (sum(3) !== 21) throw new Error("wrong");
});
`;
  const files = { "deno.json": "{}", "src/vip/loop.ts": endless, "tests/vip/loop_test.ts": test };
  await inRepository(files, async (root, workshop) => {
    const sites = sitesOf("src/vip/loop.ts", endless);
    const breakOf = (after: string) => sites.find((site) => site.after === after)!;
    const bench = workshop.copyOf(root);
    const calls = [{ tests: ["tests/vip/loop_test.ts"], cpuLimitS: 2 }];
    assert.equal(await bench.test(calls), "survived");
    assert.equal(await bench.try(breakOf("count += 1;"), calls), "endless");
    const unloadable = breakOf('if (table.length >= 2) throw new Error("too short");');
    assert.equal(await bench.try(unloadable, calls), "failed");
    assert.equal(await bench.test(calls), "survived");
  });
});

Deno.test("a call may take ten minutes, without those in which the machine kept it from running", () => {
  const minutes = (elapsed: number, waited: number) =>
    leftMs(elapsed * 60_000, waited * 60_000) / 60_000;
  assert.equal(minutes(10, 0), 0);
  assert.equal(minutes(10, 9.5), 9.5);
  assert.equal(minutes(19.5, 9.5), 0);
});

Deno.test("tests that fail without any break say nothing: the run ends", async () => {
  const failing = { ...WEAK, "tests/vip/other_test.ts": 'throw new Error("always");\n' };
  await inRepository(failing, async (root, workshop) => {
    await assert.rejects(runIn(root, workshop), /tests of vip without any break: failed/);
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
  const { tests: nearTimers } = tree.nearTests("src/vrrp/timers.ts");
  assert.equal(nearTimers[0], "tests/vrrp/timers_test.ts");
  assert.ok(nearTimers.length <= 3, "few are tried before the room");
  const { tests: ofTimers } = tree.quickTests("src/vrrp/timers.ts");
  assert.equal(ofTimers[0], "tests/vrrp/timers_test.ts");
  assert.ok(ofTimers.includes("tests/vrrp/priority_test.ts"));
  assert.ok(
    tree.slowTests("src/vrrp/timers.ts").tests.includes("tests/vrrp/simulated_day_test.ts"),
  );
  const { tests: ofPackets } = tree.quickTests("src/wire/vrrp.ts");
  const [near, ofRoom, elsewhere] = ["wire/vrrp", "wire/filters/bpf", "monitor/monitor"]
    .map((test) => ofPackets.indexOf(`tests/${test}_test.ts`));
  assert.ok(near === 0 && ofRoom! > near && elsewhere! > ofRoom!);
  for (const room of PURE_ROOMS) {
    for (const file of tree.sources(room)) {
      const { tests } = tree.quickTests(file);
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
