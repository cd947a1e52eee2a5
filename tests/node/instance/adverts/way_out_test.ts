/** What is known of a machine's own firewall: from adverts, from questions, and until when. */

import assert from "node:assert/strict";
import { WayOut } from "../../../../src/node/instance/adverts/way_out.ts";

const EPERM = { code: "EPERM", message: "a firewall drops it" };
const ENOBUFS = { code: "ENOBUFS", message: "the interface drops it" };
const ENETDOWN = { code: "ENETDOWN", message: "no link" };

type Step = (way: WayOut) => void;

const fails: Step = (way) => way.sent({ left: false, error: EPERM });
const leaves: Step = (way) => way.sent({ left: true, error: null });
const asksWell: Step = (way) => way.answered(null);
const asksBadly: Step = (way) => way.answered(EPERM);

const CASES: readonly (readonly [string, readonly Step[], boolean])[] = [
  ["nothing is known", [], false],
  ["an advert is dropped", [fails], true],
  ["an advert that leaves ends that", [fails, leaves], false],
  ["a question is dropped", [asksBadly], true],
  ["one that is not ends that", [asksBadly, asksWell], false],
  ["and that a dropped advert knew, too", [fails, asksBadly, asksWell], false],
  ["in any order", [asksBadly, fails, asksWell], false],
  ["a question that never saw the rule knows nothing of it", [fails, asksWell], true],
  ["without a link nothing is known of the firewall", [
    (way) => way.sent({ left: false, error: ENETDOWN }),
    (way) => way.answered(ENETDOWN),
  ], false],
  ["and what is known stands", [asksBadly, (way) => way.answered(ENETDOWN)], true],
  ["the interface drops one: it passed the firewall's output chains", [
    asksBadly,
    (way) => way.sent({ left: false, error: ENOBUFS }),
  ], false],
  ["one of several peers gets it", [fails, (way) => way.sent({ left: true, error: EPERM })], false],
];

for (const [name, steps, blocked] of CASES) {
  Deno.test(`the way out: ${name}`, () => {
    const way = new WayOut();
    for (const step of steps) step(way);
    assert.equal(way.problem, blocked ? EPERM.message : null);
  });
}
