/**
 * The process in which tests run: it loads test files of the copy in which it stands, and runs their tests with one
 * break or another, as it is asked.
 *
 * @module
 */

import { connect } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { Answer, BenchStart, Order, TestName } from "./messages.ts";
import { collectTests, failureOf, testsOf } from "./registered_tests.ts";
import { takeAsked, tryBreak } from "./switchboard.ts";

const { socket, count, number: always }: BenchStart = JSON.parse(Deno.args[0]!);
const loaded = new Map<string, Awaited<ReturnType<typeof testsOf>>>();

collectTests();
tryBreak(always, count);
const channel = connect(socket);
for await (const line of createInterface({ input: channel })) {
  channel.write(`${JSON.stringify(await answerTo(JSON.parse(line)))}\n`);
}
// The copy is gone, or nobody asks any more.
Deno.exit();

async function answerTo(order: Order): Promise<Answer> {
  let tests: TestName[] = [];
  let problem: unknown = null;
  if (order.kind === "load") {
    try {
      tests = await load(order.file);
    } catch (error) {
      problem = error;
    }
  } else {
    tryBreak(order.number, count);
    problem = await failureOf(loaded.get(order.test.file)![order.test.at]!);
    tryBreak(always, count);
  }
  return { problem: problem === null ? null : textOf(problem), reached: takeAsked(), tests };
}

async function load(file: string): Promise<TestName[]> {
  const tests = await testsOf(() => import(pathToFileURL(resolve(file)).href));
  loaded.set(file, tests);
  return tests.map(({ name }, at) => ({ file, at, name }));
}

function textOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
