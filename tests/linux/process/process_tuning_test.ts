/**
 * What the kernel grants of `process`, and to whom. As root: nobody else has CAP_SYS_NICE.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ProcessConfig } from "../../../src/config/model.ts";

const FIXTURE = fileURLToPath(new URL("fixtures/tuned_process.ts", import.meta.url));

/** Without CAP_SYS_NICE, and with limits that allow nothing (getrlimit(2)). */
const WITHOUT_POWERS = [
  ...["prlimit", "--rtprio=0", "--nice=0"],
  ...["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"],
];

async function tuned(wanted: ProcessConfig, through: readonly string[] = []) {
  const fixture = ["run", "--allow-all", "--no-check", FIXTURE, JSON.stringify(wanted)];
  const [program, ...args] = [...through, Deno.execPath(), ...fixture];
  const { code, stdout, stderr } = await new Deno.Command(program!, { args }).output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const ORDINARY = "policy 0, priority 0, nice 0";

const ofAll = (treatment: string) => [`JavaScript: ${treatment}`, `others: ${treatment}`];

for (
  const { realtimePriority, javascript } of [
    { realtimePriority: 10, javascript: 9 },
    { realtimePriority: 1, javascript: 1 },
  ]
) {
  Deno.test({
    name: `priority ${realtimePriority}: every thread is a real-time one and no program that is ` +
      "started; JavaScript waits for the others one below them",
    ignore: Deno.uid() !== 0,
    async fn() {
      const { status, problems, threads, later, program } = await tuned({ realtimePriority });
      deepStrictEqual(problems, []);
      deepStrictEqual(status, { realtime_priority: realtimePriority, nice: null });
      deepStrictEqual(threads, [
        `JavaScript: policy 2, priority ${javascript}, nice 0`,
        `others: policy 2, priority ${realtimePriority}, nice 0`,
      ]);
      deepStrictEqual(later, threads, "threads that came later");
      strictEqual(program, ORDINARY);
    },
  });
}

Deno.test({
  name: "a nice value below 0 is that of every thread, and of no program that is started",
  ignore: Deno.uid() !== 0,
  async fn() {
    const found = await tuned({ nice: -10 });
    deepStrictEqual(found.problems, []);
    deepStrictEqual(found.status, { realtime_priority: null, nice: -10 });
    deepStrictEqual(found.threads, ofAll("policy 0, priority 0, nice -10"));
    deepStrictEqual(found.later, found.threads);
    strictEqual(found.program, ORDINARY);
  },
});

Deno.test({
  name: "what the kernel refuses is told with its remedy, and nothing changes",
  ignore: Deno.uid() !== 0,
  async fn() {
    const found = await tuned({ realtimePriority: 10, nice: -10 }, WITHOUT_POWERS);
    deepStrictEqual(found.status, { realtime_priority: null, nice: null });
    match(
      found.problems[0],
      /^process\.nice is not in force \(setpriority: EACCES\): .*LimitNICE=/,
    );
    match(
      found.problems[1],
      /^process\.realtime_priority .*EPERM.*LimitRTPRIO=10.*RestrictRealtime/,
    );
    strictEqual(found.problems.length, 2);
    deepStrictEqual(found.threads, ofAll(ORDINARY));
  },
});
