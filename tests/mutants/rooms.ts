/** The rooms whose code is broken, and the tests that must notice. */

import { basename, dirname, join, normalize, relative } from "node:path";
import { PURE_ROOMS } from "../pure_rooms.ts";

/** Test files that take longer than the others of their room together: they run last, the longest at the end. */
export const SLOW_TESTS: readonly string[] = [
  "tests/vrrp/hostile_packets_test.ts",
  "tests/vrrp/simulated_day_test.ts",
  "tests/node/instance/last_resort_causes_test.ts",
  "tests/node/split_brain/changed_address_test.ts",
  "tests/node/instance/goodbye_order_test.ts",
];

/** How many test files are tried before the whole room. */
const NEAR_TESTS = 3;

/** Test files that run together, in this order, and for how long they may compute: several times what they need. */
export interface TestCall {
  readonly tests: readonly string[];
  readonly cpuLimitS: number;
}

/** A repository, or a copy of one. */
export class Tree {
  readonly #root: string;
  /** The test files of the rooms with the files that each imports, all below the root. */
  readonly #tests: ReadonlyMap<string, readonly string[]>;

  constructor(root: string, rooms: readonly string[] = PURE_ROOMS) {
    this.#root = root;
    const tests = rooms.flatMap((room) => this.#files(join("tests", room)))
      .filter((file) => file.endsWith("_test.ts"));
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
   * The tests that notice most breaks of this file: at most {@link NEAR_TESTS} of its room that import it. To load them
   * takes a small part of the time that all of {@link quickTests} take.
   */
  nearTests(file: string): TestCall {
    const near = [...this.#tests].filter(([test, imports]) =>
      !SLOW_TESTS.includes(test) && roomOf(test) === roomOf(file) && imports.includes(file)
    ).map(([test]) => test);
    return { tests: sameNameFirst(near, file).slice(0, NEAR_TESTS), cpuLimitS: 45 };
  }

  /**
   * The tests that may notice a break of this file, in the order in which they are run: those of its room that import
   * it, the others of its room, and those of other rooms that import it.
   */
  quickTests(file: string): TestCall {
    const quick = [...this.#tests.keys()].filter((test) => !SLOW_TESTS.includes(test));
    const ofRoom = quick.filter((test) => roomOf(test) === roomOf(file));
    const direct = quick.filter((test) => this.#tests.get(test)!.includes(file));
    const near = ofRoom.filter((test) => direct.includes(test));
    const tests = new Set([...sameNameFirst(near, file), ...ofRoom, ...direct]);
    return { tests: [...tests], cpuLimitS: 180 };
  }

  /** The slow tests of the room of this file. */
  slowTests(file: string): TestCall {
    const tests = SLOW_TESTS.filter((test) =>
      this.#tests.has(test) && roomOf(test) === roomOf(file)
    );
    return { tests, cpuLimitS: 240 };
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
