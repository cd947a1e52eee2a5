/** Who must go when there is no place left, on a clock that the test sets. */

import assert from "node:assert/strict";
import {
  Connections,
  type ConnectionsClock,
  type Place,
} from "../../../src/front/server/connections.ts";

class FakeClock implements ConnectionsClock {
  ms = 0;
  sweep: (() => void) | null = null;

  nowMs(): number {
    return this.ms;
  }

  every(_ms: number, act: () => void): () => void {
    this.sweep = act;
    return () => this.sweep = null;
  }
}

interface Named {
  readonly place: Place;
  readonly ended: () => boolean;
}

/** Eight places, two of them for clients with a token. */
function setUp() {
  const clock = new FakeClock();
  const limits = {
    connections: 8,
    trustedConnections: 2,
    settleMs: 100,
    waitingOctets: 1000,
  };
  const connections = new Connections(limits, clock);
  const come = (source: string): Named => {
    let ended = false;
    const place = connections.admit(source, () => ended = true);
    return { place, ended: () => ended };
  };
  /** Time enough for everybody to have said something. */
  const settle = () => {
    clock.ms += limits.settleMs;
    for (let look = 0; look < 3; look++) {
      clock.ms++;
      connections.looked();
    }
  };
  /** Six of six sources, who are not new any more. */
  const fill = () => {
    const all = ["a", "b", "c", "d", "e", "f"].map(come);
    settle();
    return all;
  };
  const endedOf = (all: readonly Named[]) => all.flatMap(({ ended }, at) => ended() ? [at] : []);
  return { clock, connections, come, fill, settle, endedOf };
}

Deno.test("a newcomer takes the place of the one that has waited longest", () => {
  const { connections, come, fill, endedOf } = setUp();
  const all = fill();
  all[0]!.place.enter("idle");
  come("g");
  assert.deepEqual(endedOf(all), [1]);
  come("h");
  assert.deepEqual(endedOf(all), [1, 2]);
  assert.equal(connections.open, 6);
});

Deno.test("who waits for nothing goes first, who is being answered last, newcomers in between", () => {
  const { come, fill, endedOf } = setUp();
  const all = fill();
  const phases = ["handling", "body", "writing", "lingering", "head", "idle"] as const;
  for (const [at, phase] of phases.entries()) all[at]!.place.enter(phase);
  const order: number[] = [];
  const newcomers: Named[] = [];
  for (let time = 0; time < 6; time++) {
    newcomers.push(come(`new ${time}`));
    order.push(...endedOf(all).filter((at) => !order.includes(at)));
  }
  assert.deepEqual(order, [3, 4, 5, 1, 2]);
  // Before the one that is being answered.
  assert.deepEqual(endedOf(newcomers), [0]);
});

Deno.test("who has shown a token stays, as long as there are places that are kept for such", () => {
  const { connections, come, fill, endedOf } = setUp();
  const all = fill();
  for (const at of [0, 1, 2]) all[at]!.place.trust();
  assert.deepEqual(all.slice(0, 3).map(({ place }) => place.trusted), [true, true, false]);
  // Two of the six are not counted any more.
  come("g");
  come("h");
  assert.deepEqual(endedOf(all), []);
  assert.equal(connections.open, 8);
  for (let time = 0; time < 4; time++) come(`new ${time}`);
  assert.deepEqual(endedOf(all), [2, 3, 4, 5]);
  for (let time = 0; time < 20; time++) come(`newer ${time}`);
  assert.deepEqual(endedOf(all), [2, 3, 4, 5]);
  // A place that is kept becomes free, and another one can have it.
  all[0]!.place.leave();
  const late = come("late");
  late.place.trust();
  assert.equal(late.place.trusted, true);
});

