/** Who waits for the end of a mastership, and what they hear. */

import assert from "node:assert/strict";
import { Departure } from "../../../src/node/instance/departure.ts";

/** A way out, and what was heard of it. */
function departing() {
  const heard: string[] = [];
  const departure = new Departure();
  return {
    ...{ departure, heard },
    handOver: (who = "") => departure.awaitHandOver((outcome) => heard.push(`${who}${outcome}`)),
    stop: (who = "stopped", cause = "") => departure.stop(() => heard.push(who), cause),
  };
}

Deno.test("a hand-over ends once, as it went, and an instance that stops has obeyed nobody", () => {
  const rows = [
    [true, false, false, "taken"],
    [false, true, false, "nobody"],
    [false, false, false, "superseded"],
    [true, false, true, "superseded"],
    [false, true, true, "nobody"],
  ] as const;
  for (const [taken, nobodyCame, stops, outcome] of rows) {
    const { departure, heard, handOver, stop } = departing();
    const ended = { kind: "handOverEnded", taken, nobodyCame } as const;
    departure.handOverEnded(ended);
    handOver();
    if (stops) stop();
    for (let times = 0; times < 2; times++) departure.handOverEnded(ended);
    assert.deepEqual(heard, [outcome]);
  }
});

Deno.test("a stop ends in init, once, for the one that stopped it last", () => {
  const { departure, heard, stop } = departing();
  departure.settle("init");
  assert.deepEqual([departure.stopping, departure.cause], [false, ""]);
  stop("first", "it is removed");
  assert.deepEqual([departure.stopping, departure.cause], [true, "it is removed"]);
  for (const state of ["master", "backup", "fault"] as const) departure.settle(state);
  assert.deepEqual(heard, []);
  stop("second", "");
  assert.equal(departure.cause, "");
  departure.settle("init");
  departure.settle("init");
  assert.deepEqual(heard, ["second"]);
});

Deno.test("one that is abandoned stops too, and nobody waits for it", () => {
  const { departure, heard } = departing();
  departure.abandon();
  departure.settle("init");
  assert.deepEqual([departure.stopping, heard], [true, []]);
});
