/**
 * Which files of tests have the machine for themselves, and which begin first.
 *
 * The rule: a file has the machine for itself if it fails when a process waits for a third of a second, or if it keeps a
 * processor busy. All others run side by side: each makes hosts of its own (lab/host.ts), which share no address, port,
 * name or file under /run with those of another file, and what they wait for has a margin for a busy machine.
 *
 * @module
 */

/** So many files run side by side. They wait most of the time: each keeps less than half a processor busy. */
export const AT_A_TIME = 3;

/** A file, and why nothing else runs next to it. */
export const ALONE: Readonly<Record<string, string>> = {
  "tests/interop/matrix_test.ts":
    "eight pairs at the same time, where nobody may hold an address for 100 ms at most",
  "tests/frozen/machine/walks_test.ts": "eight pairs at the same time, which keep a processor busy",
  "tests/e2e/stalled_test.ts": "an advert each 100 ms: a backup takes over after 360 ms",
  "tests/e2e/own_address_test.ts":
    "many pairs at the same time, and an address must be back within 100 ms",
  "tests/interop/failing_checks_test.ts":
    "a check each 200 ms, and nobody may answer for 250 ms at most",
  "tests/e2e/claims_test.ts": "an advert each 100 ms: a backup takes over after 360 ms",
  "tests/outside/outside_test.ts": "an advert each 100 ms: a backup takes over after 360 ms",
  "tests/interop/imported_behaviour_test.ts":
    "an advert each 100 ms: a backup takes over after 360 ms, and eight pairs at the same time",
  "tests/e2e/goodbye_test.ts": "it looks every 2 ms who has the address, on many pairs",
  "tests/e2e/executable_test.ts": "it measures how long the executable takes to start",
  "tests/e2e/reload_test.ts": "no advert of a reloading node may be late by 200 ms",
};

/**
 * Files that need hardly any processor, because they wait for what takes its time, and that stand a busy machine: one at a
 * time they run next to the others, so that they make nothing longer.
 */
export const QUIET: readonly string[] = [
  "tests/e2e/vrrp_blocked_test.ts",
  "tests/e2e/planned_work_test.ts",
];

/** The longest ones of the others, which begin first: what begins last and takes long runs next to nothing. */
export const FIRST: readonly string[] = [
  "tests/e2e/fresh_pair_test.ts",
  "tests/page/page_test.ts",
  "tests/e2e/link_test.ts",
  "tests/interop/previous_version_test.ts",
  "tests/e2e/verdict_test.ts",
  "tests/e2e/walk_test.ts",
];

/** Files that run one after the other, or some at a time. */
export interface Round {
  readonly files: readonly string[];
  readonly atATime: number;
  /** Files that run one after the other next to those. */
  readonly quiet: readonly string[];
}

/** The rounds in which files of tests run, one after the other; each file is in one of them. */
export function roundsOf(files: readonly string[]): readonly Round[] {
  const listed = [...FIRST, ...QUIET, ...Object.keys(ALONE)];
  const others = files.filter((file) => !listed.includes(file));
  const among = (list: readonly string[]) => list.filter((file) => files.includes(file));
  return [
    { files: [...among(FIRST), ...others], atATime: AT_A_TIME, quiet: among(QUIET) },
    { files: files.filter((file) => file in ALONE), atATime: 1, quiet: [] },
  ];
}
