/**
 * A day of three routers on a link that loses every tenth packet, on virtual time: through the octets and the
 * receive checks, as on a real link.
 */

import assert from "node:assert/strict";
import { checkAdvertisement, type ReceiveExpectation } from "../../src/vrrp/receive.ts";
import { VirtualRouter } from "../../src/vrrp/router.ts";
import type { RouterEffect, RouterEvent, TimerName } from "../../src/vrrp/router_events.ts";
import { masterDownIntervalMs } from "../../src/vrrp/timers.ts";
import { decodeAdvertisement, encodeAdvertisement, VRRP_GROUP } from "../../src/wire/vrrp.ts";
import { seededRandom } from "../wire/random.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PRIORITIES = [200, 150, 100];
const ADDRESSES = ["192.0.2.1"];
const LOSS = 0.1;
/** The longest Master_Down_Interval on this link: the last router's. */
const SETTLING_MS = masterDownIntervalMs(2, 100, 100);

/** What happens when, in order of time and, at the same time, of scheduling: a binary heap. */
class Agenda {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly run: () => void }[] =
    [];
  #order = 0;

  add(atMs: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ atMs, order: this.#order++, run });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  /** Takes the next one off if it is due by `untilMs`. */
  next(untilMs: number): { readonly atMs: number; readonly run: () => void } | null {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.atMs > untilMs) return null;
    const last = heap.pop();
    if (heap.length === 0) return first;
    heap[0] = last!;
    for (let at = 0;;) {
      let least = at;
      if (2 * at + 1 < heap.length && this.#before(2 * at + 1, least)) least = 2 * at + 1;
      if (2 * at + 2 < heap.length && this.#before(2 * at + 2, least)) least = 2 * at + 2;
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a]!, this.#heap[b]!];
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  }
}

/** One router with its address and its timers. */
interface Node {
  readonly address: string;
  readonly priority: number;
  readonly router: VirtualRouter;
  /** The deadline that counts; what fires for another one is void. */
  readonly deadlines: Map<TimerName, number>;
  readonly expected: ReceiveExpectation;
}

class Link {
  nowMs = 0;
  loss = LOSS;
  sent = 0;
  lost = 0;
  transitions = 0;
  /** Since when there is more than one master, or none; `null` while there is exactly one. */
  unsettledSinceMs: number | null = 0;
  longestUnsettledMs = 0;
  readonly nodes: readonly Node[];
  readonly agenda = new Agenda();
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.nodes = PRIORITIES.map((priority, index) => {
      const address = `192.0.2.${10 + index}`;
      return {
        address,
        priority,
        router: new VirtualRouter({
          version: 2,
          advertIntervalCs: 100,
          priority,
          downTimerAdverts: 3,
          preempt: true,
          preemptDelayMs: 0,
          primaryAddress: address,
        }),
        deadlines: new Map(),
        expected: {
          version: 2,
          priority,
          advertIntervalCs: 100,
          authentication: { type: 0, data: new Uint8Array(8) },
          addresses: ADDRESSES,
        },
      };
    });
  }

  run(untilMs: number): void {
    for (let next = this.agenda.next(untilMs); next; next = this.agenda.next(untilMs)) {
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  tell(node: Node, event: RouterEvent): void {
    for (const effect of node.router.handle(event, this.nowMs)) this.#perform(node, effect);
  }

  masters(): readonly Node[] {
    return this.nodes.filter(({ router }) => router.state === "master");
  }

  #perform(node: Node, effect: RouterEffect): void {
    switch (effect.kind) {
      case "sendAdvertisement":
        return this.#send(node, effect.priority);
      case "clearTimer":
        node.deadlines.delete(effect.timer);
        return;
      case "setTimer": {
        const { timer, atMs } = effect;
        node.deadlines.set(timer, atMs);
        return this.agenda.add(atMs, () => {
          if (node.deadlines.get(timer) === atMs) this.tell(node, { kind: "timerFired", timer });
        });
      }
      case "stateChanged":
        this.transitions++;
        return this.#observe();
    }
  }

  #observe(): void {
    const settled = this.masters().length === 1;
    if (this.unsettledSinceMs !== null) {
      const lastedMs = this.nowMs - this.unsettledSinceMs;
      this.longestUnsettledMs = Math.max(this.longestUnsettledMs, lastedMs);
    }
    if (settled) this.unsettledSinceMs = null;
    else this.unsettledSinceMs ??= this.nowMs;
  }

  #send(from: Node, priority: number): void {
    const envelope = { source: from.address, destination: VRRP_GROUP.ipv4 };
    const payload = encodeAdvertisement(
      { version: 2, vrid: 51, priority, intervalCs: 100, addresses: ADDRESSES },
      envelope,
      "message",
    );
    this.sent++;
    for (const to of this.nodes) {
      if (to === from) continue;
      if (this.#random() < this.loss) {
        this.lost++;
        continue;
      }
      const delayMs = 0.1 + 1.9 * this.#random();
      this.agenda.add(this.nowMs + delayMs, () => {
        const decoded = decodeAdvertisement(payload, envelope);
        assert.ok(decoded.ok);
        const { advertisement } = decoded;
        assert.ok(checkAdvertisement(advertisement, to.expected).accept);
        this.tell(to, { kind: "advertisementReceived", from: from.address, advertisement });
      });
    }
  }
}

/**
 * Runs a day: lossy except for ten minutes in each hour; the first master is switched off in one of these and on
 * again in the next.
 */
function runDay(seed: number): Link {
  const link = new Link(seed);
  for (const node of link.nodes) link.tell(node, { kind: "startup" });
  const first = link.nodes[0]!;
  for (let hour = 0; hour < 24; hour++) {
    const startMs = hour * HOUR_MS;
    link.run(startMs + 50 * 60_000);
    // The network is whole again: after one Master_Down_Interval there is one master, and there is one all along.
    link.loss = 0;
    const off = hour % 2 === 1;
    link.run(link.nowMs + SETTLING_MS);
    const expected = link.nodes.find(({ router }) => router.state !== "init")!;
    assertOneMaster(link, expected);
    link.tell(first, { kind: off ? "startup" : "shutdown" });
    link.longestUnsettledMs = 0;
    link.run(startMs + 55 * 60_000);
    assertOneMaster(link, link.nodes[off ? 0 : 1]!);
    assert.ok(link.longestUnsettledMs <= SETTLING_MS, `unsettled ${link.longestUnsettledMs} ms`);
    link.run(startMs + HOUR_MS);
    link.loss = LOSS;
  }
  return link;
}

function assertOneMaster(link: Link, expected: Node): void {
  assert.deepEqual(
    link.masters().map(({ priority }) => priority),
    [expected.priority],
    `at ${link.nowMs} ms`,
  );
}

Deno.test("a day of three routers with every tenth packet lost", () => {
  const link = runDay(8);
  assert.equal(link.nowMs, DAY_MS);
  assert.ok(link.sent > 24 * 3600, `${link.sent} adverts`);
  assert.ok(link.lost > link.sent * 0.1, `${link.lost} lost`);
  assert.ok(link.transitions > 48, `${link.transitions} transitions`);
});

Deno.test("the same seed gives the same day, another seed another", () => {
  const figures = ({ sent, lost, transitions }: Link) => [sent, lost, transitions];
  assert.deepEqual(figures(runDay(9)), figures(runDay(9)));
  assert.notDeepEqual(figures(runDay(9)), figures(runDay(10)));
});
