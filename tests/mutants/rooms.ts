/** The rooms whose code is broken, and the tests that must notice. */

import { basename, dirname, join, normalize, relative } from "node:path";
import { PURE_ROOMS } from "../pure_rooms.ts";

/** Test files that take longer than the others of their room together: only breaks that those do not notice are tried with them. */
export const SLOW_TESTS: readonly string[] = [
  "tests/vrrp/hostile_packets_test.ts",
  "tests/vrrp/simulated_day_test.ts",
  "tests/node/instance/last_resort_causes_test.ts",
  "tests/node/split_brain/changed_address_test.ts",
  "tests/node/instance/goodbye_order_test.ts",
];

/** Test files of rooms that stand elsewhere: what is recorded shows its worth where it is replayed. */
const TESTS_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  recording: ["tests/replay/replay_test.ts"],
};

/** A repository, or a copy of one. */
export class Tree {
  readonly #root: string;
  /** The test files of the rooms with the files that each imports, all below the root. */
  readonly #tests: ReadonlyMap<string, readonly string[]>;

  constructor(root: string, rooms: readonly string[] = PURE_ROOMS) {
    this.#root = root;
    const tests = rooms.flatMap((room) => [
      ...this.#files(join("tests", room)).filter((file) => file.endsWith("_test.ts")),
      ...TESTS_ELSEWHERE[room] ?? [],
    ]);
    this.#tests = new Map(tests.map((file) => [file, importsOf(file, this.read(file))]));
  }

  /** The source files of a room. */
  sources(room: string): string[] {
    return this.#files(join("src", room));
  }

  read(file: string): string {
    return Deno.readTextFileSync(join(this.#root, file));
  }

  /**
   * The test files that may notice a break of this file, the most likely first: those of its room that import it, the
   * others of its room, wherever they stand, and those of other rooms that import it.
   */
  quickTests(file: string): string[] {
    const quick = [...this.#tests.keys()].filter((test) => !SLOW_TESTS.includes(test));
    const ofRoom = quick.filter((test) => roomOf(test) === roomOf(file));
    const elsewhere = TESTS_ELSEWHERE[roomOf(file)] ?? [];
    const direct = quick.filter((test) => this.#tests.get(test)!.includes(file));
    const near = ofRoom.filter((test) => direct.includes(test));
    return [...new Set([...sameNameFirst(near, file), ...ofRoom, ...elsewhere, ...direct])];
  }

  /** The slow tests of the room of this file, for what the others do not notice. */
  slowTests(file: string): string[] {
    return SLOW_TESTS.filter((test) => this.#tests.has(test) && roomOf(test) === roomOf(file));
  }

  #files(folder: string): string[] {
    return Array.from(Deno.readDirSync(join(this.#root, folder))).flatMap(({ name, isDirectory }) =>
      isDirectory
        ? this.#files(join(folder, name))
        : name.endsWith(".ts")
        ? [join(folder, name)]
        : []
    ).sort();
  }
}

/** The room of a source file or of a test. */
export function roomOf(file: string): string {
  return file.split("/")[1]!;
}

function importsOf(file: string, text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s(?:[^"';]*?from\s+)?"(\.[^"]+)"/gm);
  return Array.from(
    statements,
    ([, specifier]) => relative(".", normalize(join(dirname(file), specifier!))),
  );
}

/** The tests with `timers_test.ts` before the others if the file is `timers.ts`. */
function sameNameFirst(tests: readonly string[], file: string): string[] {
  const name = basename(file).replace(/\.ts$/, "_test.ts");
  return [...tests].sort((a, b) => Number(basename(b) === name) - Number(basename(a) === name));
}