Deno.test("the source that has most connections gives one up, whatever the others do", () => {
  const { come, settle, endedOf } = setUp();
  const others = [come("a"), come("b")];
  for (const { place } of others) place.enter("idle");
  const flood = Array.from({ length: 4 }, () => come("flood"));
  settle();
  for (const { place } of flood) place.enter("writing");
  flood.push(...Array.from({ length: 10 }, () => come("flood")));
  assert.deepEqual(endedOf(others), []);
  assert.deepEqual(endedOf(flood), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("who is being answered stays while others can be spared, even of another source", () => {
  const { come, settle, endedOf } = setUp();
  const busy = Array.from({ length: 4 }, () => come("busy"));
  for (const { place } of busy) place.enter("handling");
  const idle = [come("a"), come("b")];
  settle();
  come("c");
  come("d");
  assert.deepEqual([endedOf(busy), endedOf(idle)], [[], [0, 1]]);
});

Deno.test("connections with a token do not count for their source", () => {
  const { come, settle, endedOf } = setUp();
  const all = [...Array.from({ length: 3 }, () => come("a")), ...["b", "b", "b"].map(come)];
  for (const at of [0, 1]) all[at]!.place.trust();
  settle();
  for (const source of ["c", "d"]) come(source);
  come("e");
  assert.deepEqual(endedOf(all), [3]);
});

Deno.test("nobody gets in while all who would have to go have only just come", () => {
  const { clock, connections, come, settle } = setUp();
  assert.equal(connections.fullForMs(), 0);
  const all = ["a", "b", "c", "d", "e", "f"].map(come);
  assert.equal(connections.fullForMs(), 100);
  clock.ms = 60;
  assert.equal(connections.fullForMs(), 40);
  all[0]!.place.enter("handling");
  settle();
  assert.equal(connections.fullForMs(), 0);
  all[1]!.place.leave();
  assert.equal(connections.fullForMs(), 0);
  // One that is being answered is there for long, the others are new.
  for (const { place } of all.slice(2)) place.leave();
  for (const source of ["b", "c", "d", "e", "f"]) come(source);
  assert.equal(connections.fullForMs(), 100);
});

Deno.test("newcomers do not wash each other away while others do not read", () => {
  const { clock, connections, come, fill, endedOf } = setUp();
  for (const { place } of fill()) place.enter("writing");
  const newcomer = come("new");
  for (let time = 0; time < 4; time++) {
    assert.equal(connections.fullForMs(), 0);
    come(`newer ${time}`);
  }
  assert.deepEqual(endedOf([newcomer]), []);
  clock.ms += 10;
  come("the sixth");
  assert.equal(connections.fullForMs(), 90);
  assert.deepEqual(endedOf([newcomer]), []);
});

Deno.test("however late the program is, newcomers are heard before they are given up", () => {
  const { clock, connections, come } = setUp();
  for (const source of ["a", "b", "c", "d", "e", "f"]) come(source);
  clock.ms = 10_000;
  for (let look = 0; look < 3; look++) {
    assert.equal(connections.fullForMs(), 1);
    clock.ms += 1;
    connections.looked();
    // Another listener tells of the same look.
    connections.looked();
  }
  assert.equal(connections.fullForMs(), 0);
});

Deno.test("what is over its time is ended, and nothing else", () => {
  const { clock, connections, fill, endedOf } = setUp();
  const all = fill();
  all[0]!.place.enter("head", 500);
  all[1]!.place.enter("idle", 1000);
  all[2]!.place.enter("handling");
  all[3]!.place.enter("head", 500);
  /** The sweeps of so many milliseconds. */
  const pass = (ms: number) => {
    for (let swept = 0; swept < ms; swept += 250) clock.sweep?.();
  };
  pass(500);
  // It has said the rest of its head.
  all[3]!.place.enter("handling");
  assert.deepEqual(endedOf(all), []);
  pass(250);
  assert.deepEqual(endedOf(all), [0]);
  pass(250);
  assert.deepEqual(endedOf(all), [0]);
  pass(250);
  assert.deepEqual(endedOf(all), [0, 1]);
  pass(1e6);
  assert.deepEqual(endedOf(all), [0, 1]);
  for (const { place } of all) place.leave();
  assert.equal(connections.open, 0);
  assert.equal(clock.sweep, null, "nothing is swept when nobody is there");
});

Deno.test("too many octets that wait cost those who do not read, the longest first", () => {
  const { fill, endedOf } = setUp();
  const all = fill();
  for (const at of [3, 1, 2]) {
    all[at]!.place.enter("writing");
    all[at]!.place.wait(300);
  }
  assert.deepEqual(endedOf(all), []);
  all[4]!.place.enter("writing");
  all[4]!.place.wait(300);
  assert.deepEqual(endedOf(all), [3]);
  // What the ended one still counts back changes nothing.
  all[3]!.place.wait(-300);
  all[5]!.place.enter("writing");
  all[5]!.place.wait(100);
  assert.deepEqual(endedOf(all), [3]);
  all[5]!.place.wait(1);
  assert.deepEqual(endedOf(all), [1, 3]);
  // Who has read makes room.
  all[2]!.place.wait(-300);
  all[5]!.place.wait(600);
  assert.deepEqual(endedOf(all), [1, 3, 4]);
});

Deno.test("one with a token is not ended for its octets", () => {
  const { fill, endedOf } = setUp();
  const all = fill();
  all[0]!.place.trust();
  all[0]!.place.wait(2000);
  assert.deepEqual(endedOf(all), []);
});
