/**
 * Four of the files that `deno task test:import` compares: keepalived on one node and vipd's import on the other, both
 * ways round, look the same from outside. Needs root or user namespaces, and keepalived.
 */

import { atOnce, type Step } from "../at_once.ts";
import { behavesAlike } from "./imported/behaviour.ts";
import { CASES } from "./imported/cases.ts";

Deno.test("an import behaves as keepalived does with the file", async (t) => {
  const steps = CASES.filter(({ inCi }) => inCi).map((each): Step => [
    each.name,
    () => behavesAlike(each),
  ]);
  await atOnce(t, steps);
});
